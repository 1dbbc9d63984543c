/** https://hl7.org/fhir/R4/references.html#literal */
import { idOfReference, parseLocalReference } from '../../../src/fhir/reference.ts';

const BASE = 'https://register.example.no/fhir';

describe('A literal reference', () => {
  it.each([
    ['Patient/1', { type: 'Patient', id: '1' }],
    ['/Patient/1', { type: 'Patient', id: '1' }],
    ['Patient/a.B-9/_history/2', { type: 'Patient', id: 'a.B-9', versionId: '2' }],
    [`${BASE}/Patient/1`, { type: 'Patient', id: '1' }],
    [`Patient/${'x'.repeat(64)}`, { type: 'Patient', id: 'x'.repeat(64) }],
  ])('is read from %s.', (text, parts) => {
    expect(parseLocalReference(text, BASE)).toEqual(parts);
  });

  it.each([
    '#org',
    'urn:uuid:11111111-1111-4111-8111-111111111111',
    'Patient?identifier=a',
    'https://other.example.no/fhir/Patient/1',
    `${BASE}x/Patient/1`,
    'Patient',
    'Patient/',
    'Patient/1/',
    'Patient/1/_history',
    'Patient/1/2',
    'patient/1',
    'Patient/1 ',
    'Patient/1\n',
    `Patient/${'x'.repeat(65)}`,
    '//Patient/1',
    '',
  ])('is not read from %j.', (text) => {
    expect(parseLocalReference(text, BASE)).toBeUndefined();
  });

  it('is foreign when no base is known.', () => {
    expect(parseLocalReference(`${BASE}/Patient/1`)).toBeUndefined();
  });

  it('gives its id only for the type asked for.', () => {
    expect(idOfReference({ reference: 'Patient/1' }, 'Patient')).toBe('1');
    expect(idOfReference({ reference: 'Group/1' }, 'Patient')).toBeUndefined();
    expect(idOfReference({ display: 'Kari' }, 'Patient')).toBeUndefined();
    expect(idOfReference(undefined, 'Patient')).toBeUndefined();
  });
});
