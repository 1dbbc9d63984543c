/**
 * Parts of resources: https://hl7.org/fhir/R4/search.html#summary and #elements
 * What is left out is said: the answer carries the tag SUBSETTED, and the server takes no such resource back.
 */
import type { R4Definitions } from '../content/r4.ts';
import { copyExactNumbers, parseJson, stringifyJson } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import type { ElementDefinition, JsonObject, JsonValue } from '../fhir/types.ts';
import { SUBSETTED } from '../repository/check.ts';

export type Subset =
  | { readonly kind: 'true' | 'text' | 'data' }
  | { readonly kind: 'elements'; readonly names: ReadonlySet<string> };

/** JSON text of a resource → JSON text of its part. */
export type TakeSubset = (content: string, subset: Subset | undefined) => string;

/** Which part `_summary` or `_elements` asks for; undefined = the whole. Throws 400. `count` is for searches alone. */
export function parseSubset(query: URLSearchParams): Subset | undefined {
  const summary = query.get('_summary');
  const names = query.getAll('_elements').flatMap((value) => value.split(','));
  if (names.length > 0 && summary !== null && summary !== 'false') {
    throw badRequest('Ask for _summary or for _elements, not for both.', undefined, 'search-value');
  }
  if (names.length > 0) {
    return { kind: 'elements', names: new Set(names.map(elementName)) };
  }
  switch (summary) {
    case null:
    case 'false':
    case 'count':
      return undefined;
    case 'true':
    case 'text':
    case 'data':
      return { kind: summary };
    default:
      throw badRequest('_summary must be true, text, data, count or false.', undefined, 'search-value');
  }
}

function elementName(text: string): string {
  const name = text.replace(/^[A-Z][A-Za-z]+\./, '');
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) {
    throw badRequest('_elements must be a list of names of top-level elements.', undefined, 'search-value');
  }
  return name;
}

/** An element as far as summaries are concerned. */
interface Part {
  readonly isSummary: boolean;
  /** Mandatory and modifier elements are never left out. */
  readonly isNeeded: boolean;
  readonly children: Map<string, Part>;
}

/** Make the function that takes parts, by the definitions' isSummary. */
export function createSubset({
  structureDefinitions,
}: Pick<R4Definitions, 'structureDefinitions'>): TakeSubset {
  const parts = new Map<string, Part>();
  const partOf = (type: string): Part => {
    const part = parts.get(type) ?? readPart(structureDefinitions.get(type)?.snapshot?.element ?? []);
    parts.set(type, part);
    return part;
  };
  return (content, subset) => {
    if (subset === undefined) {
      return content;
    }
    const resource = parseJson(content) as JsonObject;
    const root = partOf(resource['resourceType'] as string);
    return stringifyJson(tagged(take(resource, root, subset)));
  };
}

function readPart(elements: readonly ElementDefinition[]): Part {
  const root: Part = { isSummary: true, isNeeded: true, children: new Map() };
  for (const { path = '', isSummary, isModifier, min } of elements) {
    const names = path.split('.').slice(1);
    const own = names.pop();
    const parent = names.reduce<Part | undefined>((part, name) => part?.children.get(name), root);
    if (own !== undefined) {
      parent?.children.set(own, {
        isSummary: isSummary === true,
        isNeeded: isModifier === true || (min ?? 0) > 0,
        children: new Map(),
      });
    }
  }
  return root;
}

const ALWAYS: ReadonlySet<string> = new Set(['resourceType', 'id', 'meta']);

function take(resource: JsonObject, root: Part, subset: Subset): JsonObject {
  const kept = Object.entries(resource).flatMap(([key, value]) => {
    const name = key.replace(/^_/, '');
    const part = childOf(root, name);
    if (ALWAYS.has(name)) {
      return [[key, value] as const];
    }
    if (subset.kind === 'true') {
      const summary = summaryOf(value, part);
      return summary === undefined ? [] : [[key, summary] as const];
    }
    return isKept(name, part, subset) ? [[key, value] as const] : [];
  });
  return withNumbers(resource, Object.fromEntries(kept));
}

function isKept(name: string, part: Part | undefined, subset: Subset): boolean {
  if (subset.kind === 'data') {
    return name !== 'text';
  }
  const isAsked =
    subset.kind === 'elements' ? [...subset.names].some((asked) => isNamed(name, asked)) : name === 'text';
  return isAsked || part?.isNeeded === true;
}

/** `value` also names `valueQuantity`. */
const isNamed = (name: string, asked: string): boolean =>
  name === asked || (name.startsWith(asked) && /^[A-Z]/.test(name.slice(asked.length)));

/** The definition's element for a member's name, `deceased[x]` for `deceasedBoolean`. */
function childOf({ children }: Part, name: string): Part | undefined {
  const exact = children.get(name);
  if (exact !== undefined) {
    return exact;
  }
  const choice = [...children.keys()].find((key) => key.endsWith('[x]') && isNamed(name, key.slice(0, -3)));
  return choice === undefined ? undefined : children.get(choice);
}

/** The value with its summary elements alone; undefined when none is left. */
function summaryOf(value: JsonValue, part: Part | undefined): JsonValue | undefined {
  if (part === undefined || !(part.isSummary || part.isNeeded)) {
    return undefined;
  }
  if (part.children.size === 0) {
    return value;
  }
  if (Array.isArray(value)) {
    const items = (value as readonly JsonValue[]).flatMap((item) => summaryOf(item, part) ?? []);
    return items.length === 0 ? undefined : items;
  }
  const object = value as JsonObject;
  const kept = Object.entries(object).flatMap(([key, member]) => {
    const summary = summaryOf(member, childOf(part, key.replace(/^_/, '')));
    return summary === undefined ? [] : [[key, summary] as const];
  });
  return kept.length === 0 ? undefined : withNumbers(object, Object.fromEntries(kept));
}

function withNumbers(from: JsonObject, to: Record<string, JsonValue>): JsonObject {
  copyExactNumbers(from, to);
  return to;
}

function tagged(resource: JsonObject): JsonObject {
  const meta = (resource['meta'] ?? {}) as JsonObject;
  const tags = (meta['tag'] ?? []) as readonly JsonValue[];
  return withNumbers(resource, { ...resource, meta: { ...meta, tag: [...tags, SUBSETTED] } });
}
