import type { JsonObject } from '../../../src/fhir/types.ts';
import { sharedValidator } from '../../support/validator.ts';

const validator = sharedValidator();
const HL7 = 'http://hl7.org/fhir/StructureDefinition';
const NO = 'http://hl7.no/fhir/StructureDefinition';

const findings = (members: JsonObject): readonly string[] =>
  validator
    .validate({ resourceType: 'Patient', ...members })
    .filter(({ rule }) => rule !== 'dom-6' && rule !== 'code-not-checked')
    .map(({ severity, rule = '', expression = '' }) => `${severity} ${rule} ${expression}`);

describe('The validator, of extensions,', () => {
  it('accepts known ones in their place.', () => {
    const address = {
      extension: [{ url: `${NO}/no-basis-address-official`, valueBoolean: true }],
      district: 'Oslo',
      _district: {
        extension: [
          {
            url: `${NO}/no-basis-municipalitycode`,
            valueCoding: {
              system:
                'https://register.geonorge.no/subregister/sosi-kodelister/kartverket/kommunenummer-alle',
              code: '0301',
            },
          },
        ],
      },
    };

    expect(
      findings({
        extension: [{ url: `${HL7}/patient-birthPlace`, valueAddress: { city: 'Bergen' } }],
        address: [address],
      }),
    ).toEqual([]);
  });

  it('informs about unknown ones.', () => {
    expect(findings({ extension: [{ url: 'http://x/y', valueString: 'a' }] })).toEqual([
      'information unknown-extension Patient.extension[0]',
    ]);
  });

  it('refuses unknown modifiers.', () => {
    expect(findings({ modifierExtension: [{ url: 'http://x/y', valueString: 'a' }] })).toEqual([
      'error unknown-modifier-extension Patient.modifierExtension[0]',
    ]);
  });

  it('refuses a relative url outside an extension.', () => {
    expect(findings({ extension: [{ url: 'code', valueString: 'a' }] })).toEqual([
      'error extension-url Patient.extension[0].url',
    ]);
  });

  it('checks the type of the value.', () => {
    expect(findings({ extension: [{ url: `${HL7}/patient-birthPlace`, valueString: 'Bergen' }] })).toEqual([
      'error type Patient.extension[0].value',
    ]);
  });

  it('checks the place.', () => {
    expect(
      findings({
        name: [
          { family: 'x', extension: [{ url: `${HL7}/patient-birthPlace`, valueAddress: { city: 'a' } }] },
        ],
      }),
    ).toEqual(['error extension-context Patient.name[0].extension[0]']);
  });

  it('checks the parts of a complex extension.', () => {
    const citizenship = (extension: readonly JsonObject[]): JsonObject => ({
      extension: [{ url: `${HL7}/patient-nationality`, extension }],
    });

    expect(findings(citizenship([{ url: 'code', valueCodeableConcept: { text: 'NO' } }]))).toEqual([]);
    expect(findings(citizenship([{ url: 'code', valueString: 'NO' }]))).toEqual([
      'error type Patient.extension[0].extension[0].value',
    ]);
    expect(
      findings(
        citizenship([
          { url: 'period', valuePeriod: { start: '2020' } },
          { url: 'period', valuePeriod: { start: '2021' } },
        ]),
      ),
    ).toEqual(['error cardinality Patient.extension[0].extension']);
  });

  it('knows the type of a primitive that is one of several.', () => {
    const translation = {
      url: `${HL7}/translation`,
      extension: [
        { url: 'lang', valueCode: 'en' },
        { url: 'content', valueString: 'Help' },
      ],
    };

    expect(
      findings({
        extension: [{ url: 'http://x/y', valueString: 'Hjelp', _valueString: { extension: [translation] } }],
      }),
    ).toEqual(['information unknown-extension Patient.extension[0]']);
  });
});
