/**
 * Documents and messages: https://hl7.org/fhir/R4/documents.html#bundle, https://hl7.org/fhir/R4/messageheader.html
 * What the first entry refers to is in the Bundle, and nothing stands there that cannot be reached from it.
 */
import type { JsonObject, JsonValue } from '../../fhir/types.ts';
import { bundleIndex, type BundleEntry, type BundleIndex } from '../bundle-index.ts';
import { fail, isObject, listOf, shown, stringOf, type Run } from '../run.ts';

/** Elements of a Composition whose targets belong in the document. */
const COMPOSITION = ['subject', 'encounter', 'author', 'attester.party', 'custodian', 'event.detail'];

export function documentRules(bundle: JsonObject, at: string, run: Run): void {
  const index = bundleIndex(bundle);
  const [first] = index.entries;
  if (first?.resource['resourceType'] !== 'Composition') {
    return;
  }
  const found = [
    ...COMPOSITION.flatMap((path) => referencesAt(first.resource, path.split('.'), '')),
    ...sectionReferences(first.resource, ''),
  ];
  mustBeIn(index, first, found, `${at}.entry[${first.index}].resource`, run);
  mustBeReached(index, first, at, run);
}

export function messageRules(bundle: JsonObject, at: string, run: Run): void {
  const index = bundleIndex(bundle);
  const [first] = index.entries;
  if (first?.resource['resourceType'] === 'MessageHeader') {
    mustBeIn(
      index,
      first,
      referencesAt(first.resource, ['focus'], ''),
      `${at}.entry[${first.index}].resource`,
      run,
    );
  }
}

interface Found {
  readonly reference: string;
  readonly at: string;
}

function referencesAt(
  value: JsonValue | undefined,
  [name, ...rest]: readonly string[],
  at: string,
): readonly Found[] {
  if (name === undefined) {
    const reference = isObject(value) ? stringOf(value['reference']) : undefined;
    return reference === undefined || reference.startsWith('#') ? [] : [{ reference, at }];
  }
  const member = isObject(value) ? value[name] : undefined;
  return listOf(member).flatMap((item, index) =>
    referencesAt(item, rest, `${at}.${name}${Array.isArray(member) ? `[${index}]` : ''}`),
  );
}

function sectionReferences(container: JsonObject, at: string): readonly Found[] {
  return listOf(container['section']).flatMap((section, index) => {
    const place = `${at}.section[${index}]`;
    return isObject(section)
      ? [
          ...referencesAt(section, ['entry'], place),
          ...referencesAt(section, ['focus'], place),
          ...sectionReferences(section, place),
        ]
      : [];
  });
}

function mustBeIn(
  index: BundleIndex,
  { fullUrl }: BundleEntry,
  references: readonly Found[],
  at: string,
  run: Run,
): void {
  for (const { reference, at: place } of references) {
    const targets = index.find(reference, fullUrl);
    if (targets.length !== 1) {
      const words = targets.length === 0 ? 'is not in the Bundle' : 'stands in the Bundle more than once';
      const text = `What ${shown(reference)} refers to ${words}; it is found by the fullUrl of its entry.`;
      fail(run, 'not-found', 'bundle-reference', at + place, text);
    }
  }
}

/** From the Composition along references, in both directions (a Provenance points at what it is about). */
function mustBeReached(index: BundleIndex, first: BundleEntry, at: string, run: Run): void {
  const targets = new Map(index.entries.map((entry) => [entry, targetsOf(entry, index)] as const));
  const reached = new Set<BundleEntry>([first]);
  for (let size = 0; size < reached.size;) {
    size = reached.size;
    for (const [entry, found] of targets) {
      if (reached.has(entry)) {
        found.forEach((target) => reached.add(target));
      } else if (found.some((target) => reached.has(target))) {
        reached.add(entry);
      }
    }
  }
  for (const entry of index.entries.filter((candidate) => !reached.has(candidate) && !isStyle(candidate))) {
    const text =
      'Nothing in the document leads from its Composition to this entry; refer to it or leave it out.';
    fail(run, 'invalid', 'bundle-unreachable', `${at}.entry[${entry.index}]`, text);
  }
}

/** Style sheets are named by a link of the Bundle. */
const isStyle = ({ resource }: BundleEntry): boolean => resource['resourceType'] === 'Binary';

function targetsOf({ resource, fullUrl }: BundleEntry, index: BundleIndex): readonly BundleEntry[] {
  const found: BundleEntry[] = [];
  collect(resource, (reference) => found.push(...index.find(reference, fullUrl)));
  return found;
}

function collect(value: JsonValue, take: (reference: string) => void): void {
  if (Array.isArray(value)) {
    (value as readonly JsonValue[]).forEach((item) => collect(item, take));
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (
        typeof member === 'string' &&
        (name === 'reference' || name === 'url' || name.startsWith('value'))
      ) {
        take(member);
      } else if (typeof member === 'object') {
        collect(member, take);
      }
    }
  }
}
