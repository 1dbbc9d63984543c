/**
 * Where definitions come from when one is named by its canonical, in this order:
 * 1. the content of the registers (forms and mappings mean exactly these),
 * 2. code systems that the operator has loaded,
 * 3. resources that clients have stored,
 * 4. the base specification of FHIR R4.
 * A version that is asked for must be there; without one, the version in force counts.
 */
import { parseCanonical } from '../fhir/canonical.ts';
import { systemName } from './aliases.ts';
import type { CodeSystem, ConceptMap, ValueSet } from '../fhir/types.ts';
import type { Queryable } from '../storage/db.ts';
import { type CodeList, createCodeList } from './code-list.ts';
import { type LoadedSystem, loadedSystems } from './tables.ts';
import type { Definitions } from './terminology.ts';

/** Resources that clients have stored, as far as the caller may read them. */
export interface StoredDefinitions {
  find(type: 'CodeSystem', urls: readonly string[]): Promise<readonly CodeSystem[]>;
  find(type: 'ValueSet', urls: readonly string[]): Promise<readonly ValueSet[]>;
  find(type: 'ConceptMap', urls: readonly string[]): Promise<readonly ConceptMap[]>;
  /** Maps that start from a system (`group.source`), newest first; a bounded number. */
  conceptMaps(): Promise<readonly ConceptMap[]>;
}

/** A code system to be asked: a list in memory, or tables. */
export type SystemSource =
  | {
      readonly kind: 'list';
      readonly url: string;
      readonly version?: string;
      readonly title: string;
      readonly language?: string;
      readonly list: CodeList;
      readonly definition: CodeSystem;
    }
  | {
      readonly kind: 'table';
      readonly url: string;
      readonly version: string;
      readonly title: string;
      readonly language?: string;
      readonly loaded: LoadedSystem;
    };

export interface SourceNeeds {
  readonly definitions: Readonly<Record<'own' | 'base', Definitions>>;
  readonly stored: StoredDefinitions;
  readonly db: Queryable;
  /** The day on which versions are in force: YYYY-MM-DD. */
  readonly day: string;
}

/** Systems by `url` or `url|version`, two queries for all of them; those not known are not in the answer. */
export async function systemSources(
  { definitions: { own, base }, stored, db, day }: SourceNeeds,
  canonicals: readonly string[],
): Promise<ReadonlyMap<string, SystemSource>> {
  const complete = new Map(
    canonicals.flatMap((canonical) => {
      const system = own.codeSystem(canonical);
      return system?.content === 'complete' ? [[canonical, ofList(system)] as const] : [];
    }),
  );
  const others = canonicals.filter((canonical) => !complete.has(canonical));
  if (others.length === 0) {
    return complete;
  }
  const given = others.map((canonical) => parseCanonical(canonical).url);
  const urls = [...new Set([...given, ...given.map(systemName)])];
  const [loaded, kept] = await Promise.all([loadedSystems(db, day, urls), stored.find('CodeSystem', urls)]);
  const found = others.flatMap((canonical) => {
    const table = loaded.find((system) => isAsked(canonical, system));
    const system =
      newest(canonical, kept.filter(hasConcepts)) ?? own.codeSystem(canonical) ?? base.codeSystem(canonical);
    const source = table === undefined ? system && hasConcepts(system) && ofList(system) : ofTable(table);
    return source ? [[canonical, source] as const] : [];
  });
  return new Map([...complete, ...found]);
}

const hasConcepts = ({ content, concept }: CodeSystem): boolean =>
  (content === 'complete' || content === 'fragment' || content === 'example') && (concept ?? []).length > 0;

const compiled = new WeakMap<CodeSystem, CodeList>();

/** A CodeSystem resource as a source; compiled once. */
export function ofList(definition: CodeSystem): SystemSource {
  const list = compiled.get(definition) ?? createCodeList(definition);
  compiled.set(definition, list);
  const { url = '', version, title, name, language } = definition;
  return {
    kind: 'list',
    url,
    ...(version !== undefined && { version }),
    title: title ?? name ?? url,
    ...(language !== undefined && { language }),
    list,
    definition,
  };
}

function ofTable(loaded: LoadedSystem): SystemSource {
  const { url, version, title, meta } = loaded;
  return {
    kind: 'table',
    url,
    version,
    title,
    ...(meta.language !== undefined && { language: meta.language }),
    loaded,
  };
}

interface Versioned {
  readonly url?: string;
  readonly version?: string;
}

/** SNOMED CT's editions are versions of one system: the edition alone names its version in force. */
function isAsked(canonical: string, { url, version = '' }: Versioned): boolean {
  const asked = parseCanonical(canonical);
  return (
    (asked.url === url || systemName(asked.url) === url) &&
    (asked.version === undefined ||
      asked.version === version ||
      version.startsWith(`${asked.version}/version/`))
  );
}

const order = new Intl.Collator('en', { numeric: true });

function newest<T extends Versioned>(canonical: string, found: readonly T[]): T | undefined {
  const [first] = found
    .filter((definition) => isAsked(canonical, definition))
    .toSorted((a, b) => order.compare(b.version ?? '', a.version ?? ''));
  return first;
}

/** Value sets by canonical; one query for those that are not content. */
export async function findValueSets(
  { definitions: { own, base }, stored }: SourceNeeds,
  canonicals: readonly string[],
): Promise<ReadonlyMap<string, ValueSet>> {
  const others = canonicals.filter((canonical) => own.valueSet(canonical) === undefined);
  const kept =
    others.length === 0
      ? []
      : await stored.find('ValueSet', [...new Set(others.map((canonical) => parseCanonical(canonical).url))]);
  return new Map(
    canonicals.flatMap((canonical) => {
      const found = own.valueSet(canonical) ?? newest(canonical, kept) ?? base.valueSet(canonical);
      return found === undefined ? [] : [[canonical, found] as const];
    }),
  );
}

/** Concept maps by canonical. */
export async function findConceptMaps(
  { definitions: { own, base }, stored }: SourceNeeds,
  canonicals: readonly string[],
): Promise<ReadonlyMap<string, ConceptMap>> {
  const others = canonicals.filter((canonical) => own.conceptMap(canonical) === undefined);
  const kept =
    others.length === 0
      ? []
      : await stored.find('ConceptMap', [
          ...new Set(others.map((canonical) => parseCanonical(canonical).url)),
        ]);
  return new Map(
    canonicals.flatMap((canonical) => {
      const found = own.conceptMap(canonical) ?? newest(canonical, kept) ?? base.conceptMap(canonical);
      return found === undefined ? [] : [[canonical, found] as const];
    }),
  );
}
