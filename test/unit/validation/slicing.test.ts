import type { ElementDefinition, JsonObject, StructureDefinition } from '../../../src/fhir/types.ts';
import { sharedValidator } from '../../support/validator.ts';

const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';
const BASE = 'https://example.org/StructureDefinition';

const element = (id: string, members: Partial<ElementDefinition> = {}): ElementDefinition =>
  ({
    id,
    path: id.replaceAll(/:[^.]+/g, ''),
    ...(id.includes(':') && { sliceName: id.split(':').at(-1) }),
    ...members,
  }) as ElementDefinition;

const profile = (
  name: string,
  type: string,
  elements: readonly ElementDefinition[],
): StructureDefinition => ({
  resourceType: 'StructureDefinition',
  url: `${BASE}/${name}`,
  name,
  status: 'active',
  kind: 'resource',
  abstract: false,
  type,
  baseDefinition: `http://hl7.org/fhir/StructureDefinition/${type}`,
  derivation: 'constraint',
  differential: { element: [...elements] },
});

const sliced = (
  type: 'value' | 'pattern' | 'exists' | 'type' | 'profile',
  path: string,
  rules: 'open' | 'closed' | 'openAtEnd' = 'open',
  ordered = false,
) => ({
  slicing: { discriminator: [{ type, path }], rules, ordered },
});

const PROFILES = [
  profile('pattern', 'Patient', [
    element('Patient.telecom', sliced('pattern', '$this', 'closed')),
    element('Patient.telecom:phone', {
      min: 1,
      max: '1',
      patternContactPoint: { system: 'phone', use: 'mobile' },
    }),
    element('Patient.telecom:email', { max: '1', patternContactPoint: { system: 'email' } }),
  ]),
  profile('exists', 'Patient', [
    element('Patient.name', sliced('exists', 'period')),
    element('Patient.name:current', { max: '1' }),
    element('Patient.name:current.period', { max: '0' }),
    element('Patient.name:former', { max: '2' }),
    element('Patient.name:former.period', { min: 1 }),
    element('Patient.name:former.use', { min: 1, fixedCode: 'old' }),
  ]),
  profile('type', 'Observation', [
    element('Observation.value[x]', sliced('type', '$this', 'closed')),
    element('Observation.value[x]:valueQuantity', { type: [{ code: 'Quantity' }] }),
    element('Observation.value[x]:valueQuantity.unit', { min: 1 }),
    element('Observation.value[x]:valueString', { type: [{ code: 'string' }], maxLength: 5 }),
  ]),
  profile('references', 'Observation', [
    element('Observation.hasMember', sliced('type', 'resolve()')),
    element('Observation.hasMember:form', {
      max: '1',
      type: [
        {
          code: 'Reference',
          targetProfile: ['http://hl7.org/fhir/StructureDefinition/QuestionnaireResponse'],
        },
      ],
    }),
  ]),
  profile('profiles', 'Bundle', [
    element('Bundle.entry', sliced('profile', 'resource', 'closed')),
    element('Bundle.entry:pressure', { min: 1 }),
    element('Bundle.entry:pressure.resource', {
      type: [{ code: 'Observation', profile: ['http://hl7.org/fhir/StructureDefinition/bp'] }],
    }),
  ]),
  profile('ordered', 'Patient', [
    element('Patient.identifier', sliced('value', 'system', 'openAtEnd', true)),
    element('Patient.identifier:a'),
    element('Patient.identifier:a.system', { min: 1, fixedUri: 'http://a' }),
    element('Patient.identifier:b'),
    element('Patient.identifier:b.system', { min: 1, fixedUri: 'http://b' }),
  ]),
  profile('bound', 'Observation', [
    element('Observation.category', sliced('value', '$this')),
    element('Observation.category:vital', {
      min: 1,
      binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/observation-category' },
    }),
    element('Observation.category:own', {
      max: '1',
      binding: { strength: 'required', valueSet: 'urn:oid:2.16.578.1.12.4.1.1.9040' },
    }),
  ]),
  profile('extension', 'Patient', [
    element(
      'Patient.address',
      sliced(
        'value',
        "extension('http://hl7.no/fhir/StructureDefinition/no-basis-address-official').value",
        'open',
      ),
    ),
    element('Patient.address:official', { max: '1' }),
    element('Patient.address:official.extension', sliced('value', 'url')),
    element('Patient.address:official.extension:official', {
      min: 1,
      type: [
        { code: 'Extension', profile: ['http://hl7.no/fhir/StructureDefinition/no-basis-address-official'] },
      ],
    }),
    element('Patient.address:official.extension:official.value[x]', { min: 1, fixedBoolean: true }),
  ]),
  profile('part', 'Observation', [
    element('Observation.component', sliced('value', 'value.ofType(CodeableConcept).text')),
    element('Observation.component:none', { max: '1' }),
    element('Observation.component:none.value[x]', { type: [{ code: 'CodeableConcept' }] }),
    element('Observation.component:none.value[x].text', { min: 1, fixedString: 'Ingen' }),
  ]),
  profile('whole', 'Patient', [
    element('Patient.maritalStatus', {
      fixedCodeableConcept: { coding: [{ system: 'http://x', code: 'a' }] },
    }),
    element('Patient.contact', sliced('pattern', 'relationship')),
    element('Patient.contact:next', { min: 1 }),
    element('Patient.contact:next.relationship', {
      min: 1,
      patternCodeableConcept: { coding: [{ code: 'N' }] },
    }),
    element('Patient.contact:@default'),
    element('Patient.contact:@default.gender', { min: 1 }),
  ]),
  profile('limits', 'Observation', [
    element('Observation.value[x]', {
      type: [{ code: 'Quantity' }, { code: 'integer' }],
      maxValueInteger: 10,
      minValueInteger: 0,
    }),
    element('Observation.subject', {
      type: [{ code: 'Reference', targetProfile: ['http://hl7.org/fhir/StructureDefinition/Patient'] }],
    }),
    element('Observation.note', { max: '0' }),
    element('Observation.category', { min: 2 }),
  ]),
];

const validator = sharedValidator(PROFILES);

const errorsOf = (name: string, resource: JsonObject): readonly string[] =>
  validator
    .validate({ ...resource, meta: { profile: [name.includes(':') ? name : `${BASE}/${name}`] } })
    .filter(({ severity }) => severity === 'error')
    .map(({ rule = '', expression = '' }) => `${rule} ${expression}`);

const patient = (members: JsonObject): JsonObject => ({ resourceType: 'Patient', ...members });
const observation = (members: JsonObject): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'x' },
  ...members,
});

const pressure = (code: string, value: number): JsonObject => ({
  code: { coding: [{ system: LOINC, code }] },
  valueQuantity: { value, unit: 'mmHg', system: UCUM, code: 'mm[Hg]' },
});

const bloodPressure = (component: readonly JsonObject[]): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  category: [
    {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
    },
  ],
  code: { coding: [{ system: LOINC, code: '85354-9' }] },
  subject: { reference: 'Patient/1' },
  effectiveDateTime: '2024-05-17',
  component,
});

describe('The validator, of slices,', () => {
  const BP = 'http://hl7.org/fhir/StructureDefinition/bp';

  it('accepts a blood pressure by the vital signs profile.', () => {
    expect(errorsOf(BP, bloodPressure([pressure('8480-6', 120), pressure('8462-4', 80)]))).toEqual([]);
  });

  it('misses the diastolic pressure.', () => {
    expect(errorsOf(BP, bloodPressure([pressure('8480-6', 120)]))).toContain(
      'cardinality Observation.component',
    );
  });

  it('checks a fixed unit inside a slice.', () => {
    const kilopascal = {
      ...pressure('8462-4', 10),
      valueQuantity: { value: 10, unit: 'kPa', system: UCUM, code: 'kPa' },
    };

    expect(errorsOf(BP, bloodPressure([pressure('8480-6', 120), kilopascal]))).toEqual([
      'required-binding Observation.component[1].value',
      'fixed Observation.component[1].value.code',
    ]);
  });

  it('tells slices by pattern and closes the list.', () => {
    const mobile = { system: 'phone', use: 'mobile', value: '1' };

    expect(errorsOf('pattern', patient({ telecom: [mobile, { system: 'email', value: 'a@b' }] }))).toEqual(
      [],
    );
    expect(errorsOf('pattern', patient({ telecom: [mobile, { system: 'fax', value: '2' }] }))).toEqual([
      'slicing Patient.telecom[1]',
    ]);
    expect(errorsOf('pattern', patient({ telecom: [{ system: 'email', value: 'a@b' }] }))).toEqual([
      'cardinality Patient.telecom',
    ]);
    expect(errorsOf('pattern', patient({ telecom: [mobile, mobile] }))).toEqual([
      'cardinality Patient.telecom',
    ]);
  });

  it('tells slices by what is there.', () => {
    const former = { family: 'b', use: 'old', period: { end: '2020' } };

    expect(errorsOf('exists', patient({ name: [{ family: 'a' }, former] }))).toEqual([]);
    expect(errorsOf('exists', patient({ name: [{ family: 'a' }, { family: 'b' }] }))).toEqual([
      'cardinality Patient.name',
    ]);
    expect(errorsOf('exists', patient({ name: [{ ...former, use: 'usual' }] }))).toEqual([
      'fixed Patient.name[0].use',
    ]);
  });

  it('tells slices of a choice by type.', () => {
    expect(errorsOf('type', observation({ valueQuantity: { value: 1, unit: 'mg' } }))).toEqual([]);
    expect(errorsOf('type', observation({ valueQuantity: { value: 1 } }))).toEqual([
      'cardinality Observation.value.unit',
    ]);
    expect(errorsOf('type', observation({ valueString: 'for lang' }))).toEqual([
      'max-length Observation.value',
    ]);
    expect(errorsOf('type', observation({ valueBoolean: true }))).toEqual(['slicing Observation.value']);
  });

  it('tells references by the type they name.', () => {
    const form = { reference: 'QuestionnaireResponse/1' };

    expect(
      errorsOf('references', observation({ hasMember: [form, { reference: 'Observation/1' }] })),
    ).toEqual([]);
    expect(errorsOf('references', observation({ hasMember: [form, form] }))).toEqual([
      'cardinality Observation.hasMember',
    ]);
  });

  it('tells entries by the profile their resource meets.', () => {
    const bundle = (resource: JsonObject): JsonObject => ({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ fullUrl: 'urn:uuid:7b1c3c0e-5f2a-4f9e-9a44-0d2f5a1f6f01', resource }],
    });

    expect(
      errorsOf('profiles', bundle(bloodPressure([pressure('8480-6', 120), pressure('8462-4', 80)]))),
    ).toEqual([]);
    expect(errorsOf('profiles', bundle(bloodPressure([])))).toContain('slicing Bundle.entry[0]');
  });

  it('keeps the order and the place of others.', () => {
    const systems = (...names: readonly string[]): JsonObject =>
      patient({ identifier: names.map((name) => ({ system: `http://${name}`, value: '1' })) });

    expect(errorsOf('ordered', systems('a', 'b', 'c'))).toEqual([]);
    expect(errorsOf('ordered', systems('b', 'a'))).toEqual(['slicing Patient.identifier']);
    expect(errorsOf('ordered', systems('c', 'a'))).toEqual(['slicing Patient.identifier']);
  });

  it('checks limits, types, targets and forbidden elements.', () => {
    const category = [{ text: 'a' }, { text: 'b' }];
    const others = (members: JsonObject): readonly string[] =>
      errorsOf('limits', observation({ category, ...members }));

    expect(others({ valueInteger: 10, subject: { reference: 'Patient/1' } })).toEqual([]);
    expect(others({ valueInteger: 11 })).toEqual(['max-value Observation.value']);
    expect(others({ valueInteger: -1 })).toEqual(['min-value Observation.value']);
    expect(others({ valueString: 'x' })).toEqual(['type Observation.value']);
    expect(others({ subject: { reference: 'Group/1' } })).toEqual(['reference-type Observation.subject']);
    expect(others({ note: [{ text: 'x' }] })).toEqual(['cardinality Observation.note']);
    expect(errorsOf('limits', observation({}))).toEqual(['cardinality Observation.category']);
  });

  it('tells slices by membership of a value set, known or named by its system.', () => {
    const vital = {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'exam' }],
    };
    const own = { coding: [{ system: 'urn:oid:2.16.578.1.12.4.1.1.9040', code: '1' }] };

    expect(errorsOf('bound', observation({ category: [vital, own] }))).toEqual([]);
    expect(errorsOf('bound', observation({ category: [own] }))).toEqual(['cardinality Observation.category']);
    expect(errorsOf('bound', observation({ category: [vital, own, own] }))).toEqual([
      'cardinality Observation.category',
    ]);
  });

  it('tells slices by the value of an extension.', () => {
    const url = 'http://hl7.no/fhir/StructureDefinition/no-basis-address-official';
    const official = { extension: [{ url, valueBoolean: true }], city: 'Oslo' };
    const other = { extension: [{ url, valueBoolean: false }], city: 'Bergen' };

    expect(errorsOf('extension', patient({ address: [official, other, other] }))).toEqual([]);
    expect(errorsOf('extension', patient({ address: [official, official] }))).toEqual([
      'cardinality Patient.address',
    ]);
  });

  it('tells slices by a part of one type of a choice.', () => {
    const component = (members: JsonObject): JsonObject => ({ code: { text: 'x' }, ...members });
    const none = component({ valueCodeableConcept: { text: 'Ingen' } });

    expect(errorsOf('part', observation({ component: [none, component({ valueString: 'Ingen' })] }))).toEqual(
      [],
    );
    expect(errorsOf('part', observation({ component: [none, none] }))).toEqual([
      'cardinality Observation.component',
    ]);
  });

  it('compares whole values and gives the rest to the default slice.', () => {
    const next = { relationship: [{ coding: [{ code: 'N', system: 'http://x' }] }], name: { text: 'a' } };
    const marital = { coding: [{ system: 'http://x', code: 'a' }] };

    expect(
      errorsOf(
        'whole',
        patient({ maritalStatus: marital, contact: [next, { name: { text: 'b' }, gender: 'male' }] }),
      ),
    ).toEqual([]);
    expect(errorsOf('whole', patient({ maritalStatus: { ...marital, text: 'x' }, contact: [next] }))).toEqual(
      ['fixed Patient.maritalStatus'],
    );
    expect(errorsOf('whole', patient({ contact: [next, { name: { text: 'b' } }] }))).toEqual([
      'cardinality Patient.contact[1].gender',
    ]);
  });
});
