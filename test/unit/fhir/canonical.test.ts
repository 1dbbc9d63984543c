/** https://hl7.org/fhir/R4/references.html#canonical */
import { canonicalMap, getAnyVersion } from '../../../src/fhir/canonical-map.ts';
import { formatCanonical, parseCanonical } from '../../../src/fhir/canonical.ts';

describe('A canonical', () => {
  it.each([
    ['http://x.no/q', { url: 'http://x.no/q' }],
    ['http://x.no/q|1.0.0', { url: 'http://x.no/q', version: '1.0.0' }],
    ['http://x.no/q|1.0|beta', { url: 'http://x.no/q', version: '1.0|beta' }],
    ['http://x.no/q#part', { url: 'http://x.no/q#part' }],
  ])('is read and printed: %s.', (text, parts) => {
    expect(parseCanonical(text)).toEqual(parts);
    expect(formatCanonical(parts.url, 'version' in parts ? parts.version : undefined)).toBe(text);
  });
});

describe('The map of definitions', () => {
  const definitions = [
    { url: 'http://x.no/q', version: '1.10.0' },
    { url: 'http://x.no/q', version: '1.9.0' },
    { url: 'http://x.no/unversioned' },
    { version: '1.0.0' },
  ];
  const map = canonicalMap(definitions);

  it('finds the version asked for, and the newest without one.', () => {
    expect(map.get('http://x.no/q')).toBe(definitions[0]);
    expect(map.get('http://x.no/q|1.9.0')).toBe(definitions[1]);
    expect(map.get('http://x.no/q|2.0.0')).toBeUndefined();
    expect(map.get('http://x.no/unversioned')).toBe(definitions[2]);
  });

  it('falls back to any version where that is good enough.', () => {
    expect(getAnyVersion(map, 'http://x.no/q|2.0.0')).toBe(definitions[0]);
    expect(getAnyVersion(map, 'http://x.no/q|1.9.0')).toBe(definitions[1]);
    expect(getAnyVersion(map, 'http://x.no/none|1')).toBeUndefined();
  });
});
