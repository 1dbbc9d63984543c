/** Faults in base types: what is wrong, the resource, and the rule and place that must be reported. */
import type { JsonObject, JsonValue } from '../../../src/fhir/types.ts';

export const patient = { resourceType: 'Patient', id: 'p' };
export const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
export const questionnaire = { resourceType: 'Questionnaire', status: 'draft' };
const DIV = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>';

/** What is wrong, the resource, the rule and the place that must be reported. */
export const FAULTS: readonly (readonly [string, JsonValue, string])[] = [
  ['no object', 'x', 'resource-type Resource'],
  ['no resource type', {}, 'resource-type Resource'],
  ['an unknown resource type', { resourceType: 'Pasient' }, 'resource-type Pasient'],
  ['an unknown element', { ...patient, nickname: 'x' }, 'unknown-element Patient.nickname'],
  [
    'an unknown element below',
    { ...patient, name: [{ middle: 'x', family: 'y' }] },
    'unknown-element Patient.name[0].middle',
  ],
  ['an object for an array', { ...patient, name: { family: 'x' } }, 'type Patient.name'],
  ['an array for an object', { ...observation, code: [{ text: 'x' }] }, 'type Observation.code'],
  ['an array for a primitive', { ...patient, birthDate: ['1985-03-15'] }, 'type Patient.birthDate'],
  ['null', { ...patient, birthDate: null }, 'type Patient.birthDate'],
  ['null in an array', { ...patient, name: [{ given: ['a', null] }] }, 'type Patient.name[0].given[1]'],
  ['an empty array', { ...patient, name: [] }, 'empty-array Patient.name'],
  ['an empty object', { ...patient, maritalStatus: {} }, 'ele-1 Patient.maritalStatus'],
  ['an object with only an id', { ...patient, maritalStatus: { id: 'a' } }, 'ele-1 Patient.maritalStatus'],
  ['an empty string', { ...patient, birthDate: '' }, 'format Patient.birthDate'],
  [
    'a missing required element',
    { resourceType: 'Observation', status: 'final' },
    'cardinality Observation.code',
  ],
  [
    'a missing required element below',
    { ...patient, link: [{ type: 'refer' }] },
    'cardinality Patient.link[0].other',
  ],
  ['an id that is too long', { ...patient, id: 'a'.repeat(65) }, 'format Patient.id'],
  ['an id with a bad character', { ...patient, id: 'a_b' }, 'format Patient.id'],
  ['a number for a boolean', { ...patient, active: 1 }, 'type Patient.active'],
  ['a string for a boolean', { ...patient, active: 'true' }, 'type Patient.active'],
  ['a date that does not exist', { ...patient, birthDate: '2023-02-29' }, 'format Patient.birthDate'],
  ['a date with time', { ...patient, birthDate: '1985-03-15T10:00:00Z' }, 'format Patient.birthDate'],
  [
    'a dateTime without zone',
    { ...observation, effectiveDateTime: '2024-01-01T10:00:00' },
    'format Observation.effective',
  ],
  [
    'a dateTime without seconds',
    { ...observation, effectiveDateTime: '2024-01-01T10:00Z' },
    'format Observation.effective',
  ],
  ['an instant without zone', { ...observation, issued: '2024-01-01T10:00:00' }, 'format Observation.issued'],
  [
    'a decimal in quotes',
    { ...observation, valueQuantity: { value: '7.5' } },
    'type Observation.value.value',
  ],
  ['a fraction for an integer', { ...observation, valueInteger: 1.5 }, 'format Observation.value'],
  [
    'zero for a positiveInt',
    { ...patient, telecom: [{ system: 'phone', value: '1', rank: 0 }] },
    'format Patient.telecom[0].rank',
  ],
  ['a code with a blank end', { ...observation, status: 'final ' }, 'format Observation.status'],
  ['a uri with a blank', { ...observation, implicitRules: 'http://x y' }, 'format Observation.implicitRules'],
  ['bad base64', { resourceType: 'Binary', contentType: 'text/plain', data: 'a*b=' }, 'format Binary.data'],
  ['two types of one value', { ...observation, valueString: 'x', valueInteger: 1 }, 'choice Observation'],
  ['a code outside a required set', { ...patient, gender: 'kvinne' }, 'required-binding Patient.gender'],
  [
    'a concept outside a required set',
    condition({ clinicalStatus: { coding: [{ system: 'http://x', code: 'active' }] } }),
    'required-binding Condition.clinicalStatus',
  ],
  [
    'a text where a code is required',
    condition({ clinicalStatus: { text: 'aktiv' } }),
    'required-binding Condition.clinicalStatus',
  ],
  [
    'a wrong reference type',
    { ...observation, subject: { reference: 'Practitioner/1' } },
    'reference-type Observation.subject',
  ],
  [
    'a wrong absolute reference type',
    { ...observation, subject: { reference: 'https://x/fhir/Practitioner/1/_history/2' } },
    'reference-type Observation.subject',
  ],
  [
    'a wrong contained type',
    { ...observation, contained: [{ resourceType: 'Practitioner', id: 'a' }], subject: { reference: '#a' } },
    'reference-type Observation.subject',
  ],
  [
    'a reference to nothing contained',
    { ...observation, subject: { reference: '#a' } },
    'ref-1 Observation.subject',
  ],
  [
    'a Reference.type that differs',
    { ...observation, subject: { reference: 'Patient/1', type: 'Group' } },
    'reference-type Observation.subject',
  ],
  [
    'a contained resource nobody names',
    { ...observation, contained: [{ resourceType: 'Patient', id: 'a' }] },
    'dom-3 Observation',
  ],
  [
    'a contained resource with a version',
    {
      ...observation,
      contained: [{ resourceType: 'Patient', id: 'a', meta: { versionId: '1' } }],
      subject: { reference: '#a' },
    },
    'dom-4 Observation',
  ],
  [
    'a fault in a contained resource',
    { ...observation, contained: [{ resourceType: 'Patient', id: 'a', x: 1 }], subject: { reference: '#a' } },
    'unknown-element Observation.contained[0].x',
  ],
  [
    'a period that ends before it starts',
    { ...patient, name: [{ family: 'x', period: { start: '2024-02', end: '2024-01-31' } }] },
    'per-1 Patient.name[0].period',
  ],
  ['a contact point without system', { ...patient, telecom: [{ value: '1' }] }, 'cpt-2 Patient.telecom[0]'],
  ['an empty contact', { ...patient, contact: [{ gender: 'male' }] }, 'pat-1 Patient.contact[0]'],
  [
    'a unit code without system',
    { ...observation, valueQuantity: { value: 1, code: 'mg' } },
    'qty-3 Observation.value',
  ],
  ['data without content type', { ...patient, photo: [{ data: 'aGVp' }] }, 'att-1 Patient.photo[0]'],
  [
    'a value and the reason for none',
    { ...observation, valueInteger: 1, dataAbsentReason: { text: 'x' } },
    'obs-6 Observation',
  ],
  [
    'a component coded as its observation',
    {
      ...observation,
      code: { coding: [{ system: 'a', code: 'b' }] },
      valueInteger: 1,
      component: [{ code: { coding: [{ system: 'a', code: 'b' }] }, valueInteger: 1 }],
    },
    'obs-7 Observation',
  ],
  [
    'an extension with value and children',
    {
      ...patient,
      extension: [{ url: 'http://x/y', valueString: 'a', extension: [{ url: 'z', valueString: 'b' }] }],
    },
    'ext-1 Patient.extension[0]',
  ],
  [
    'an extension with neither',
    { ...patient, extension: [{ url: 'http://x/y' }] },
    'ext-1 Patient.extension[0]',
  ],
  [
    'an extension without url',
    { ...patient, extension: [{ valueString: 'a' }] },
    'cardinality Patient.extension[0].url',
  ],
  [
    'a script in the narrative',
    { ...patient, text: { status: 'generated', div: DIV.replace('x<', '<script/>x<') } },
    'txt-1 Patient.text.div',
  ],
  [
    'an empty narrative',
    { ...patient, text: { status: 'generated', div: DIV.replace('>x<', '> <') } },
    'txt-2 Patient.text.div',
  ],
  [
    'linkIds twice',
    {
      ...questionnaire,
      item: [
        { linkId: '1', type: 'string' },
        { linkId: '1', type: 'string' },
      ],
    },
    'que-2 Questionnaire.item[1].linkId',
  ],
  [
    'a group without items',
    { ...questionnaire, item: [{ linkId: '1', type: 'group' }] },
    'que-1 Questionnaire.item[0]',
  ],
  [
    'a missing linkId deep down',
    { ...questionnaire, item: [{ linkId: '1', type: 'group', item: [{ type: 'string' }] }] },
    'cardinality Questionnaire.item[0].item[0].linkId',
  ],
  [
    'items and answers side by side',
    {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      item: [{ linkId: '1', answer: [{ valueString: 'a' }], item: [{ linkId: '2' }] }],
    },
    'qrs-1 QuestionnaireResponse.item[0]',
  ],
  [
    'a wrong check digit',
    { ...patient, identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: '15838510157' }] },
    'fnr-check-digit Patient.identifier[0].value',
  ],
  [
    'a wrong organisation number in a reference',
    {
      ...patient,
      managingOrganization: { identifier: { system: 'urn:oid:2.16.578.1.12.4.1.4.101', value: '915933148' } },
    },
    'enh-check-digit Patient.managingOrganization.identifier.value',
  ],
  ['two entries with one fullUrl', bundle([entry('urn:uuid:1'), entry('urn:uuid:1')]), 'bdl-7 Bundle'],
  [
    'a transaction entry without request',
    { ...bundle([entry('urn:uuid:1')]), type: 'transaction' },
    'bdl-3 Bundle',
  ],
  ['a total in a collection', { ...bundle([entry('urn:uuid:1')]), total: 1 }, 'bdl-1 Bundle'],
  [
    'a fault in an entry',
    bundle([{ fullUrl: 'urn:uuid:1', resource: { resourceType: 'Patient', gender: 'x' } }]),
    'required-binding Bundle.entry[0].resource.gender',
  ],
  [
    'an entry that is no resource',
    bundle([{ fullUrl: 'urn:uuid:1', resource: { resourceType: 'X' } }]),
    'resource-type Bundle.entry[0].resource',
  ],
];

function condition(members: JsonObject): JsonObject {
  return { resourceType: 'Condition', subject: { reference: 'Patient/1' }, ...members };
}

function bundle(entries: readonly JsonObject[]): JsonObject {
  return { resourceType: 'Bundle', type: 'collection', entry: entries };
}

function entry(fullUrl: string): JsonObject {
  return { fullUrl, resource: { resourceType: 'Patient' } };
}
