/**
 * SNOMED CT from the snapshot files of a release in format 2 (RF2), the international edition with extensions beside it:
 * https://confluence.ihtsdotools.org/display/DOCRELFMT
 * Preferred terms come from the language reference sets: bokmål before nynorsk before English. Holds the active concepts and
 * their terms in memory while it reads: about 1 GB for an international edition.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PREFERRED, type Concept, type Designation, type Property } from './concept.ts';
import { fieldsOf } from './load-lines.ts';
import { LoadError, type SystemFiles } from './load-system.ts';
import { SNOMED } from './filters.ts';

const FULLY_SPECIFIED = '900000000000003001';
const PREFERRED_TERM = '900000000000548007';
const IS_A = '116680003';
const STATED = '900000000000010007';

/** Language reference sets whose preferred terms are known, and the language each is for. */
const LANGUAGES: Readonly<Record<string, string>> = {
  '61000202103': 'nb',
  '91000202106': 'nn',
  '900000000000509007': 'en',
  '900000000000508004': 'en-GB',
};
const DISPLAY_ORDER = ['nb', 'nn', 'en', 'en-GB'];

export interface SnomedOptions {
  readonly folder: string;
  /** `http://snomed.info/sct/51000202101/version/20261215`. */
  readonly version: string;
}

interface Entry {
  readonly designations: Designation[];
  readonly parents: string[];
  readonly properties: Property[];
}

/** Find the snapshot files below a folder. Throws LoadError naming the kind of file that is missing. */
export async function readSnomed({ folder, version }: SnomedOptions): Promise<SystemFiles> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => /snapshot/i.test(name)).sort();
  const files = (pattern: RegExp): readonly string[] =>
    names.filter((name) => pattern.test(name)).map((name) => join(folder, name));
  const concepts = files(/sct2_Concept_[^/\\]*\.txt$/i);
  const descriptions = files(/sct2_Description_[^/\\]*\.txt$/i);
  const languages = files(/der2_cRefset_Language[^/\\]*\.txt$/i);
  const relationships = files(/sct2_Relationship_[^/\\]*\.txt$/i);
  for (const [kind, found] of Object.entries({
    Concept: concepts,
    Description: descriptions,
    Relationship: relationships,
  })) {
    if (found.length === 0) {
      throw new LoadError(`${folder} has no ${kind} snapshot: name the folder of an unpacked RF2 release.`);
    }
  }
  let read: Promise<readonly Concept[]> | undefined;
  return {
    url: SNOMED,
    version,
    title: 'SNOMED CT',
    kind: 'snomed',
    files: [...concepts, ...descriptions, ...languages, ...relationships],
    reading: '',
    meta: {
      language: 'nb',
      valueSet: `${SNOMED}?fhir_vs`,
      properties: [{ code: 'sufficientlyDefined', type: 'boolean' }],
    },
    async *concepts() {
      read ??= readAll({ concepts, descriptions, languages, relationships });
      yield* await read;
    },
  };
}

async function readAll(
  files: Readonly<Record<'concepts' | 'descriptions' | 'languages' | 'relationships', readonly string[]>>,
): Promise<readonly Concept[]> {
  const entries = await readConcepts(files.concepts);
  await readDescriptions(files.descriptions, await readPreferences(files.languages), entries);
  await readRelationships(files.relationships, entries);
  return [...entries].map(([code, entry]) => toConcept(code, entry));
}

/** Active concepts; where two files have one, the later row counts. */
async function readConcepts(files: readonly string[]): Promise<Map<string, Entry>> {
  const states = new Map<
    string,
    { readonly time: string; readonly active: boolean; readonly status: string }
  >();
  for (const file of files) {
    for await (const [id = '', time = '', active = '', , status = ''] of fieldsOf(file)) {
      const known = states.get(id);
      if (known === undefined || known.time <= time) {
        states.set(id, { time, active: active === '1', status });
      }
    }
  }
  const active = [...states].filter(([, state]) => state.active);
  return new Map(
    active.map(([id, { status }]) => [
      id,
      {
        designations: [],
        parents: [],
        properties: [
          { code: 'sufficientlyDefined', type: 'boolean', value: status === '900000000000073002' },
        ],
      },
    ]),
  );
}

/** Description id → languages in which it is preferred. */
async function readPreferences(files: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const preferred = new Map<string, readonly string[]>();
  for (const file of files) {
    for await (const [, , active, , refset = '', description = '', acceptability] of fieldsOf(file)) {
      const language = LANGUAGES[refset];
      if (active === '1' && acceptability === PREFERRED_TERM && language !== undefined) {
        preferred.set(description, [...(preferred.get(description) ?? []), language]);
      }
    }
  }
  return preferred;
}

async function readDescriptions(
  files: readonly string[],
  preferred: ReadonlyMap<string, readonly string[]>,
  entries: ReadonlyMap<string, Entry>,
): Promise<void> {
  for (const file of files) {
    for await (const [id = '', , active, , concept = '', language = '', type, value = ''] of fieldsOf(file)) {
      const entry = active === '1' ? entries.get(concept) : undefined;
      if (entry === undefined) {
        continue;
      }
      const languages = preferred.get(id) ?? [];
      if (type === FULLY_SPECIFIED) {
        entry.designations.push({ value, language, use: { system: SNOMED, code: FULLY_SPECIFIED } });
      } else if (languages.length === 0) {
        entry.designations.push({ value, language: language === 'no' ? 'nb' : language });
      } else {
        entry.designations.push(...languages.map((each) => ({ value, language: each, use: PREFERRED })));
      }
    }
  }
}

async function readRelationships(
  files: readonly string[],
  entries: ReadonlyMap<string, Entry>,
): Promise<void> {
  for (const file of files) {
    for await (const [, , active, , source = '', target = '', , type = '', characteristic] of fieldsOf(
      file,
    )) {
      const entry = active === '1' && characteristic !== STATED ? entries.get(source) : undefined;
      if (type === IS_A) {
        entry?.parents.push(target);
      } else {
        entry?.properties.push({ code: type, type: 'code', value: target });
      }
    }
  }
}

function toConcept(code: string, { designations, parents, properties }: Entry): Concept {
  const preferred = DISPLAY_ORDER.map((language) =>
    designations.find(({ language: given, use }) => given === language && use === PREFERRED),
  ).find((found) => found !== undefined);
  const display =
    (preferred ?? designations.find(({ use }) => use === undefined) ?? designations[0])?.value ?? code;
  return {
    code,
    display,
    designations,
    properties,
    parents: [...new Set(parents)],
    isActive: true,
    isAbstract: false,
  };
}
