/** Resources with faults in them, as JSON members and as JSON text: https://hl7.org/fhir/R4/json.html */
import fc from 'fast-check';
import type { JsonObject } from '../../src/fhir/types.ts';
import { headersOf } from './headers.ts';
import { awkward, mildMutations, mutate, mutations } from './mutations.ts';
import type { Probe } from './probe.ts';
import { examples, IDS, madeUp } from './sources.ts';

export const anyResource: fc.Arbitrary<JsonObject> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...examples) },
  { weight: 1, arbitrary: madeUp },
);

/** A resource with up to four faults, with a change that it may survive, or as it is. */
export const faulty = fc
  .tuple(
    anyResource,
    fc.oneof(
      { weight: 4, arbitrary: mutations },
      { weight: 5, arbitrary: mildMutations },
      { weight: 1, arbitrary: fc.constant([]) },
    ),
  )
  .map(([resource, faults]) => mutate(resource, faults));

/** POST, PUT with and without a condition: what the body says and what the URL says need not agree. */
export const resourceProbes: fc.Arbitrary<Probe> = fc
  .tuple(
    faulty,
    fc.constantFrom('POST', 'POST', 'POST', 'PUT own', 'PUT own', 'PUT', 'PUT ?'),
    fc.constantFrom(...IDS),
    headersOf('few'),
  )
  .map(([resource, how, id, headers]) => {
    const own = (resource ?? {}) as JsonObject;
    const type =
      typeof own['resourceType'] === 'string'
        ? encodeURIComponent(wellFormed(own['resourceType']))
        : 'Patient';
    const sent = how === 'PUT own' && isObject(resource) ? { ...own, id } : resource;
    return {
      kind: 'resource',
      method: how === 'POST' ? 'POST' : 'PUT',
      path: PATHS[how]?.(type, id) ?? type,
      headers,
      body: JSON.stringify(sent),
      sender: 'ehr',
    };
  });

const PATHS: Readonly<Record<string, (type: string, id: string) => string>> = {
  PUT: (type, id) => `${type}/${id}`,
  'PUT own': (type, id) => `${type}/${id}`,
  'PUT ?': (type, id) => `${type}?identifier=urn:fuzz|${id}`,
};

export const wellFormed = (text: string): string => text.toWellFormed();

const isObject = (value: unknown): boolean =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** What a parser may repair, and must not: put into the text of a resource. */
const DAMAGES = [
  '"__proto__":{"active":true},',
  '"constructor":{"prototype":{"x":1}},',
  '"resourceType":"Patient",',
  '"id":"a","id":"b",',
  '"extension":[{"url":"urn:x","valueDecimal":0.1000000000000000000000000000000000000000001}],',
  '"extension":[{"url":"urn:x","valueDecimal":1e400}],',
  '"extension":[{"url":"urn:x","valueDecimal":-1E+99999999999}],',
  `"extension":[{"url":"urn:x","valueDecimal":${'9'.repeat(4000)}}],`,
  `"extension":[{"url":"urn:x","valueInteger":${'1'.repeat(400)}}],`,
  '"extension":[{"url":"urn:x","valueString":"\\ud800"}],',
  '"extension":[{"url":"urn:x","valueString":"\\u0000"}],',
  '"extension":[{"url":"urn:x","valueString":"\\u202e\\u2066x"}],',
  `"extension":[{"url":"urn:x","valueString":"${'\u{1F469}\u200d'.repeat(3000)}"}],`,
  `"extension":${'[{"url":"x","extension":'.repeat(70)}[]${'}]'.repeat(70)},`,
  `"contained":${'['.repeat(5000)}${']'.repeat(5000)},`,
  `"identifier":[${'{"system":"urn:x","value":"y"},'.repeat(400)}{}],`,
  '"meta":{"versionId":"9","lastUpdated":"2999-01-01T00:00:00Z","security":[{"code":"R"}],"tag":[{}]},',
  '\ufeff',
  '//x\n',
  'NaN,',
  '-0,',
  '01,',
] as const;

const CHARACTERS = [
  '',
  '"',
  '{',
  ']',
  ',',
  ':',
  '\\',
  '\u0000',
  '0',
  'é',
  '\\u0000',
  '\\ud800',
  '\t',
  '\u2028',
] as const;

/** JSON text with members that JSON.parse would take in silence, with single wrong characters, or cut short. */
export const jsonTextProbes: fc.Arbitrary<Probe> = fc
  .tuple(
    anyResource,
    fc.oneof(
      fc.constantFrom(...DAMAGES).map((damage) => (text: string) => `{${damage}${text.slice(1)}`),
      fc
        .array(fc.tuple(fc.nat(20_000), fc.constantFrom(...CHARACTERS)), { minLength: 1, maxLength: 3 })
        .map((places) => (text: string) => places.reduce(putIn, text)),
      fc.nat(20_000).map((length) => (text: string) => text.slice(0, length % text.length)),
      awkward.map((value) => () => JSON.stringify(value)),
    ),
    fc.constantFrom('utf-8', 'utf-8', 'utf-8', 'latin1', 'utf16le'),
    headersOf('few'),
  )
  .map(([resource, damage, encoding, headers]) => {
    const text = damage(JSON.stringify(resource)) ?? '';
    return {
      kind: 'json text',
      method: 'POST',
      path: String(resource['resourceType']),
      headers,
      body: encoding === 'utf-8' ? text : Buffer.from(text, encoding as BufferEncoding),
      sender: 'ehr',
    };
  });

function putIn(text: string, [place, character]: readonly [number, string]): string {
  const at = place % Math.max(text.length, 1);
  return `${text.slice(0, at)}${character}${text.slice(at + 1)}`;
}
