/** Operations with Parameters, and with what are none: https://hl7.org/fhir/R4/operations.html#executing */
import fc from 'fast-check';
import type { JsonObject, JsonValue } from '../../src/fhir/types.ts';
import { headersOf } from './headers.ts';
import { awkward, mutate, mutations } from './mutations.ts';
import type { Probe } from './probe.ts';
import { anyResource, faulty } from './resources.ts';
import { safe } from './urls.ts';

/** Where each operation is called. */
const PATHS = [
  ...'Patient/$validate Observation/$validate Patient/fuzz/$validate Nothing/$validate'.split(' '),
  ...'$meta Patient/$meta Patient/fuzz/$meta Patient/fuzz/$meta-add Patient/fuzz/$meta-delete'.split(' '),
  ...'Patient/fuzz/$everything Patient/$everything EpisodeOfCare/fuzz/$everything Patient/$match'.split(' '),
  ...'Questionnaire/$populate Questionnaire/smertereg-to/$populate Task/fuzz/$populate'.split(' '),
  ...'Questionnaire/$assemble Questionnaire/smertereg-b11/$assemble QuestionnaireResponse/$extract'.split(
    ' ',
  ),
  ...'QuestionnaireResponse/fuzz/$extract QuestionnaireResponse/$validate QuestionnaireResponse/$validate-response'.split(
    ' ',
  ),
  ...'CodeSystem/$lookup CodeSystem/$validate-code CodeSystem/$subsumes ValueSet/$expand ValueSet/$validate-code'.split(
    ' ',
  ),
  ...'ConceptMap/$translate ValueSet/fuzz/$expand CodeSystem/fuzz/$lookup Subscription/$status Subscription/fuzz/$events'.split(
    ' ',
  ),
  ...'ViewDefinition/$viewdefinition-run ViewDefinition/smertereg-b11/$viewdefinition-run'.split(' '),
  ...'$export-status/x $export-file/x/1 Group/fuzz/$export $graphql'.split(' '),
] as const;

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  url: [
    'http://hl7.org/fhir/ValueSet/administrative-gender',
    'http://hl7.org/fhir/ValueSet/x',
    'http://snomed.info/sct?fhir_vs',
    'http://loinc.org/vs',
    'x',
  ],
  system: ['http://loinc.org', 'http://hl7.org/fhir/administrative-gender', 'http://unitsofmeasure.org', ''],
  code: ['male', 'kg', 'x', '', 'a'.repeat(3000)],
  codeA: ['male'],
  codeB: ['female'],
  display: ['Male', 'x'],
  filter: ['ma', '%', '(', ''],
  count: ['1', '-1', 'x', '99999999999'],
  offset: ['0', '-1', '99999999999'],
  mode: ['create', 'update', 'delete', 'profile', 'x'],
  profile: ['http://hl7.org/fhir/StructureDefinition/bmi', 'http://x', 'x'],
  subject: ['Patient/fuzz', 'Patient/nobody', 'x'],
  canonical: ['https://ryggrad.no/fhir/Questionnaire/smertereg-b11', 'http://x|1'],
  _since: ['2026', '9999-99-99', 'x'],
  _type: ['Patient', 'Patient,Nothing', ','],
  _count: ['1', '0', '-5', '1e3'],
  start: ['2026-01-01', 'x'],
  end: ['2025', ''],
  _format: ['csv', 'json', 'ndjson', 'parquet', 'x'],
  header: ['true', 'x'],
  onlyCertainMatches: ['true', '1'],
  eventsSinceNumber: ['0', '-1', '99999999999999999999'],
  status: ['active'],
  date: ['2026', 'x'],
  version: ['1', '*'],
  property: ['definition', '*'],
  target: ['http://x'],
};
const NAMES = [...Object.keys(TEXTS), '', '__proto__', 'x'];

const VALUE_TYPES = [
  'valueString',
  'valueUri',
  'valueCode',
  'valueInteger',
  'valueBoolean',
  'valueCanonical',
  'valueDateTime',
  'value',
] as const;

const view: JsonObject = {
  resourceType: 'ViewDefinition',
  resource: 'Patient',
  status: 'active',
  name: 'fuzz',
  where: [{ path: 'active = true' }],
  select: [
    {
      column: [
        { name: 'id', path: 'id' },
        { name: 'born', path: 'birthDate' },
      ],
    },
    { forEachOrNull: 'name', column: [{ name: 'family', path: 'family' }] },
  ],
};
const questionnaire: JsonObject = {
  resourceType: 'Questionnaire',
  status: 'active',
  url: 'urn:fuzz:form',
  item: [
    {
      linkId: '1',
      type: 'group',
      item: [
        { linkId: '2', type: 'choice', answerOption: [{ valueCoding: { code: 'a' } }] },
        {
          linkId: '3',
          type: 'integer',
          enableWhen: [{ question: '2', operator: 'exists', answerBoolean: true }],
        },
      ],
    },
  ],
};
const valueSet: JsonObject = {
  resourceType: 'ValueSet',
  status: 'active',
  url: 'urn:fuzz:set',
  compose: {
    include: [
      {
        system: 'http://hl7.org/fhir/administrative-gender',
        filter: [{ property: 'concept', op: 'is-a', value: 'male' }],
      },
      { valueSet: ['urn:fuzz:set'] },
    ],
  },
};
const coding: JsonObject = { system: 'http://hl7.org/fhir/administrative-gender', code: 'male' };

const RESOURCES: Readonly<Record<string, JsonObject>> = { viewResource: view, questionnaire, valueSet };

const parameter: fc.Arbitrary<JsonValue> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VALUE_TYPES), fc.nat(9))
    .map(([name, type, n]) => ({ name, [type]: TEXTS[name]?.[n % TEXTS[name].length] ?? 'x' })),
  fc
    .tuple(
      fc.constantFrom('resource', 'questionnaire-response', 'content', 'meta', 'x'),
      faulty as fc.Arbitrary<JsonValue>,
    )
    .map(([name, resource]) => ({ name, resource })),
  fc
    .tuple(fc.constantFrom(...Object.keys(RESOURCES)), fc.option(mutations, { nil: [], freq: 3 }))
    .map(([name, faults]) => ({ name, resource: mutate(RESOURCES[name] as JsonObject, faults) })),
  fc
    .tuple(
      fc.constantFrom('coding', 'codingA', 'codeableConcept', 'meta', 'context', 'local'),
      fc.constantFrom<JsonObject[]>(
        { valueCoding: coding },
        { valueCodeableConcept: { coding: [coding, {}] } },
        { valueMeta: { tag: [coding], profile: ['http://x'] } },
        {
          part: [
            { name: 'name', valueString: 'patient' },
            { name: 'content', valueReference: { reference: 'Patient/fuzz' } },
          ],
        },
        { valueCoding: 'x' },
        { resource: 'x' },
        { part: {} },
        {},
      ),
    )
    .map(([name, rest]) => ({ name, ...rest })),
);

const body: fc.Arbitrary<JsonValue> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.array(parameter, { maxLength: 4 }), fc.option(mutations, { nil: [], freq: 1 }))
      .map(([list, faults]) => mutate({ resourceType: 'Parameters', parameter: list }, faults)),
  },
  { weight: 2, arbitrary: faulty },
  { weight: 1, arbitrary: awkward },
  { weight: 1, arbitrary: anyResource as fc.Arbitrary<JsonValue> },
);

const query = fc
  .array(fc.tuple(fc.constantFrom(...NAMES), fc.nat(9)), { maxLength: 4 })
  .map((pairs) =>
    pairs.map(([name, n]) => `${name}=${safe(TEXTS[name]?.[n % TEXTS[name].length] ?? 'x')}`).join('&'),
  );

export const operationProbes: fc.Arbitrary<Probe> = fc
  .tuple(
    fc.constantFrom(...PATHS),
    fc.constantFrom('GET', 'POST', 'POST', 'POST', 'DELETE'),
    query,
    body,
    headersOf('few'),
    fc.constantFrom('ehr', 'ehr', 'staff', 'analytics'),
  )
  .map(([path, method, search, sent, headers, sender]): Probe => ({
    kind: 'operation',
    method,
    path: method === 'POST' ? path : `${path}?${search}`,
    headers,
    ...(method === 'POST' && { body: JSON.stringify(sent) }),
    sender: sender as Probe['sender'],
  }));
