/** https://hl7.org/fhir/R4/http.html#trules */
import { parseJson, stringifyJson } from '../../../src/fhir/json.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { collectReferences, rewriteReferences } from '../../../src/repository/rewrite.ts';

const observation: JsonObject = {
  resourceType: 'Observation',
  contained: [{ resourceType: 'Specimen', subject: { reference: 'urn:uuid:1' } }],
  subject: { reference: 'urn:uuid:1', display: 'urn:uuid:1' },
  hasMember: [{ reference: 'urn:uuid:2' }, { reference: 'Observation/9' }],
  note: [{ text: 'reference: urn:uuid:1' }],
  extension: [{ url: 'http://x.no', valueReference: { reference: 'urn:uuid:2' } }],
  identifier: [{ value: 'urn:uuid:1' }],
};

describe('References in a resource', () => {
  it('are found at any depth, each once.', () => {
    expect([...collectReferences(observation)].toSorted()).toEqual([
      'Observation/9',
      'urn:uuid:1',
      'urn:uuid:2',
    ]);
    expect(collectReferences('urn:uuid:1')).toEqual(new Set());
    expect(collectReferences({ reference: { reference: 'Patient/1' } })).toEqual(new Set(['Patient/1']));
  });

  it('are replaced wherever they are references, and nowhere else.', () => {
    const replaced = rewriteReferences(observation, (reference) =>
      reference.replace('urn:uuid:', 'Patient/'),
    );

    expect(replaced).toEqual({
      ...observation,
      contained: [{ resourceType: 'Specimen', subject: { reference: 'Patient/1' } }],
      subject: { reference: 'Patient/1', display: 'urn:uuid:1' },
      hasMember: [{ reference: 'Patient/2' }, { reference: 'Observation/9' }],
      extension: [{ url: 'http://x.no', valueReference: { reference: 'Patient/2' } }],
    });
    expect(observation['subject']).toEqual({ reference: 'urn:uuid:1', display: 'urn:uuid:1' });
  });

  it('leave everything else the very same objects.', () => {
    const replaced = rewriteReferences(observation, (reference) =>
      reference.replace('urn:uuid:1', 'Patient/1'),
    );

    expect(rewriteReferences(observation, (reference) => reference)).toBe(observation);
    expect(replaced['hasMember']).toBe(observation['hasMember']);
    expect(replaced['contained']).not.toBe(observation['contained']);
  });

  it('leave the digits of decimals beside them (LM-02).', () => {
    const text = '{"subject":{"reference":"a","x":1.0},"valueQuantity":{"value":2.50},"y":3.00}';

    expect(stringifyJson(rewriteReferences(parseJson(text), () => 'b'))).toBe(text.replace('"a"', '"b"'));
  });
});
