import type { JsonObject, StructureDefinition } from '../../../src/fhir/types.ts';
import { sharedValidator } from '../../support/validator.ts';

const HL7 = 'http://hl7.org/fhir/StructureDefinition';
const BASE = 'https://example.org/StructureDefinition';

const extension = (name: string, context: JsonObject, more: JsonObject = {}): StructureDefinition =>
  ({
    resourceType: 'StructureDefinition',
    url: `${BASE}/${name}`,
    name,
    status: 'active',
    kind: 'complex-type',
    abstract: false,
    type: 'Extension',
    baseDefinition: `${HL7}/Extension`,
    derivation: 'constraint',
    context: [context],
    ...more,
    differential: { element: [{ path: 'Extension.url', fixedUri: `${BASE}/${name}` }] },
  }) as unknown as StructureDefinition;

const hasActivePatient = {
  resourceType: 'StructureDefinition',
  url: `${BASE}/of-active`,
  name: 'OfActive',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type: 'Observation',
  baseDefinition: `${HL7}/Observation`,
  derivation: 'constraint',
  differential: {
    element: [
      { path: 'Observation.subject', type: [{ code: 'Reference', targetProfile: [`${BASE}/active`] }] },
    ],
  },
} as unknown as StructureDefinition;
const active = {
  ...hasActivePatient,
  url: `${BASE}/active`,
  name: 'Active',
  type: 'Patient',
  baseDefinition: `${HL7}/Patient`,
  differential: { element: [{ path: 'Patient.active', min: 1 }] },
} as unknown as StructureDefinition;

const validator = sharedValidator([
  extension('home', { type: 'fhirpath', expression: "Patient.address.where(use = 'home')" }),
  extension('inactive', { type: 'element', expression: 'Patient' }, { contextInvariant: ['active.not()'] }),
  extension('on-text', { type: 'element', expression: 'DomainResource.text' }),
  extension('part', { type: 'extension', expression: `${BASE}/on-patient` }),
  extension('on-patient', { type: 'element', expression: 'Patient' }),
  active,
  hasActivePatient,
]);
const findings = (resource: JsonObject, profiles: readonly string[] = []): readonly string[] =>
  validator
    .validate(resource, { profiles })
    .filter(({ rule, severity }) => rule !== 'dom-6' && severity !== 'information')
    .map(({ severity, rule = '', expression = '' }) => `${severity} ${rule} ${expression}`);
const ext = (name: string) => [{ url: `${BASE}/${name}`, valueBoolean: true }];

describe('The validator, of contexts of extensions,', () => {
  it.each([
    ['FHIRPath', { address: [{ use: 'home', extension: ext('home') }] }],
    [
      'an element of a kind of resource',
      {
        text: {
          extension: ext('on-text'),
          status: 'empty',
          div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>',
        },
      },
    ],
    [
      'another extension',
      {
        extension: [
          { url: `${BASE}/on-patient`, valueBoolean: true, _valueBoolean: { extension: ext('part') } },
        ],
      },
    ],
    ['an invariant', { active: false, extension: ext('inactive') }],
  ])('accepts one given by %s.', (_what, members) => {
    expect(findings({ resourceType: 'Patient', ...members })).toEqual([]);
  });

  it.each([
    ['FHIRPath', { address: [{ use: 'work', extension: ext('home') }] }, 'Patient.address[0].extension[0]'],
    ['another extension', { extension: ext('part') }, 'Patient.extension[0]'],
    ['an invariant', { active: true, extension: ext('inactive') }, 'Patient.extension[0]'],
  ])('refuses what is outside one given by %s.', (_what, members, at) => {
    expect(findings({ resourceType: 'Patient', ...members })).toEqual([`error extension-context ${at}`]);
  });

  it('knows the parts of a complex extension.', () => {
    const animal = { url: `${HL7}/patient-nationality`, extension: [{ url: 'colour', valueString: 'x' }] };

    expect(findings({ resourceType: 'Patient', extension: [animal] })).toEqual([
      'error unknown-extension-part Patient.extension[0].extension[0]',
    ]);
  });
});

describe('The validator, of targets at hand,', () => {
  const observation = (patient: JsonObject): JsonObject => ({
    resourceType: 'Observation',
    contained: [{ resourceType: 'Patient', id: 'p', ...patient }],
    status: 'final',
    code: { text: 'x' },
    subject: { reference: '#p' },
  });

  it('holds them against the profile that the element asks for.', () => {
    expect(findings(observation({ active: true }), [`${BASE}/of-active`])).toEqual([]);
    expect(findings(observation({}), [`${BASE}/of-active`])).toEqual([
      'error target-profile Observation.subject',
    ]);
  });

  it('tells a resource of another type than the profile.', () => {
    expect(findings({ resourceType: 'Patient' }, [`${BASE}/of-active`])).toEqual([
      'error profile-type Patient',
    ]);
  });
});

describe('The validator, of definitions and forms,', () => {
  const questionnaire = (...item: readonly JsonObject[]): JsonObject => ({
    resourceType: 'Questionnaire',
    status: 'active',
    item,
  });
  const when = (question: string, answer: JsonObject) => ({
    enableWhen: [{ question, operator: '=', ...answer }],
  });
  const A = { linkId: 'a', type: 'boolean' };

  it.each([
    [
      'a target that is not there',
      [{ ...A, ...when('x', { answerBoolean: true }) }],
      'error enable-when-target Questionnaire.item[0].enableWhen[0]',
    ],
    [
      'itself as target',
      [{ ...A, ...when('a', { answerBoolean: true }) }],
      'error enable-when-target Questionnaire.item[0].enableWhen[0]',
    ],
    [
      'an answer of another type',
      [A, { linkId: 'b', type: 'string', ...when('a', { answerString: 'ja' }) }],
      'error enable-when-type Questionnaire.item[1].enableWhen[0]',
    ],
    [
      'a target that comes later',
      [{ linkId: 'b', type: 'string', ...when('a', { answerBoolean: true }) }, A],
      'warning enable-when-order Questionnaire.item[0].enableWhen[0]',
    ],
    [
      'an initial value of another type',
      [{ ...A, initial: [{ valueString: 'ja' }] }],
      'error question-value-type Questionnaire.item[0].initial[0]',
    ],
    [
      'two conditions without saying how they add up',
      [
        A,
        {
          linkId: 'b',
          type: 'string',
          enableWhen: [true, false].map((answerBoolean) => ({ question: 'a', operator: '=', answerBoolean })),
        },
      ],
      'error que-12 Questionnaire.item[1]',
    ],
  ])('reports, of a Questionnaire, %s.', (_what, item, fault) => {
    expect(findings(questionnaire(...item))).toContain(fault);
  });

  it.each([
    [
      'concepts that are said not to be there',
      { content: 'not-present', concept: [{ code: 'a' }] },
      'error code-system-content CodeSystem.concept',
    ],
    [
      'a supplement that says it is whole',
      { content: 'complete', supplements: 'http://loinc.org' },
      'error code-system-supplement CodeSystem.content',
    ],
    [
      'a property twice',
      {
        content: 'complete',
        property: [
          { code: 'p', type: 'string' },
          { code: 'p', type: 'code' },
        ],
      },
      'error code-system-property CodeSystem.property[1]',
    ],
    [
      'a property of another type',
      {
        content: 'complete',
        property: [{ code: 'p', type: 'boolean' }],
        concept: [{ code: 'a', property: [{ code: 'p', valueString: 'x' }] }],
      },
      'error code-system-property CodeSystem.concept[0].property[0]',
    ],
  ])('reports, of a CodeSystem, %s.', (_what, members, fault) => {
    expect(findings({ resourceType: 'CodeSystem', status: 'active', ...members })).toContain(fault);
  });

  it('reports a relative system in a ValueSet.', () => {
    const valueSet = { resourceType: 'ValueSet', status: 'active', compose: { include: [{ system: '#c' }] } };

    expect(findings(valueSet)).toContain('error absolute-system ValueSet.compose.include[0].system');
  });

  it('reports a profile that cannot be laid over its base, and a profile of another type.', () => {
    const definition = (element: JsonObject): JsonObject => ({
      ...(active as unknown as JsonObject),
      differential: { element: [element] },
    });
    const ofCount = {
      id: 'Patient.name',
      path: 'Patient.name',
      type: [{ code: 'HumanName', profile: [`${HL7}/Count`] }],
    };

    expect(findings(definition({ id: 'Patient.nam', path: 'Patient.nam' }))).toContain(
      'error snapshot StructureDefinition.differential',
    );
    expect(findings(definition(ofCount))).toContain(
      'error type-profile StructureDefinition.differential.element[0].type[0].profile',
    );
  });
});

describe('The validator, of values,', () => {
  const patient = (members: JsonObject): JsonObject => ({ resourceType: 'Patient', ...members });

  it.each([
    [
      'the size of an attachment',
      patient({ photo: [{ data: 'AAAA', size: 4 }] }),
      'error attachment-size Patient.photo[0].size',
    ],
    ['half a UUID', patient({ implicitRules: 'urn:uuid:12' }), 'error format Patient.implicitRules'],
    [
      'blanks in a reference',
      patient({ managingOrganization: { reference: 'Organization/a b' } }),
      'error reference-format Patient.managingOrganization.reference',
    ],
    [
      'an id of elements twice',
      patient({
        name: [
          { id: 'a', text: 'x' },
          { id: 'a', text: 'y' },
        ],
      }),
      'error element-id Patient.name[1].id',
    ],
    [
      'an extension on the id',
      patient({ id: 'a', _id: { extension: ext('on-patient') } }),
      'error unknown-element Patient',
    ],
    [
      'contained ids twice',
      patient({
        contained: [1, 2].map(() => ({ resourceType: 'Organization', id: 'o', name: 'x' })),
        managingOrganization: { reference: '#o' },
      }),
      'error contained-id Patient.contained[1].id',
    ],
    [
      'a bare OID as URI identifier',
      patient({ identifier: [{ system: 'urn:ietf:rfc:3986', value: '1.2.3' }] }),
      'error identifier-uri Patient.identifier[0].value',
    ],
    [
      'the text of a code',
      patient({
        maritalStatus: {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus',
              code: 'M',
              display: 'Single',
            },
          ],
        },
      }),
      'warning display Patient.maritalStatus.coding[0].display',
    ],
    [
      'a relative system',
      patient({ maritalStatus: { coding: [{ system: 'status', code: 'M' }] } }),
      'error absolute-system Patient.maritalStatus.coding[0].system',
    ],
  ])('reports %s.', (_what, resource, fault) => {
    expect(findings(resource)).toContain(fault);
  });

  it('says once for each code system that is not here that its codes were not checked.', () => {
    const coding = [1, 2].map((code) => ({ system: 'http://snomed.info/sct', code: String(code) }));
    const told = validator
      .validate({ resourceType: 'Condition', subject: { display: 'x' }, code: { coding } })
      .filter(({ rule }) => rule === 'code-not-checked');

    expect(told).toMatchObject([{ severity: 'information', expression: 'Condition.code.coding[0].system' }]);
  });
});
