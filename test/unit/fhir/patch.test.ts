/** Patches as functions: https://hl7.org/fhir/R4/fhirpatch.html and RFC 6902 */
import fc from 'fast-check';
import { loadR4 } from '../../../src/content/r4.ts';
import { parseJson, stringifyJson } from '../../../src/fhir/json.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { readJsonPatch } from '../../../src/fhir/patch-json.ts';
import { readPathPatch } from '../../../src/fhir/patch-path.ts';
import { createShapes } from '../../../src/fhir/shape.ts';
import type { JsonObject, JsonValue } from '../../../src/fhir/types.ts';

const shapes = createShapes((type) => loadR4().structureDefinitions.get(type));
const json = (patch: string, resource: string): string =>
  stringifyJson(readJsonPatch(parseJson(patch))(resource));
const path = (operations: string, resource: string): string => {
  const parameters = parseJson(`{"resourceType":"Parameters","parameter":[${operations}]}`) as JsonObject;
  return stringifyJson(readPathPatch(parameters, shapes)(resource));
};
/** An operation of FHIRPath Patch with its parts as JSON text. */
const operation = (type: string, at: string, parts = ''): string =>
  `{"name":"operation","part":[{"name":"type","valueCode":"${type}"},{"name":"path","valueString":"${at}"}${parts}]}`;

/** Any JSON without the names that the parser refuses. */
const values = fc
  .jsonValue()
  .filter((value) => !/__proto__|constructor|prototype/.test(JSON.stringify(value)));

describe('JSON Patch', () => {
  it('keeps the digits of what it moves, copies and brings.', () => {
    const resource = '{"a":[1.00,2.50],"b":{"c":0.0000001}}';

    expect(json('[{"op":"move","from":"/a/1","path":"/a/0"}]', resource)).toBe(
      '{"a":[2.50,1.00],"b":{"c":0.0000001}}',
    );
    expect(json('[{"op":"copy","from":"/b/c","path":"/d"}]', resource)).toContain('"d":0.0000001');
    expect(json('[{"op":"add","path":"/a/-","value":3.10}]', resource)).toContain('[1.00,2.50,3.10]');
  });

  it('compares numbers by value and objects without their order.', () => {
    expect(() =>
      json('[{"op":"test","path":"/a","value":{"c":1.0,"b":[2]}}]', '{"a":{"b":[2],"c":1.00}}'),
    ).not.toThrow();
    expect(() => json('[{"op":"test","path":"/a","value":"1"}]', '{"a":1}')).toThrow(/another one/);
  });

  it.each([
    ['an index with a leading zero', '[{"op":"remove","path":"/a/00"}]'],
    ['the length of a list', '[{"op":"remove","path":"/a/length"}]'],
    ['the end of a list where something must be', '[{"op":"replace","path":"/a/-","value":1}]'],
    ['a move into itself', '[{"op":"move","from":"/a","path":"/a/0"}]'],
    ['the whole resource taken away', '[{"op":"remove","path":""}]'],
    [
      'copies that grow without end',
      `[${Array(30).fill('{"op":"copy","from":"/a","path":"/a/-"}').join(',')}]`,
    ],
  ])('refuses %s with 422.', (_what, patch) => {
    const patched = (): string => json(patch, '{"a":[1,2]}');

    expect(patched).toThrow(expect.objectContaining({ status: 422 }) as Error);
  });

  it('does nothing when what was added is taken away again.', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const resource = stringifyJson(parseJson(JSON.stringify({ a, list: [a] })));
        const patch = [
          { op: 'add', path: '/new', value: b },
          { op: 'add', path: '/list/0', value: b },
          { op: 'remove', path: '/list/0' },
          { op: 'remove', path: '/new' },
        ];

        expect(json(JSON.stringify(patch), resource)).toBe(resource);
      }),
    );
  });

  it('answers any document with a resource, 400 or 422, and changes nothing that it was given.', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
        fc.string(),
        (value, op, at) => {
          const document = [{ op, path: at, from: at, value }] as unknown as JsonValue;
          const before = JSON.stringify(document);
          try {
            readJsonPatch(document)('{"a":[1,{"b":2}]}');
          } catch (cause) {
            expect(cause).toBeInstanceOf(FhirError);
          }
          expect(JSON.stringify(document)).toBe(before);
        },
      ),
    );
  });
});

describe('FHIRPath Patch', () => {
  const observation = '{"resourceType":"Observation","valueQuantity":{"value":1.50}}';

  it('keeps the digits of what it brings and what it leaves.', () => {
    const brought = ',{"name":"value","valueDecimal":2.00}';

    expect(path(operation('replace', 'Observation.value.value', brought), observation)).toContain(
      '"value":2.00',
    );
    expect(path(operation('delete', 'Observation.status'), observation)).toBe(observation);
  });

  it('changes the type of a choice, and its member with it.', () => {
    expect(
      path(operation('replace', 'Observation.value', ',{"name":"value","valueString":"x"}'), observation),
    ).toBe('{"resourceType":"Observation","valueString":"x"}');
  });

  it('adds no second value to a choice.', () => {
    const add = operation(
      'add',
      'Observation',
      ',{"name":"name","valueString":"value"},{"name":"value","valueString":"x"}',
    );

    expect(() => path(add, observation)).toThrow(/there already/);
  });

  it('keeps the extensions of primitives with their values, in lists too.', () => {
    const patient =
      '{"resourceType":"Patient","name":[{"given":["a",null,"c"],"_given":[null,{"id":"b"},{"id":"d"}]}]}';

    expect(path(operation('delete', 'Patient.name.given[0]'), patient)).toBe(
      '{"resourceType":"Patient","name":[{"given":[null,"c"],"_given":[{"id":"b"},{"id":"d"}]}]}',
    );
    expect(
      path(
        operation(
          'move',
          'Patient.name.given',
          ',{"name":"source","valueInteger":2},{"name":"destination","valueInteger":0}',
        ),
        patient,
      ),
    ).toBe(
      '{"resourceType":"Patient","name":[{"given":["c","a",null],"_given":[{"id":"d"},null,{"id":"b"}]}]}',
    );
  });

  it('adds an extension to a primitive, made of parts.', () => {
    const parts =
      ',{"name":"name","valueString":"extension"},{"name":"value","part":[' +
      '{"name":"url","valueUri":"http://x.no/e"},{"name":"value","valueCode":"a"}]}';

    expect(
      path(operation('add', 'Patient.birthDate', parts), '{"resourceType":"Patient","birthDate":"2000"}'),
    ).toBe(
      '{"resourceType":"Patient","birthDate":"2000","_birthDate":{"extension":[{"url":"http://x.no/e","valueCode":"a"}]}}',
    );
  });

  it('takes away what is empty without the deleted element.', () => {
    const contact = '{"resourceType":"Patient","active":true,"contact":[{"name":{"text":"x"}}]}';

    expect(path(operation('delete', 'Patient.contact[0].name.text'), contact)).toBe(
      '{"resourceType":"Patient","active":true}',
    );
  });

  it('inserts into a list that is not there yet.', () => {
    const parts = ',{"name":"index","valueInteger":0},{"name":"value","valueHumanName":{"text":"x"}}';

    expect(path(operation('insert', 'Patient.name', parts), '{"resourceType":"Patient"}')).toBe(
      '{"resourceType":"Patient","name":[{"text":"x"}]}',
    );
  });

  it.each([
    [
      'an index outside the list',
      operation(
        'insert',
        'Patient.name',
        ',{"name":"index","valueInteger":5},{"name":"value","valueHumanName":{"text":"x"}}',
      ),
      /"index" must be/,
    ],
    [
      'an insertion into what is no list',
      operation(
        'insert',
        'Patient.birthDate',
        ',{"name":"index","valueInteger":0},{"name":"value","valueDate":"2000"}',
      ),
      /no list/,
    ],
    [
      'a part of a list',
      operation(
        'move',
        "Patient.name.where(text = 'x')",
        ',{"name":"source","valueInteger":0},{"name":"destination","valueInteger":0}',
      ),
      /whole list/,
    ],
    [
      'an unknown element',
      operation(
        'add',
        'Patient',
        ',{"name":"name","valueString":"colour"},{"name":"value","valueString":"x"}',
      ),
      /no element "colour"/,
    ],
    ['the resource itself', operation('replace', 'Patient', ',{"name":"value","valueString":"x"}'), /PUT it/],
  ])('refuses %s with 422 and the operation.', (_what, operations, message) => {
    const patched = (): string =>
      path(operations, '{"resourceType":"Patient","birthDate":"2000","name":[{"text":"x"},{"text":"y"}]}');

    expect(patched).toThrow(message);
    expect(patched).toThrow(expect.objectContaining({ status: 422 }) as Error);
  });
});
