/** JSON Patch and FHIRPath Patch, right and wrong: https://hl7.org/fhir/R4/http.html#patch */
import fc from 'fast-check';
import type { JsonValue } from '../../src/fhir/types.ts';
import { headersOf } from './headers.ts';
import { awkward, mutate, mutations } from './mutations.ts';
import type { Probe } from './probe.ts';
import { IDS } from './sources.ts';

const POINTERS = [
  '/active',
  '/name',
  '/name/0',
  '/name/-',
  '/name/0/family',
  '/name/01',
  '/name/99',
  '/birthDate',
  '/resourceType',
  '/id',
  '/meta',
  '/meta/versionId',
  '/identifier/-',
  '/identifier/0/value',
  '/__proto__',
  '/constructor/prototype/x',
  '',
  '/',
  '//',
  '/~',
  '/~2',
  '/~01',
  'name',
  '/contact/0/name/family/x',
  `/${'a/'.repeat(300)}`,
  '/name/-1',
  '/name/1e0',
  '/extension/-',
];

const jsonPatch: fc.Arbitrary<JsonValue> = fc.array(
  fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'ADD', ''),
      path: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...POINTERS) },
        { weight: 1, arbitrary: fc.string({ maxLength: 12 }) },
      ),
      from: fc.constantFrom(...POINTERS),
      value: fc.oneof(
        fc.constantFrom<JsonValue[]>(
          'x',
          true,
          [{ family: 'Berg' }],
          { system: 'urn:x', value: '1' },
          '1980-01-01',
        ),
        awkward,
      ),
    },
    { requiredKeys: ['op', 'path'] },
  ) as fc.Arbitrary<JsonValue>,
  { maxLength: 5 },
);

const PATHS = [
  'Patient',
  'Patient.name',
  'Patient.name[0]',
  'Patient.name.given',
  'Patient.birthDate',
  'Patient.id',
  'Patient.meta.versionId',
  'Patient.contact',
  "Patient.name.where(use='official')",
  'Observation.value',
  'Patient.repeat(name)',
  'Patient.descendants()',
  'Patient.name | Patient.name',
  '%context',
  'Patient.name.first().family',
  '1 + 1',
  '(((((',
  "'\\",
  "Patient.name.given.replaceMatches('(a+)+$','b')",
  `${'Patient.'.repeat(200)}name`,
  '{}',
  '',
];

const part = (name: string, value: JsonValue): JsonValue => ({ name, ...(value as object) });

const operation: fc.Arbitrary<JsonValue> = fc
  .record({
    type: fc.constantFrom('add', 'insert', 'delete', 'replace', 'move', 'x'),
    path: fc.constantFrom(...PATHS),
    name: fc.constantFrom('birthDate', 'name', 'id', 'value', '__proto__', 'resourceType', 'contact', ''),
    value: fc.constantFrom<JsonValue[]>(
      { valueDate: '1980-01-01' },
      { valueString: 'x' },
      { valueHumanName: { family: 'Berg' } },
      { valueInteger: 3 },
      { part: [{ name: 'family', valueString: 'Dahl' }] },
      { resource: { resourceType: 'Basic' } },
      {},
    ),
    index: fc.constantFrom(0, 1, -1, 99, 2147483648),
  })
  .map(({ type, path, name, value, index }) => ({
    name: 'operation',
    part: [
      part('type', { valueCode: type }),
      part('path', { valueString: path }),
      part('name', { valueString: name }),
      part('value', value),
      part('index', { valueInteger: index }),
      ...(type === 'move'
        ? [part('source', { valueInteger: index }), part('destination', { valueInteger: 0 })]
        : []),
    ],
  }));

const pathPatch: fc.Arbitrary<JsonValue> = fc
  .tuple(fc.array(operation, { maxLength: 4 }), fc.option(mutations, { nil: [], freq: 1 }))
  .map(([parameter, faults]) => mutate({ resourceType: 'Parameters', parameter }, faults));

const targets = [
  ...IDS.map((id) => `Patient/${id}`),
  'Patient/nobody',
  'Observation/fuzz',
  'Patient?identifier=urn:fuzz|once',
  'Patient',
  'Patient?',
  'Patient?_id=fuzz',
];

export const patchProbes: fc.Arbitrary<Probe> = fc
  .tuple(
    fc.oneof(
      jsonPatch.map((body) => [body, 'application/json-patch+json'] as const),
      pathPatch.map((body) => [body, 'application/fhir+json'] as const),
    ),
    fc.constantFrom(...targets),
    headersOf('few'),
  )
  .map(([[body, type], path, headers]) => ({
    kind: 'patch',
    method: 'PATCH',
    path,
    headers: { 'content-type': type, ...headers },
    body: JSON.stringify(body),
    sender: 'ehr',
  }));
