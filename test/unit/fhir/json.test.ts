/** https://hl7.org/fhir/R4/json.html */
import fc from 'fast-check';
import { copyExactNumbers, MAX_DEPTH, parseJson, stringifyJson } from '../../../src/fhir/json.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';

const roundTrip = (text: string): string => stringifyJson(parseJson(text));

function refusalOf(text: string): string | undefined {
  try {
    parseJson(text);
  } catch (error) {
    return error instanceof FhirError ? `${error.status} ${error.issues[0]?.rule ?? ''}` : String(error);
  }
  return undefined;
}

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('The JSON reader', () => {
  it.each([
    '1.00',
    '68.50',
    '0.10',
    '-0',
    '-0.0',
    '1e3',
    '1E-2',
    '1.0e+2',
    '0.0000001',
    '0.0000000',
    '123456789.123456789',
    '12345678901234567890',
    '0.1000000000000000055511151231257827',
    '1e400',
  ])('keeps %s as it was written (LM-02).', (number) => {
    expect(roundTrip(`{"value":${number}}`)).toBe(`{"value":${number}}`);
    expect(roundTrip(`[[${number}],{"a":{"b":${number}}}]`)).toBe(`[[${number}],{"a":{"b":${number}}}]`);
  });

  it('gives up the old digits when the value has been changed.', () => {
    const quantity = parseJson('{"value":1.50}') as { value: number };

    expect(stringifyJson(Object.assign(quantity, { value: 2 }))).toBe('{"value":2}');
  });

  it('carries digits over to an object that is built anew.', () => {
    const quantity = parseJson('{"value":1.50,"unit":"kg"}') as JsonObject;
    const rebuilt = { ...quantity, unit: 'g' };

    copyExactNumbers(quantity, rebuilt);
    copyExactNumbers({}, rebuilt);

    expect(stringifyJson(rebuilt)).toBe('{"value":1.50,"unit":"g"}');
  });

  it.each([
    ['twice in one object', '{"a":1,"a":2}'],
    ['once escaped', String.raw`{"a":1,"\u0061":2}`],
    ['after a nested object', '{"a":{"a":1},"a":2}'],
    ['in an object of a list', '[{"a":[],"b":2,"a":3}]'],
  ])('refuses a key that stands %s.', (_where, text) => {
    expect(refusalOf(text)).toBe('400 json-duplicate-key');
  });

  it('lets the same key stand in different objects, and as a value.', () => {
    expect(refusalOf('{"a":{"a":"a"},"b":[{"a":1},{"a":2}],"c":"a"}')).toBeUndefined();
  });

  it.each(['__proto__', 'constructor', 'prototype'])('refuses the key %s, also escaped.', (key) => {
    const escaped = `\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${key.slice(1)}`;

    expect(refusalOf(`{"a":{"${key}":{}}}`)).toBe('400 json-key');
    expect(refusalOf(`{"a":{"${escaped}":{}}}`)).toBe('400 json-key');
    expect(refusalOf(`{"a":"${key}"}`)).toBeUndefined();
  });

  it('bounds the depth (LM-01).', () => {
    expect(refusalOf(nested(MAX_DEPTH))).toBeUndefined();
    expect(refusalOf(nested(MAX_DEPTH + 1))).toBe('400 json-depth');
    expect(refusalOf('['.repeat(200_000))).toBe('400 json-depth');
    expect(refusalOf(`"${'['.repeat(100)}"`)).toBeUndefined();
  });

  it.each([
    '',
    '{',
    '{"a"}',
    '{"a":1,}',
    '[1 2]',
    '01',
    '+1',
    '.5',
    '1.',
    '"a',
    '"\\',
    "{'a':1}",
    'NaN',
    '{"\\x":1}',
  ])('refuses %j as no JSON.', (text) => {
    expect(refusalOf(text)).toBe('400 json-syntax');
  });

  it('never gives another value than JSON itself.', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 8 }), (text) => {
        fc.pre(refusalOf(text) === undefined);

        expect(JSON.parse(roundTrip(text))).toEqual(JSON.parse(text));
        expect(roundTrip(roundTrip(text))).toBe(roundTrip(text));
      }),
      { numRuns: 500 },
    );
  });

  it('never changes a digit of any number.', () => {
    const digits = fc.stringMatching(/^(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,2})?$/);
    const number = fc.tuple(fc.constantFrom('', '-'), digits).map((parts) => parts.join(''));
    fc.assert(
      fc.property(number, number, (a, b) => {
        const text = `{"a":${a},"b":[${b},${a}],"c":{"a":${b}}}`;

        expect(roundTrip(text)).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  it('reads long texts of escapes and backslashes in time that follows their length.', () => {
    const texts = ['\\"', '\\\\', '\\u0022', '\\\\\\"', '{\\"a\\":['].map(
      (piece) => `{"a":"${piece.repeat(500_000)}","b":1.0}`,
    );

    for (const text of texts) {
      expect(roundTrip(text)).toHaveLength(stringifyJson(JSON.parse(text)).length + 2);
    }
  });
});
