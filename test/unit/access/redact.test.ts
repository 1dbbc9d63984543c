/** Pseudonymised reading (BK-10, ID-02). */
import fc from 'fast-check';
import { pseudonymise, readsPseudonymised, refuseHiddenParameters } from '../../../src/access/redact.ts';
import { tellsOfNobody } from '../../../src/access/redact-text.ts';
import { parseJson, stringifyJson } from '../../../src/fhir/json.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { analytics, ehr, staff } from './principals.ts';

const FNR = '13886512345';
const fnr = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: FNR };
const pasientId = { system: 'https://ryggrad.no/fhir/NamingSystem/pasient-id', value: '10001' };

const patient: JsonObject = {
  resourceType: 'Patient',
  id: 'p',
  meta: { versionId: '2', source: 'urn:ryggrad:user:lu-ane' },
  text: { status: 'generated', div: '<div>Kari Fjell</div>' },
  contained: [
    { resourceType: 'RelatedPerson', id: 'r', name: [{ family: 'Fjell' }], patient: { reference: '#' } },
  ],
  extension: [{ url: 'http://x.no/birthPlace', valueAddress: { city: 'Bergen' } }],
  identifier: [fnr, pasientId, { system: 'http://journal.example.no/id', value: 'J-77' }],
  active: true,
  name: [{ family: 'Fjell', given: ['Kari'] }],
  telecom: [{ system: 'phone', value: '99999999' }],
  gender: 'female',
  birthDate: '1965-08-13',
  _birthDate: { extension: [{ url: 'http://x.no/birthTime', valueDateTime: '1965-08-13T10:00:00Z' }] },
  deceasedDateTime: '2026-01-02',
  address: [{ city: 'Bergen' }],
  contact: [{ name: { family: 'Fjell' } }],
  generalPractitioner: [{ reference: 'Practitioner/1', display: 'Dr. Dal' }],
  managingOrganization: { reference: 'Organization/o', display: 'Klinikken' },
};

describe('Pseudonymised reading', () => {
  it('is for analytics clients.', () => {
    expect([analytics, ehr, staff('SC')].map(readsPseudonymised)).toEqual([true, false, false]);
  });

  it('leaves out answers that say who somebody is, and keeps the questions.', () => {
    const mark = [
      { url: 'https://ryggrad.no/fhir/StructureDefinition/direct-identifier', valueBoolean: true },
    ];
    const answer = [{ valueString: '40 00 00 01' }];
    const response = (item: JsonObject[]): JsonObject => ({ resourceType: 'QuestionnaireResponse', item });
    const question: JsonObject = { linkId: 'phone', type: 'string', extension: mark };
    const form: JsonObject = { resourceType: 'Questionnaire', item: [question] };

    const seen = pseudonymise(
      response([
        { linkId: 'contact', item: [{ linkId: 'phone', extension: mark, answer }, { linkId: 'language' }] },
      ]),
    );

    expect(seen).toEqual(response([{ linkId: 'contact', item: [{ linkId: 'language' }] }]));
    expect(pseudonymise(form)).toEqual(form);
    expect(tellsOfNobody(stringifyJson(response([{ linkId: 'phone', extension: mark, answer }])))).toBe(
      false,
    );
  });

  it('keeps of a Patient the register number, sex, year of birth and death.', () => {
    expect(pseudonymise(patient)).toEqual({
      resourceType: 'Patient',
      id: 'p',
      meta: { versionId: '2' },
      identifier: [pasientId],
      active: true,
      gender: 'female',
      birthDate: '1965',
      deceasedDateTime: '2026-01-02',
      managingOrganization: { reference: 'Organization/o' },
    });
  });

  it('leaves no empty list where all identifiers were personal.', () => {
    expect(pseudonymise({ resourceType: 'Patient', id: 'p', identifier: [fnr] })).toEqual({
      resourceType: 'Patient',
      id: 'p',
    });
    expect(pseudonymise({ resourceType: 'Patient', identifier: 'not a list' })).toEqual({
      resourceType: 'Patient',
    });
  });

  it('takes names and numbers out of references, at any depth.', () => {
    const response: JsonObject = {
      resourceType: 'QuestionnaireResponse',
      id: 'q',
      subject: { reference: 'Patient/p', display: 'Kari Fjell', identifier: { value: 'J-77' } },
      author: { display: 'Ane Sol' },
      source: { type: 'Patient', identifier: fnr, display: 'Kari Fjell' },
      item: [
        {
          linkId: '1',
          answer: [{ valueCoding: { system: 'http://x.no', code: 'a', display: 'Ja' } }],
          extension: [
            { url: 'http://x.no/s', valueReference: { reference: 'Encounter/e', display: 'Kari' } },
          ],
        },
      ],
    };

    expect(pseudonymise(response)).toEqual({
      resourceType: 'QuestionnaireResponse',
      id: 'q',
      subject: { reference: 'Patient/p' },
      source: { type: 'Patient' },
      item: [
        {
          linkId: '1',
          answer: [{ valueCoding: { system: 'http://x.no', code: 'a', display: 'Ja' } }],
          extension: [{ url: 'http://x.no/s', valueReference: { reference: 'Encounter/e' } }],
        },
      ],
    });
  });

  it('keeps units and codes as they are.', () => {
    const task: JsonObject = {
      resourceType: 'Task',
      owner: { identifier: { system: 'http://hl7.no/fhir/NamingSystem/RESHid', value: '4201115' } },
      code: { coding: [{ code: 'x', display: 'Tilsyn' }], text: 'Tilsyn' },
      note: [{ authorString: 'Ane Sol', text: 'ring' }],
    };

    expect(pseudonymise(task)).toEqual({ ...task, note: [{ text: 'ring' }] });
  });

  it('treats contained persons like others.', () => {
    const observation: JsonObject = {
      resourceType: 'Observation',
      contained: [
        {
          resourceType: 'Patient',
          id: 'c',
          name: [{ family: 'Fjell' }],
          identifier: [fnr],
          birthDate: '1965-08-13',
        },
        { resourceType: 'Practitioner', id: 'd', name: [{ family: 'Sol' }], identifier: [fnr] },
        { resourceType: 'Organization', id: 'o', name: 'Klinikken' },
      ],
    };

    expect(pseudonymise(observation)).toEqual({
      resourceType: 'Observation',
      contained: [
        { resourceType: 'Patient', id: 'c', birthDate: '1965' },
        { resourceType: 'Practitioner', id: 'd' },
        { resourceType: 'Organization', id: 'o', name: 'Klinikken' },
      ],
    });
  });

  it('drops the narrative, which repeats everything.', () => {
    const text = { status: 'generated', div: '<div>Kari</div>' };

    expect(pseudonymise({ resourceType: 'Observation', text, status: 'final' })).toEqual({
      resourceType: 'Observation',
      status: 'final',
    });
  });

  it('keeps the digits of decimals (LM-02).', () => {
    const text = '{"resourceType":"Observation","valueQuantity":{"value":68.50},"x":[1.0,{"y":2.00}]}';

    expect(stringifyJson(pseudonymise(parseJson(text) as JsonObject))).toBe(text);
  });

  it.each([
    'urn:oid:2.16.578.1.12.4.1.4.1',
    'urn:oid:2.16.578.1.12.4.1.4.2',
    'urn:oid:2.16.578.1.12.4.1.4.3',
    'urn:oid:2.16.578.1.12.4.1.4.4',
    '2.16.578.1.12.4.1.4.1',
    'http://hl7.no/fhir/NamingSystem/FNR',
    'https://ryggrad.no/fhir/NamingSystem/annet-id/demo-smerteklinikk',
    'HNR',
  ])('knows %s as a number of a person wherever it stands.', (system) => {
    const identifier = { system, value: FNR };
    const resource: JsonObject = {
      resourceType: 'Basic',
      identifier: [identifier],
      subject: { identifier },
      extension: [{ url: 'http://x.no', valueIdentifier: identifier }],
    };

    expect(stringifyJson(pseudonymise(resource))).not.toContain(FNR);
    expect(tellsOfNobody(stringifyJson(resource))).toBe(false);
  });

  it('never lets a name or number of a Patient through, whatever else it holds.', () => {
    const secret = 'Hemmelig-13886512345';
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constant(secret),
        fc.array(tie('any'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom('text', 'family', 'value', 'extension', 'line', 'valueString'),
          tie('any'),
        ),
      ),
    })).any;
    const element = fc.constantFrom(
      'name',
      'telecom',
      'address',
      'photo',
      'contact',
      'communication',
      'link',
      'generalPractitioner',
      'extension',
      'modifierExtension',
      'contained',
      'text',
      '_birthDate',
      '_gender',
      'surprise',
    );
    fc.assert(
      fc.property(fc.dictionary(element, value), (elements) => {
        const resource = { ...elements, resourceType: 'Patient', id: 'p' } as JsonObject;

        expect(stringifyJson(pseudonymise(resource))).not.toContain(secret);
      }),
    );
  });
});

describe('A search by a pseudonymised reader', () => {
  it.each(['identifier', 'name', 'family', 'given', 'birthdate', 'phone', 'address-city', 'email'])(
    'is refused the parameter %s of persons.',
    (code) => {
      for (const type of ['Patient', 'RelatedPerson', 'Person']) {
        expect(() => refuseHiddenParameters(type, ['gender', code])).toThrow(
          `The parameter "${code}" of ${type} is not available`,
        );
      }
    },
  );

  it('is let through with what the answer shows anyway.', () => {
    expect(() => refuseHiddenParameters('Patient', ['_id', 'gender', 'active'])).not.toThrow();
    expect(() => refuseHiddenParameters('Observation', ['identifier', 'code'])).not.toThrow();
  });
});
