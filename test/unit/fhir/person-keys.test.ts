/** National identity numbers as unique keys. */
import { hash64 } from '../../../src/fhir/id.ts';
import type { JsonObject, JsonValue } from '../../../src/fhir/types.ts';
import { personKeys } from '../../../src/fhir/person-keys.ts';

const OID = 'urn:oid:2.16.578.1.12.4.1.4';
const patient = (...identifier: readonly JsonValue[]): JsonObject => ({
  resourceType: 'Patient',
  identifier,
});

describe('The keys of a person', () => {
  it.each([1, 2, 3])('are the numbers of system …4.%d.', (end) => {
    expect(personKeys(patient({ system: `${OID}.${end}`, value: '15838510156' }))).toEqual([
      hash64(`${OID}.${end}|15838510156`),
    ]);
  });

  it('are each once, and all of them.', () => {
    const fnr = { system: `${OID}.1`, value: '15838510156' };
    const dnr = { system: `${OID}.2`, value: '49919010036' };

    expect(personKeys(patient(fnr, dnr, { ...fnr, use: 'official' }))).toHaveLength(2);
  });

  it.each<[string, JsonObject]>([
    ['old numbers', patient({ system: `${OID}.1`, value: '15838510156', use: 'old' })],
    [
      'local numbers',
      patient({ system: 'HNR', value: '1' }, { system: 'http://journal.example.no', value: '1' }),
    ],
    ['numbers without value or system', patient({ system: `${OID}.1` }, { value: '15838510156' }, null)],
    [
      'other types',
      { resourceType: 'RelatedPerson', identifier: [{ system: `${OID}.1`, value: '15838510156' }] },
    ],
    ['no list', { resourceType: 'Patient', identifier: 'x' }],
    ['none', { resourceType: 'Patient' }],
  ])('are not made of %s.', (_what, resource) => {
    expect(personKeys(resource)).toEqual([]);
  });
});
