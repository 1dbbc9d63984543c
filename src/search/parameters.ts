/**
 * The search parameters of every resource type: https://hl7.org/fhir/R4/searchparameter-registry.html
 * Built from SearchParameter resources (the specification's and the registers' own), each expression cut down to the
 * branches of one resource type and compiled on first use.
 */
import type { CodeExpander } from '../terminology/terminology.ts';
import type { SearchParameter } from '../fhir/types.ts';
import { RESOURCE_TYPES, isResourceType } from '../fhir/resource-types.ts';
import { hash32 } from '../fhir/id.ts';
import { compileExpression } from './extract.ts';
import type { Extractor } from './extract.ts';
import { bindingSystems } from './bindings.ts';
import type { ElementSource } from './bindings.ts';
import { columnOf } from './columns.ts';
import type { Column } from './columns.ts';
import { textsIn } from './words.ts';

const PARAMETER_TYPES = [
  'number',
  'date',
  'string',
  'token',
  'reference',
  'composite',
  'quantity',
  'uri',
  'special',
] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

/** One search parameter of one resource type. */
export interface Parameter {
  readonly code: string;
  /** The resource type that it was asked for (`Observation`, also for parameters of `Resource`). */
  readonly base: string;
  readonly type: ParameterType;
  /** Canonical url of the definition, for the CapabilityStatement. */
  readonly url: string;
  readonly documentation: string;
  /** hash32 of the code: `param` in the index tables. */
  readonly key: number;
  /** Types that a reference may point at; empty = any. */
  readonly targets: readonly string[];
  readonly expression: string;
  readonly extract: Extractor;
  /** Where the value is kept when it is not (only) in an index table. */
  readonly column: Column | undefined;
  /** Parts of a composite parameter, in order; empty for others. */
  readonly components: readonly Component[];
  /** Composite of the resource's own elements: its parts are independent criteria. */
  readonly isRootComposite: boolean;
  /** How a `special` parameter works; undefined for others. */
  readonly special: Special | undefined;
  /** Systems of the value set that a `code` is bound to: asked for with one of them, the bare code is meant. */
  readonly systems: () => readonly string[];
}

/** By distance, or by the words of the narrative (`_text`) or of the whole resource (`_content`). */
export type Special = 'near' | 'words';

export interface Component {
  /** The parameter that the part is defined by. */
  readonly code: string;
  readonly type: ParameterType;
  readonly expression: string;
  /** Applied to a node that the composite's own expression selects, and the resource that it is in. */
  readonly extract: (node: unknown, resource: unknown) => readonly unknown[];
}

export interface ParameterTable {
  /** All parameters of a resource type, by code; the common ones (`_id`, `_tag` …) included. */
  of(type: string): ReadonlyMap<string, Parameter>;
  find(type: string, code: string): Parameter | undefined;
  /** Why a parameter of the definitions cannot be used; undefined when there is nothing to say about it. */
  refusal?(type: string, code: string): string | undefined;
  /** How far the indexing of a parameter is that cannot be searched by yet; undefined when it can. */
  pending?(type: string, code: string): string | undefined;
  /** What value sets and hierarchies of codes hold. */
  readonly codes?: CodeExpander;
}

/** Parameters that would promise more than is done. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  phonetic:
    'there is no key of sound-alike names that fits Norwegian ones: search by name, which looks at beginnings',
  _query: 'no named queries are defined here',
};

const CONTENT_REFUSAL =
  'its words would take many times the room of all other index rows: a register turns it on for a type with a ' +
  'SearchParameter whose code is _content and whose base is that type';

/**
 * Index definitions by resource type. A later definition of the same type and code replaces an earlier one, so that a
 * register's content may sharpen a parameter. `elements` tells the systems of bound codes.
 */
export function createParameters(
  definitions: readonly SearchParameter[],
  elements?: ElementSource,
): ParameterTable {
  const sources: Sources = {
    byUrl: new Map(definitions.map((definition) => [definition.url, definition])),
    elements,
  };
  const byType = groupByType(definitions);
  const compiled = new Map<string, ReadonlyMap<string, Parameter>>();
  const of = (type: string): ReadonlyMap<string, Parameter> => {
    const known = compiled.get(type) ?? compileType(type, byType.get(type) ?? [], sources);
    compiled.set(type, known);
    return known;
  };
  return {
    of,
    find: (type, code) => of(type).get(code),
    refusal: (type, code) =>
      (byType.get(type) ?? []).some((definition) => definition.code === code)
        ? (LEFT_OUT[code] ?? (code === '_content' ? CONTENT_REFUSAL : undefined))
        : undefined,
  };
}

interface Sources {
  readonly byUrl: ByUrl;
  readonly elements: ElementSource | undefined;
}

type ByUrl = ReadonlyMap<string, SearchParameter>;

function groupByType(
  definitions: readonly SearchParameter[],
): ReadonlyMap<string, readonly SearchParameter[]> {
  const byType = new Map<string, SearchParameter[]>(RESOURCE_TYPES.map((type) => [type, []]));
  for (const definition of definitions) {
    for (const type of definition.base.flatMap(concreteTypes)) {
      byType.get(type)?.push(definition);
    }
  }
  return byType;
}

/** `Resource` and `DomainResource` stand for every type; search cannot tell them apart, as R4's own list does not. */
const concreteTypes = (base: string): readonly string[] =>
  isResourceType(base) || !ABSTRACT.has(base) ? [base] : RESOURCE_TYPES;

function compileType(
  type: string,
  definitions: readonly SearchParameter[],
  sources: Sources,
): ReadonlyMap<string, Parameter> {
  const parameters = definitions
    .map((definition) => compileParameter(type, definition, sources))
    .filter((parameter) => parameter !== undefined);
  return new Map(parameters.map((parameter) => [parameter.code, parameter]));
}

function compileParameter(
  type: string,
  definition: SearchParameter,
  { byUrl, elements }: Sources,
): Parameter | undefined {
  const { code } = definition;
  const special = specialOf(definition);
  const expression = branchesOf(type, special?.expression ?? definition.expression ?? '');
  const kind = special === undefined ? definition.type : 'special';
  const isUsable = kind !== 'special' || special !== undefined;
  if (expression === '' || !isParameterType(kind) || !isUsable || Object.hasOwn(LEFT_OUT, code)) {
    return undefined;
  }
  return {
    code,
    base: type,
    type: kind,
    url: definition.url,
    documentation: definition.description,
    key: hash32(code),
    targets: definition.target ?? [],
    expression,
    extract: special?.extract ?? lazy(() => compileExpression(expression)),
    column: columnOf(type, code, expression),
    components: componentsOf(definition).map((part) => compileComponent(part, byUrl)),
    isRootComposite: definition.type === 'composite' && expression === type,
    special: special?.kind,
    systems: once(() => (elements === undefined ? [] : bindingSystems(elements, expression))),
  };
}

interface SpecialDefinition {
  readonly kind: Special;
  readonly expression: string;
  readonly extract?: Extractor;
}

/** Parameters whose definition says in words how they work. */
function specialOf({ code, base }: SearchParameter): SpecialDefinition | undefined {
  if (code === '_text') {
    return { kind: 'words', expression: 'DomainResource.text.div' };
  }
  if (code === '_content' && !base.some((type) => ABSTRACT.has(type))) {
    return { kind: 'words', expression: 'Resource', extract: textsIn };
  }
  return code === 'near' && base.includes('Location')
    ? { kind: 'near', expression: 'Location.position' }
    : undefined;
}

const ABSTRACT: ReadonlySet<string> = new Set(['Resource', 'DomainResource']);

const isParameterType = (type: string): type is ParameterType =>
  (PARAMETER_TYPES as readonly string[]).includes(type);

/** R4 has the expressions of these two parts the wrong way round (the reference is in `target`). */
const SWAPPED: ReadonlySet<string> = new Set([
  'http://hl7.org/fhir/SearchParameter/DocumentReference-relationship',
]);

function componentsOf({ url, component = [] }: SearchParameter): NonNullable<SearchParameter['component']> {
  const expressions = component.map(({ expression }) => expression);
  return SWAPPED.has(url) && expressions[0] === 'code'
    ? component.map((part, index) => ({ ...part, expression: expressions.at(-1 - index) ?? '' }))
    : component;
}

function compileComponent(
  { definition, expression }: NonNullable<SearchParameter['component']>[number],
  byUrl: ByUrl,
): Component {
  const target = byUrl.get(definition);
  if (target === undefined || !isParameterType(target.type)) {
    throw new Error(`The search parameter ${definition}, part of a composite, is not defined`);
  }
  return {
    code: target.code,
    type: target.type,
    expression,
    extract: componentExtractor(expression),
  };
}

const OF_RESOURCE = '%resource.';

function componentExtractor(expression: string): Component['extract'] {
  if (!expression.startsWith(OF_RESOURCE)) {
    return lazy(() => compileExpression(expression));
  }
  const extract = lazy(() => compileExpression(expression.slice(OF_RESOURCE.length)));
  return (_node, resource) => extract(resource);
}

/** Most types are never met, so an expression is compiled when it is needed. */
function lazy(compile: () => Extractor): Extractor {
  const extractor = once(compile);
  return (node) => extractor()(node);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

/** The alternatives of `A.x | B.x | (C.y.ofType(Z))` that can select something in one type, joined again. */
export function branchesOf(type: string, expression: string): string {
  return splitUnion(expression)
    .filter((branch) => {
      const head = /^\(*\s*([A-Za-z]+)/.exec(branch)?.[1] ?? '';
      return head === type || head === 'Resource' || head === 'DomainResource' || !isResourceType(head);
    })
    .join(' | ');
}

/** Splits at `|` outside of brackets and quotes. */
function splitUnion(expression: string): readonly string[] {
  const branches: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = 0;
  for (const [i, c] of [...expression].entries()) {
    if (c === "'") {
      isQuoted = !isQuoted;
    } else if (!isQuoted && (c === '(' || c === ')')) {
      depth += c === '(' ? 1 : -1;
    } else if (c === '|' && depth === 0 && !isQuoted) {
      branches.push(expression.slice(start, i));
      start = i + 1;
    }
  }
  return [...branches, expression.slice(start)]
    .map((branch) => branch.trim())
    .filter((branch) => branch !== '');
}
