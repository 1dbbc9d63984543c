import type { JsonObject, JsonValue } from '../../../src/fhir/types.ts';
import { sharedValidator } from '../../support/validator.ts';
import { FAULTS, observation, patient, questionnaire } from './base-faults.ts';

const validator = sharedValidator();

const errorsOf = (resource: JsonValue): readonly string[] =>
  validator
    .validate(resource)
    .filter(({ severity }) => severity === 'error')
    .map(({ rule = '', expression = '' }) => `${rule} ${expression}`);

const VALID: readonly (readonly [string, JsonObject])[] = [
  ['a primitive with only an extension', { ...patient, _birthDate: { extension: [ABSENT()] } }],
  [
    'a null whose extension stands beside it',
    { ...patient, name: [{ given: ['a', null], _given: [null, { extension: [ABSENT()] }] }] },
  ],
  [
    'a required element with only an extension',
    { ...observation, status: undefined, _status: { extension: [ABSENT()] } } as unknown as JsonObject,
  ],
  ['base64 with line breaks', { resourceType: 'Binary', contentType: 'text/plain', data: 'aGVp\n aGVp\r\n' }],
  ['partial dates', { ...patient, birthDate: '1985-03', deceasedDateTime: '2020' }],
  ['a leap second and fractions', { ...observation, effectiveInstant: '2016-12-31T23:59:60.123Z' }],
  [
    'a period within one day',
    { ...patient, name: [{ family: 'x', period: { start: '2024-02', end: '2024-02-01' } }] },
  ],
  [
    'a contained resource that points at its container',
    {
      ...observation,
      contained: [
        {
          resourceType: 'Provenance',
          id: 'a',
          target: [{ reference: '#' }],
          recorded: '2024-01-01T10:00:00Z',
          agent: [{ who: { display: 'x' } }],
        },
      ],
    },
  ],
  ['a conditional reference', { ...observation, subject: { reference: 'Patient?identifier=a|b' } }],
  [
    'a urn in a bundle',
    { ...observation, subject: { reference: 'urn:uuid:8d5b6c3e-6f0c-4b6c-9f0e-0d2b6b9b1a10' } },
  ],
  [
    'a SNOMED code, which cannot be checked here',
    { ...observation, bodySite: { coding: [{ system: 'http://snomed.info/sct', code: '1' }] } },
  ],
  [
    'an existence question',
    {
      ...questionnaire,
      item: [
        { linkId: '1', type: 'string' },
        {
          linkId: '2',
          type: 'string',
          enableWhen: [{ question: '1', operator: 'exists', answerBoolean: true }],
        },
      ],
    },
  ],
];

function ABSENT(): JsonObject {
  return { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' };
}

describe('The validator, of base types,', () => {
  it.each(FAULTS)('reports %s.', (_what, resource, fault) => {
    expect(errorsOf(resource)).toContain(fault);
  });

  it.each(VALID)('accepts %s.', (_what, resource) => {
    expect(errorsOf(JSON.parse(JSON.stringify(resource)) as JsonObject)).toEqual([]);
  });

  it('reports one fault once.', () => {
    expect(errorsOf({ ...patient, gender: 'kvinne' })).toEqual(['required-binding Patient.gender']);
  });

  it('never shows a national identity number, whatever element it was put in.', () => {
    const number = '15838510157';
    const issues = validator.validate({
      ...patient,
      [number]: 'x',
      gender: number,
      birthDate: number,
      identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: number }],
      meta: { profile: [`http://x/${number}`] },
    });

    expect(issues.length).toBeGreaterThanOrEqual(5);
    expect(JSON.stringify(issues)).not.toContain(number);
  });

  it('advises a narrative once, for the outermost resource.', () => {
    const issues = validator.validate({
      ...observation,
      contained: [{ resourceType: 'Patient', id: 'a' }],
      subject: { reference: '#a' },
    });

    expect(
      issues.filter(({ rule }) => rule === 'dom-6').map(({ severity, expression }) => [severity, expression]),
    ).toEqual([['warning', 'Observation']]);
  });

  it('takes an unknown profile as information, and refuses one that was asked for.', () => {
    const resource = {
      ...patient,
      meta: { profile: ['http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient'] },
    };

    expect(validator.validate(resource)).toContainEqual(
      expect.objectContaining({
        severity: 'information',
        rule: 'unknown-profile',
        expression: 'Patient.meta.profile[0]',
      }),
    );
    expect(validator.validate(patient, { profiles: ['http://x/y'] })).toContainEqual(
      expect.objectContaining({ severity: 'error', rule: 'unknown-profile' }),
    );
  });

  it('refuses a profile of another type.', () => {
    expect(
      errorsOf({ ...patient, meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bp'] } }),
    ).toEqual(['profile-type Patient.meta.profile[0]']);
  });

  it('warns about an extensible binding and informs about a preferred one.', () => {
    const marital = validator.validate({
      ...patient,
      maritalStatus: { coding: [{ system: 'http://x', code: 'G' }] },
    });
    const unit = validator.validate({
      ...patient,
      communication: [{ language: { coding: [{ system: 'urn:ietf:bcp:47', code: 'se' }] } }],
    });

    expect(marital.find(({ rule }) => rule === 'extensible-binding')?.severity).toBe('warning');
    expect(unit.find(({ rule }) => rule === 'preferred-binding')?.severity).toBe('information');
  });

  it('warns about a code that its system does not have.', () => {
    const issues = validator.validate({
      ...observation,
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital' }] },
      ],
    });

    expect(issues).toContainEqual(
      expect.objectContaining({
        severity: 'warning',
        rule: 'unknown-code',
        expression: 'Observation.category[0].coding[0].code',
      }),
    );
  });

  it('lists at most a thousand findings, errors first.', () => {
    const extension = Array.from({ length: 1500 }, (_, index) => ({
      url: `http://x/${index}`,
      valueString: 'a',
    }));
    const issues = validator.validate({ ...patient, extension, gender: 'x' });

    expect(issues).toHaveLength(1001);
    expect(issues[0]).toMatchObject({ severity: 'error', rule: 'required-binding' });
    expect(issues.at(-1)?.rule).toBe('too-many-issues');
  });
});
