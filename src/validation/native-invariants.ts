/**
 * Invariants that run on every resource or on every entry of a large bundle, written out.
 * Each is chosen by its exact expression (or by a key that only R4 itself uses), and tested against the expression.
 */
import type { JsonObject, JsonValue } from '../fhir/types.ts';
import { compareDates } from './limits.ts';
import { isObject, listOf, stringOf, type Holds, type Run } from './run.ts';

/** The native form of a constraint, if there is one. */
export function nativeInvariant(key: string, expression: string): Holds | undefined {
  return BY_KEY[key] ?? BY_EXPRESSION[expression];
}

const contained = (value: JsonValue): readonly JsonObject[] =>
  isObject(value) ? listOf(value['contained']).filter(isObject) : [];
const metaHas = (resource: JsonObject, name: string): boolean =>
  isObject(resource['meta']) && resource['meta'][name] !== undefined;
const has = (value: JsonObject, name: string): boolean =>
  value[name] !== undefined || value[`_${name}`] !== undefined;
const entries = (value: JsonValue): readonly JsonObject[] =>
  isObject(value) ? listOf(value['entry']).filter(isObject) : [];

/** https://hl7.org/fhir/R4/domainresource.html#invs */
const BY_KEY: Readonly<Record<string, Holds>> = {
  'dom-2': (value) => contained(value).every((resource) => resource['contained'] === undefined),
  'dom-3': (value) => contained(value).length === 0 || containedAreReferenced(value),
  'dom-4': (value) =>
    contained(value).every(
      (resource) => !metaHas(resource, 'versionId') && !metaHas(resource, 'lastUpdated'),
    ),
  'dom-5': (value) => contained(value).every((resource) => !metaHas(resource, 'security')),
  // Advice to have a narrative: given once for what was sent, not for every resource inside it.
  'dom-6': (value, { resourceAt }) =>
    resourceAt.includes('.') ||
    (isObject(value) && isObject(value['text']) && value['text']['div'] !== undefined),
  'bdl-3': (value) => entriesHave(value, 'request', REQUEST_TYPES),
  'bdl-4': (value) => entriesHave(value, 'response', RESPONSE_TYPES),
  'bdl-7': fullUrlsAreDistinct,
};

const BY_EXPRESSION: Readonly<Record<string, Holds>> = {
  'extension.exists() != value.exists()': (value) =>
    !isObject(value) || has(value, 'extension') !== hasValue(value),
  'start.hasValue().not() or end.hasValue().not() or (start <= end)': (value) =>
    !isObject(value) || isInOrder(value['start'], value['end']),
  "fullUrl.exists() implies fullUrl.contains('/_history/').not()": (value) =>
    !isObject(value) || stringOf(value['fullUrl'])?.includes('/_history/') !== true,
  // R4's expression asks for a System.Boolean, which an answerBoolean is not (corrected in R4B).
  "operator = 'exists' implies (answer is Boolean)": (value) =>
    !isObject(value) || value['operator'] !== 'exists' || value['answerBoolean'] !== undefined,
  'value.empty() or component.code.where(coding.intersect(%resource.code.coding).exists()).empty()':
    componentsDiffer,
};

function hasValue(value: JsonObject): boolean {
  for (const key in value) {
    if (key.startsWith('value') || key.startsWith('_value')) {
      return true;
    }
  }
  return false;
}

const isInOrder = (start: JsonValue | undefined, end: JsonValue | undefined): boolean =>
  typeof start !== 'string' || typeof end !== 'string' || !(compareDates(start, end) > 0);

/** Every contained resource is pointed at from the resource, or points at its container. */
function containedAreReferenced(value: JsonValue): boolean {
  const fragments = new Set<string>();
  collectFragments(value, fragments);
  return contained(value).every(
    (resource) => fragments.has(`#${String(resource['id'])}`) || pointsAtContainer(resource),
  );
}

function collectFragments(value: JsonValue, found: Set<string>): void {
  if (typeof value === 'string') {
    if (value.startsWith('#')) {
      found.add(value);
    } else if (value.startsWith('<div')) {
      collectShown(value, found);
    }
  } else if (Array.isArray(value)) {
    (value as readonly JsonValue[]).forEach((item) => collectFragments(item, found));
  } else if (isObject(value)) {
    Object.values(value).forEach((item) => collectFragments(item, found));
  }
}

/** A narrative may show a contained image, or lead to a contained resource. */
function collectShown(div: string, found: Set<string>): void {
  for (const [, fragment = ''] of div.matchAll(/(?:src|href)="(#[^"]+)"/g)) {
    found.add(fragment);
  }
}

function pointsAtContainer(resource: JsonObject): boolean {
  const found = new Set<string>();
  collectFragments(resource, found);
  return found.has('#');
}

const REQUEST_TYPES = new Set(['batch', 'transaction', 'history']);
const RESPONSE_TYPES = new Set(['batch-response', 'transaction-response', 'history']);

const entriesHave = (value: JsonValue, name: string, types: ReadonlySet<string>): boolean =>
  !isObject(value) ||
  entries(value).every((entry) => (entry[name] !== undefined) === types.has(stringOf(value['type']) ?? ''));

function fullUrlsAreDistinct(value: JsonValue): boolean {
  if (!isObject(value) || value['type'] === 'history') {
    return true;
  }
  const keys = entries(value).flatMap(({ fullUrl, resource }) => {
    const meta = isObject(resource) ? resource['meta'] : undefined;
    const version = isObject(meta) ? (stringOf(meta['versionId']) ?? '') : '';
    return typeof fullUrl === 'string' ? [`${fullUrl} ${version}`] : [];
  });
  return new Set(keys).size === keys.length;
}

/** obs-7: with a value, no component has a coding that the observation's own code has. */
function componentsDiffer(value: JsonValue, { resource }: Run): boolean {
  if (!isObject(value) || value['component'] === undefined || !hasValue(value)) {
    return true;
  }
  const own = new Set(codingsOf(resource['code']));
  return listOf(value['component'])
    .filter(isObject)
    .every(({ code }) => !codingsOf(code ?? null).some((coding) => own.has(coding)));
}

const codingsOf = (concept: JsonValue | undefined): readonly string[] =>
  isObject(concept) ? listOf(concept['coding']).map((coding) => JSON.stringify(coding)) : [];
