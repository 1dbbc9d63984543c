/** A validator over the base specification and the shared profiles, built once for a test file. */
import { readdirSync, readFileSync } from 'node:fs';
import { loadR4 } from '../../src/content/r4.ts';
import type { CodeSystem, Resource, StructureDefinition, ValueSet } from '../../src/fhir/types.ts';
import { createTerminology } from '../../src/terminology/terminology.ts';
import { createValidator, type Validator } from '../../src/validation/validator.ts';

const FOLDERS = ['fhir-profiles/no-basis', 'fhir-profiles/shared', 'valuesets/shared'];

export function sharedArtefacts<T extends Resource>(type: T['resourceType']): readonly T[] {
  return FOLDERS.flatMap((folder) => {
    const path = new URL(`../../${folder}/`, import.meta.url);
    const names = readdirSync(path).filter((name) => name.startsWith(`${type}-`));
    return names.map((name) => JSON.parse(readFileSync(new URL(name, path), 'utf8')) as T);
  });
}

export function sharedValidator(profiles: readonly StructureDefinition[] = []): Validator {
  const r4 = loadR4();
  const terminology = createTerminology({
    r4,
    valueSets: sharedArtefacts<ValueSet>('ValueSet'),
    codeSystems: sharedArtefacts<CodeSystem>('CodeSystem'),
  });
  return createValidator({
    r4,
    profiles: [...sharedArtefacts<StructureDefinition>('StructureDefinition'), ...profiles],
    terminology,
  });
}
