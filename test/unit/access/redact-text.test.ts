/** Pseudonymised reading of stored text (BK-10, ID-02): the short way must never differ from the long one. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { pseudonymise } from '../../../src/access/redact.ts';
import { pseudonymiseText, tellsOfNobody } from '../../../src/access/redact-text.ts';
import { parseJson, stringifyJson } from '../../../src/fhir/json.ts';
import type { JsonObject, JsonValue } from '../../../src/fhir/types.ts';

const readExamples = (): readonly string[] =>
  gunzipSync(readFileSync(new URL('../../conformance/data/r4-examples.ndjson.gz', import.meta.url)))
    .toString('utf8')
    .split('\n')
    .map((line) => stringifyJson(parseJson(line)));

const theLongWay = (text: string): string => stringifyJson(pseudonymise(parseJson(text) as JsonObject));

const observation = (parts: JsonObject): string =>
  stringifyJson({ resourceType: 'Observation', id: 'o', status: 'final', ...parts });

describe('The text of a resource', () => {
  it('is passed on as it is when it says nothing of who anybody is.', () => {
    const text = observation({
      code: {
        coding: [{ system: 'http://loinc.org', code: '72514-3', display: 'Pain {now}' }],
        text: 'Pain',
      },
      subject: { reference: 'Patient/p' },
      valueQuantity: { value: 7, unit: '{score}' },
    });

    expect(tellsOfNobody(observation({ subject: { reference: 'Patient/p' } }))).toBe(true);
    expect(pseudonymiseText(text)).toBe(text);
  });

  it.each<[string, JsonObject]>([
    ['what a reference shows', { subject: { reference: 'Patient/p', display: 'Kari Fjell' } }],
    ['what a reference shows before it points', { subject: { display: 'Kari', reference: 'Patient/p' } }],
    [
      'what a reference shows, beside a code that is another’s',
      { subject: { display: 'Kari', extension: [{ valueCoding: { code: 'x', system: 'http://x.no' } }] } },
    ],
    ['a code inside what is shown', { subject: { display: 'Kari ,"code":"x"' } }],
    ['a number', { subject: { identifier: { value: '1' }, reference: 'Patient/p' } }],
    ['a person’s number as a value', { valueIdentifier: { system: 'HNR', value: '1' } }],
    ['a name as text', { note: [{ authorString: 'Ane Sol', text: 'ring' }] }],
    ['an account', { meta: { source: 'urn:ryggrad:user:lu-ane' } }],
    ['a contained person', { contained: [{ resourceType: 'Patient', name: [{ family: 'Fjell' }] }] }],
    ['a narrative', { text: { status: 'generated', div: '<div>Kari</div>' } }],
  ])('is taken apart when it tells %s.', (_what, parts) => {
    const text = observation(parts);

    expect(tellsOfNobody(text)).toBe(false);
    expect(pseudonymiseText(text)).toBe(theLongWay(text));
    expect(pseudonymiseText(text)).not.toMatch(/Kari|Fjell|Sol|lu-ane/);
  });

  it('is taken apart for every person.', () => {
    const patient = stringifyJson({ resourceType: 'Patient', id: 'p', birthDate: '1965-08-13' });

    expect(pseudonymiseText(patient)).toBe('{"resourceType":"Patient","id":"p","birthDate":"1965"}');
  });

  it('comes out as from the long way, whatever it holds.', () => {
    const key = fc.constantFrom(
      ...['code', 'system', 'display', 'text', 'identifier', 'reference', 'value', 'authorString', 'source'],
      ...['contained', 'resourceType', 'data', 'extension', 'subject', 'div'],
    );
    const text = fc.constantFrom(
      ...['Kari', 'a "code":"x" b', '{', '}', '\\', 'urn:oid:2.16.578.1.12.4.1.4.1', 'HNR', 'Patient'],
      ...['urn:ryggrad:user:x', 'Patient/p', '\u0007', 'http://hl7.no/fhir/NamingSystem/FNR', ''],
    );
    const value = fc.letrec<{ any: JsonValue }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 5 },
        text,
        fc.integer(),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(key, tie('any'), { maxKeys: 5 }) as fc.Arbitrary<JsonValue>,
      ),
    })).any;
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: 6 }), ({ text: _, ...parts }) => {
        const stored = observation(parts as JsonObject);

        expect(pseudonymiseText(stored)).toBe(theLongWay(stored));
      }),
      { numRuns: 20_000 },
    );
  });

  it('of the official examples comes out as from the long way.', () => {
    const examples = readExamples();

    expect(examples.length).toBeGreaterThan(100);
    expect(examples.filter((text) => pseudonymiseText(text) !== theLongWay(text))).toEqual([]);
    expect(examples.filter(tellsOfNobody).length).toBeGreaterThan(0);
  });
});
