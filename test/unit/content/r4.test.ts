import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { notePlaces } from '../../../src/content/r4-places.ts';
import { repositoryRoot } from '../../support/source-files.ts';
import { loadR4 } from '../../../src/content/r4.ts';

const r4 = loadR4();

describe('The base definitions', () => {
  it('hold every resource type and datatype by canonical and by name.', () => {
    expect(r4.structureDefinitions.get('Patient')).toBe(
      r4.structureDefinitions.get('http://hl7.org/fhir/StructureDefinition/Patient|4.0.1'),
    );
    expect(r4.structureDefinitions.get('Period')?.snapshot?.element?.length).toBeGreaterThan(2);
    expect(r4.structureDefinitions.get('http://hl7.org/fhir/StructureDefinition/bp')?.type).toBe(
      'Observation',
    );
  });

  it('hold value sets, code systems and search parameters of the specification only.', () => {
    expect(
      r4.valueSets.get('http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1')?.compose,
    ).toBeDefined();
    expect(
      r4.codeSystems.get('http://terminology.hl7.org/CodeSystem/v3-ActCode')?.concept?.length,
    ).toBeGreaterThan(5);
    expect(r4.codeSystems.get('http://terminology.hl7.org/CodeSystem/v2-0131')).toBeDefined();
    expect(r4.searchParameters.all().length).toBeGreaterThan(1300);
    expect(r4.searchParameters.all().some(({ url }) => url?.includes('medplum'))).toBe(false);
  });

  it.each([
    'http://hl7.org/fhir/StructureDefinition/Patient',
    'http://hl7.org/fhir/StructureDefinition/bp|4.0.1',
    'http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1',
    'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  ])('tell that they have %s.', (canonical) => {
    expect(r4.defines(canonical)).toBe(true);
  });

  it('tell nothing of a search parameter: profiles, types and lists of codes are what content refers to.', () => {
    expect(r4.defines('http://hl7.org/fhir/SearchParameter/Patient-name')).toBe(false);
  });

  it('leave out narrative and long texts.', () => {
    const patient = r4.structureDefinitions.get('Patient');

    expect(patient?.text).toBeUndefined();
    expect(patient?.snapshot?.element?.[0]?.mapping).toBeUndefined();
  });

  it('know nothing of other canonicals.', () => {
    expect(r4.structureDefinitions.get('http://example.org/StructureDefinition/x')).toBeUndefined();
    expect(r4.defines('http://example.org/StructureDefinition/x')).toBe(false);
  });

  it('stand where it is noted (else: node scripts/r4-places.mjs).', () => {
    const noted: unknown = JSON.parse(
      readFileSync(join(repositoryRoot, 'src/content/r4-places.json'), 'utf8'),
    );

    expect(notePlaces()).toEqual(noted);
  });
});
