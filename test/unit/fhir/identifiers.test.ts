import { readFileSync } from 'node:fs';
import {
  checkIdentifier,
  classifyPersonNumber,
  IDENTIFIER_SYSTEMS,
  isOrganisationNumber,
  normaliseIdentifierSystem,
} from '../../../src/fhir/identifiers.ts';

interface Vectors {
  personNumbers: { value: string; type: 'FNR' | 'DNR' | 'HNR'; synthetic: string }[];
  officialExamples2032: { value: string }[];
  fhNumbers: { value: string }[];
  invalid: { value: string; classifiedAs: string }[];
  organisationNumbers: { value: string; valid: boolean }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../conformance/data/identifiers.json', import.meta.url), 'utf8'),
) as Vectors;

describe('The Norwegian identifier rules', () => {
  it.each(vectors.personNumbers)(
    'recognise $value as $type with $synthetic.',
    ({ value, type, synthetic }) => {
      const found = classifyPersonNumber(value);

      expect(found).toMatchObject({ kind: type.toLowerCase(), checkDigits: 'ok' });
      expect('synthetic' in found ? found.synthetic : undefined).toBe(
        synthetic === '+40' ? undefined : synthetic,
      );
    },
  );

  it.each(vectors.officialExamples2032)(
    'accept $value, whose first check digit may leave 0 to 3.',
    ({ value }) => {
      expect(checkIdentifier(IDENTIFIER_SYSTEMS.fnr, value)).toBeUndefined();
    },
  );

  it.each(vectors.fhNumbers)('recognise $value as a common help number.', ({ value }) => {
    expect(classifyPersonNumber(value)).toEqual({ kind: 'fhn', checkDigits: 'ok' });
    expect(checkIdentifier(IDENTIFIER_SYSTEMS.fhn, value)).toBeUndefined();
  });

  it.each(vectors.invalid)('refuse $value as $classifiedAs.', ({ value, classifiedAs }) => {
    expect(classifyPersonNumber(value)).toEqual({ kind: 'invalid', reason: classifiedAs });
    expect(checkIdentifier(IDENTIFIER_SYSTEMS.fnr, value)?.rule).toMatch(/^fnr-(format|date|check-digit)$/);
  });

  it.each(vectors.organisationNumbers)(
    'say $valid for the organisation number $value.',
    ({ value, valid }) => {
      expect(isOrganisationNumber(value)).toBe(valid);
      expect(checkIdentifier(IDENTIFIER_SYSTEMS.enh, value)?.rule).toBe(
        valid ? undefined : 'enh-check-digit',
      );
    },
  );

  it('do not require check digits of a local help number, but do of one sent as an identity number.', () => {
    expect(classifyPersonNumber('17454026641')).toEqual({ kind: 'hnr', checkDigits: 'not-required' });
    expect(checkIdentifier(IDENTIFIER_SYSTEMS.hnr, '17454026641')).toBeUndefined();
    expect(checkIdentifier(IDENTIFIER_SYSTEMS.fnr, '17454026641')?.rule).toBe('fnr-check-digit');
  });

  it('refuse a D-number under the system of identity numbers and the other way round.', () => {
    expect(checkIdentifier(IDENTIFIER_SYSTEMS.fnr, '49919010036')?.rule).toBe('fnr-kind');
    expect(checkIdentifier(IDENTIFIER_SYSTEMS.dnr, '15838510156')?.rule).toBe('dnr-kind');
  });

  it.each([
    ['hpr', '9144889', undefined],
    ['hpr', '0123', 'hpr-format'],
    ['resh', '4204191', undefined],
    ['resh', 'RESH-1', 'resh-format'],
    ['duf', '201012345678', undefined],
    ['duf', '2010', 'duf-format'],
    ['herId', '8140000', undefined],
    ['enh', '12', 'enh-format'],
  ] as const)('check the form of %s %s.', (kind, value, rule) => {
    expect(checkIdentifier(IDENTIFIER_SYSTEMS[kind], value)?.rule).toBe(rule);
  });

  it('never repeat the number in the message.', () => {
    for (const { value } of vectors.invalid) {
      expect(checkIdentifier(IDENTIFIER_SYSTEMS.fnr, value)?.message).not.toContain(value);
    }
  });

  it('let unknown systems pass.', () => {
    expect(checkIdentifier('http://profil.visma.no/lopenummer', 'anything')).toBeUndefined();
  });

  it.each([
    ['http://hl7.no/fhir/NamingSystem/FNR', IDENTIFIER_SYSTEMS.fnr],
    ['2.16.578.1.12.4.1.4.1', IDENTIFIER_SYSTEMS.fnr],
    ['urn:oid:2.16.578.1.12.4.1.2.101', IDENTIFIER_SYSTEMS.enh],
    ['2.16.578.1.12.4.1.2.102', IDENTIFIER_SYSTEMS.resh],
    ['urn:oid:2.16.578.1.12.4.1.4.1026', IDENTIFIER_SYSTEMS.resh],
    ['urn:oid:2.16.578.1.12.4.1.4.4', IDENTIFIER_SYSTEMS.hpr],
    ['http://example.org/id', 'http://example.org/id'],
  ])('normalise the system %s.', (seen, stored) => {
    expect(normaliseIdentifierSystem(seen)).toBe(stored);
  });
});
