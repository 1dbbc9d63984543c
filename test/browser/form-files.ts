/** Real forms from the content folders, with the value sets that they name, for tests of the pages in isolation. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CodeSystem, Questionnaire, ValueSet } from '../../src/fhir/types.ts';
import type { ValueSetConcept } from '../../src/sdc/form-types.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** `questionnaires/<register>/Questionnaire-<id>.json`. */
export function readQuestionnaire(register: string, id: string): Questionnaire {
  return readJson(join(ROOT, 'questionnaires', register, `Questionnaire-${id}.json`)) as Questionnaire;
}

/** Concepts of every value set of the folders, by canonical with version. */
export function readValueSets(...folders: readonly string[]): Readonly<Record<string, ValueSetConcept[]>> {
  const files = folders.flatMap((folder) => filesOf(join(ROOT, 'valuesets', folder)));
  const systems = new Map(
    files
      .filter((file): file is CodeSystem => file.resourceType === 'CodeSystem')
      .map((system) => [system.url ?? '', system]),
  );
  const sets = files.filter((file): file is ValueSet => file.resourceType === 'ValueSet');
  return Object.fromEntries(sets.map((set) => [`${set.url}|${set.version}`, conceptsOf(set, systems)]));
}

function conceptsOf(set: ValueSet, systems: ReadonlyMap<string, CodeSystem>): ValueSetConcept[] {
  return (set.compose?.include ?? []).flatMap(({ system = '', concept }) =>
    (concept ?? systems.get(system)?.concept ?? []).map((entry) => {
      const weight = entry.extension?.find(({ url }) => url.endsWith('/ordinalValue'))?.valueDecimal;
      const display =
        entry.display ?? systems.get(system)?.concept?.find(({ code }) => code === entry.code)?.display ?? '';
      const code = entry.code ?? '';
      return { system, code, display, ...(weight !== undefined && { weight }), source: entry };
    }),
  );
}

const filesOf = (folder: string): readonly (CodeSystem | ValueSet)[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => readJson(join(folder, name)) as CodeSystem | ValueSet);

const readJson = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8'));
