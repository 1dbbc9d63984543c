/**
 * The profiles of `fhir-profiles/shared`, by example: `profiles/manifest.json` says which rule each file must break, and
 * where. A file without errors must be accepted.
 */
import { readdirSync, readFileSync } from 'node:fs';
import type { JsonObject, StructureDefinition } from '../../src/fhir/types.ts';
import { sharedArtefacts, sharedValidator } from '../support/validator.ts';

interface ProfileCase {
  readonly file: string;
  readonly profile: string;
  readonly what: string;
  readonly errors: readonly { readonly rule: string; readonly expression: string }[];
}

const folder = new URL('profiles/', import.meta.url);
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
const cases = read('manifest.json') as readonly ProfileCase[];
const validator = sharedValidator();

const errorsOf = (resource: JsonObject, profile: string): readonly string[] =>
  validator
    .validate(resource, { profiles: [profile] })
    .filter(({ severity }) => severity === 'error')
    .map(({ rule = '', expression = '' }) => `${rule} ${expression}`);

describe('The register profiles', () => {
  it.each(cases.filter(({ errors }) => errors.length === 0))('accept $file: $what.', ({ file, profile }) => {
    expect(errorsOf(read(file) as JsonObject, profile)).toEqual([]);
  });

  it.each(cases.filter(({ errors }) => errors.length > 0))(
    'refuse $file: $what.',
    ({ file, profile, errors }) => {
      expect(errorsOf(read(file) as JsonObject, profile)).toEqual(
        errors.map(({ rule, expression }) => `${rule} ${expression}`),
      );
    },
  );

  it('have a valid and several invalid examples each, and every file is in the manifest.', () => {
    const files = readdirSync(folder, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.json') && name !== 'manifest.json');
    const profiles = sharedArtefacts<StructureDefinition>('StructureDefinition').filter(({ id }) =>
      id?.startsWith('ryggrad-'),
    );

    expect(files.toSorted()).toEqual(cases.map(({ file }) => file).toSorted());
    for (const { url, id } of profiles) {
      const own = cases.filter(({ profile }) => profile === url);
      expect([
        id,
        own.some(({ errors }) => errors.length === 0),
        own.filter(({ errors }) => errors.length > 0).length >= 3,
      ]).toEqual([id, true, true]);
    }
  });

  it('and the artefacts they stand on are themselves valid.', () => {
    for (const type of [
      'StructureDefinition',
      'ValueSet',
      'CodeSystem',
      'NamingSystem',
      'SearchParameter',
    ] as const) {
      for (const artefact of sharedArtefacts(type)) {
        const errors = validator
          .validate(artefact as unknown as JsonObject)
          .filter(({ severity }) => severity === 'error');
        expect([artefact.id, errors]).toEqual([artefact.id, []]);
      }
    }
  });

  it('all have a snapshot.', () => {
    for (const { url = '' } of sharedArtefacts<StructureDefinition>('StructureDefinition')) {
      expect(validator.profile(url)?.snapshot?.element?.length).toBeGreaterThan(0);
    }
  });

  it('know a no-basis profile by the canonical of its newer build too.', () => {
    const resource = {
      resourceType: 'Patient',
      meta: { profile: ['http://hl7.no/fhir/ig/StructureDefinition/no-basis-Patient'] },
    };

    expect(validator.validate(resource).map(({ rule }) => rule)).not.toContain('unknown-profile');
  });
});
