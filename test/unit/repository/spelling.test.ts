/** Identifier systems as they are seen in the wild, and as they are stored. */
import { parseJson, stringifyJson } from '../../../src/fhir/json.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { normaliseSystems } from '../../../src/repository/spelling.ts';

const OID = 'urn:oid:2.16.578.1.12.4.1.4';

describe('The spelling of systems', () => {
  it.each([
    ['http://hl7.no/fhir/NamingSystem/FNR', `${OID}.1`],
    ['2.16.578.1.12.4.1.4.1', `${OID}.1`],
    ['http://hl7.no/fhir/NamingSystem/DNR', `${OID}.2`],
    ['urn:oid:2.16.578.1.12.4.1.2.101', `${OID}.101`],
    ['2.16.578.1.12.4.1.2.101', `${OID}.101`],
    ['urn:oid:2.16.578.1.12.4.1.2.102', `${OID}.102`],
    ['urn:oid:2.16.578.1.12.4.1.102', `${OID}.102`],
    [`${OID}.1026`, `${OID}.102`],
    ['http://data.brreg.no/begrep/28155', `${OID}.101`],
    ['http://journal.example.no/id', 'http://journal.example.no/id'],
    ['http://loinc.org', 'http://loinc.org'],
  ])('is one for %s.', (written, stored) => {
    const resource: JsonObject = {
      resourceType: 'Encounter',
      identifier: [{ system: written, value: '1' }],
      serviceProvider: { identifier: { system: written, value: '2' } },
    };

    expect(normaliseSystems(resource)).toEqual({
      resourceType: 'Encounter',
      identifier: [{ system: stored, value: '1' }],
      serviceProvider: { identifier: { system: stored, value: '2' } },
    });
  });

  it('puts a municipality into the list of municipalities, and leaves districts.', () => {
    const coding = (end: string, code: string): JsonObject => ({
      resourceType: 'Patient',
      extension: [{ valueCoding: { system: `urn:oid:2.16.578.1.12.4.1.1.${end}`, code } }],
    });

    expect(normaliseSystems(coding('3403', '0301'))).toEqual(coding('3402', '0301'));
    expect(normaliseSystems(coding('3403', '030101'))).toEqual(coding('3403', '030101'));
    expect(normaliseSystems(coding('3402', '0301'))).toEqual(coding('3402', '0301'));
  });

  it('is the same object when nothing is to be changed, and keeps the digits of decimals.', () => {
    const right: JsonObject = { resourceType: 'Patient', identifier: [{ system: `${OID}.1`, value: '1' }] };
    const text = '{"system":"http://hl7.no/fhir/NamingSystem/FNR","value":1.0}';

    expect(normaliseSystems(right)).toBe(right);
    expect(stringifyJson(normaliseSystems(parseJson(text) as JsonObject))).toBe(
      `{"system":"${OID}.1","value":1.0}`,
    );
  });
});
