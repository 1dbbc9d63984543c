/**
 * What the fuzzer mutates: the official R4 examples, resources out of Synthea's histories, and resources made up from the
 * definitions, member by member.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { loadR4 } from '../../src/content/r4.ts';
import { RESOURCE_TYPES } from '../../src/fhir/resource-types.ts';
import { createShapes, type Member, type Shape } from '../../src/fhir/shape.ts';
import type { JsonObject, JsonValue } from '../../src/fhir/types.ts';

/** Ids that probes meet each other at. */
export const IDS = ['fuzz', 'fuzz-1', 'fuzz-2', 'fuzz-3', 'fuzz-4'] as const;

/** Resources longer than this are sent by the bundles only. */
const LONGEST = 12_000;
const DATA = new URL('../conformance/data/', import.meta.url);

const unzipped = (path: string): string => gunzipSync(readFileSync(new URL(path, DATA))).toString('utf8');

/** The official examples, and up to four of each type from Synthea; whom they refer to is the Patient `fuzz`. */
export const examples: readonly JsonObject[] = [...official(), ...synthetic()].map(
  (resource) => withKnownReferences(resource) as JsonObject,
);

function official(): readonly JsonObject[] {
  return unzipped('r4-examples.ndjson.gz')
    .trimEnd()
    .split('\n')
    .filter((line) => line.length < LONGEST)
    .map((line) => JSON.parse(line) as JsonObject)
    .filter(({ resourceType }) => resourceType !== 'Subscription');
}

function synthetic(): readonly JsonObject[] {
  const counts = new Map<unknown, number>();
  return readdirSync(new URL('synthea/', DATA))
    .filter((name) => name.endsWith('.gz'))
    .sort()
    .slice(0, 5)
    .map((name) => JSON.parse(unzipped(`synthea/${name}`)) as { entry: readonly { resource: JsonObject }[] })
    .flatMap(({ entry }) => entry.map(({ resource }) => resource))
    .filter((resource) => {
      const count = counts.get(resource['resourceType']) ?? 0;
      counts.set(resource['resourceType'], count + 1);
      return count < 4 && JSON.stringify(resource).length < LONGEST;
    });
}

/** References to a Patient lead to `fuzz`; others become their display, so that examples can be stored as they are. */
export function withKnownReferences(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    return (value as readonly JsonValue[]).map(withKnownReferences);
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value as JsonObject).map(([key, member]) => {
      if (key !== 'reference' || typeof member !== 'string' || /^(?:#|https?:)/.test(member)) {
        return [key, withKnownReferences(member)] as const;
      }
      return member.startsWith('Patient/')
        ? ([key, 'Patient/fuzz'] as const)
        : (['display', member] as const);
    }),
  );
}

const shapes = createShapes((type) => loadR4().structureDefinitions.get(type));
const DEEPEST = 5;

/** A resource of any type with some of its members, each with a value of its type, or nearly. */
export const madeUp: fc.Arbitrary<JsonObject> = fc
  .tuple(fc.constantFrom(...RESOURCE_TYPES), fc.array(fc.nat(9999), { minLength: 60, maxLength: 60 }))
  .map(([type, draws]) => {
    let at = 0;
    const draw = (below: number): number => (draws[at++ % draws.length] as number) % below;
    const shape = shapes.get(type);
    return shape === undefined || type === 'Subscription'
      ? { resourceType: 'Basic', code: { text: type } }
      : { resourceType: type, ...membersOf(shape, draw, 0) };
  });

type Draw = (below: number) => number;

function membersOf(shape: Shape, draw: Draw, depth: number): JsonObject {
  const share = depth === 0 ? 2 : 3 + depth;
  const chosen = depth > DEEPEST ? [] : shape.members.filter(() => draw(share) === 0);
  return Object.fromEntries(
    chosen.slice(0, 12).map((member) => {
      const value = valueOf(member, draw, depth);
      return [member.name, member.isList ? [value, ...(draw(5) === 0 ? [value] : [])] : value];
    }),
  );
}

function valueOf(member: Member, draw: Draw, depth: number): JsonValue {
  const values = PRIMITIVES[member.type];
  if (values !== undefined) {
    return values[draw(values.length)] as JsonValue;
  }
  if (member.type === 'Resource') {
    return { resourceType: 'Basic', id: 'inner', code: { text: 'x' } };
  }
  return member.type === 'Reference' && draw(2) === 0
    ? { reference: 'Patient/fuzz' }
    : membersOf(member.shape(), draw, depth + 1);
}

/** Values of each primitive type; the last of each is one too many. */
const PRIMITIVES: Readonly<Record<string, readonly JsonValue[]>> = {
  string: ['x', 'Åse', 'a b', ''],
  markdown: ['*x*', ' '],
  code: ['active', 'final', 'draft', 'en', 'completed', 'male', ' x '],
  id: ['a', 'fuzz', 'a_b'],
  uri: ['urn:x', 'http://loinc.org', 'http://snomed.info/sct', ''],
  url: ['http://127.0.0.1:9/', ':'],
  canonical: ['http://hl7.org/fhir/StructureDefinition/Patient', 'http://x|1', '|'],
  oid: ['urn:oid:2.16.578.1.12.4.1.4.1', 'urn:oid:9'],
  uuid: ['urn:uuid:00000000-0000-4000-8000-000000000000', 'urn:uuid:x'],
  boolean: [true, false, 'true'],
  integer: [0, 7, -1, 2147483647, 2147483648],
  positiveInt: [1, 0],
  unsignedInt: [0, 1, -1],
  decimal: [1, 1.5, -0.001, 1e20, '1.0'],
  date: ['2026', '2026-02', '2026-02-28', '2026-02-30'],
  dateTime: ['2026', '2026-02-28T10:00:00+01:00', '2026-02-28T10:00:00'],
  instant: ['2026-02-28T10:00:00Z', '2026-02-28T10:00:00.123456789+14:00', '2026'],
  time: ['10:00:00', '24:00:00'],
  base64Binary: ['AAAA', 'A'],
  xhtml: ['<div xmlns="http://www.w3.org/1999/xhtml">x</div>', '<div><script>x</script></div>'],
};
