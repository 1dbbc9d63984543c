/**
 * Terminology in memory: https://hl7.org/fhir/R4/terminology-service.html
 * Everything is computed on first use and kept; what cannot be decided here is answered `unknown`, never guessed.
 */
import type { R4Definitions } from '../content/r4.ts';
import { canonicalMap, getAnyVersion, type CanonicalMap } from '../fhir/canonical-map.ts';
import { parseCanonical } from '../fhir/canonical.ts';
import type { CodeSystem, ConceptMap, ValueSet } from '../fhir/types.ts';
import { createCodeList, type CodeList } from './code-list.ts';
import { createCodeSet, UNKNOWN, type Answer, type CodeSet, type SetConcept } from './code-set.ts';
import { translateCode, type Translation } from './translate.ts';

export type { Answer, SetConcept } from './code-set.ts';
export type { Translation } from './translate.ts';

export interface Terminology {
  /** All codes of a value set; undefined when it is not known or reaches into a system that is not here (SNOMED CT …). */
  expand(valueSet: string): readonly SetConcept[] | undefined;
  /** Whether a code is in a value set; without a system (a bare `code`) any system of the set counts. */
  contains(valueSet: string, system: string | undefined, code: string): Answer;
  /** The concept with its display; undefined when the system or the code is not known here. */
  lookup(system: string, code: string): SetConcept | undefined;
  /** Whether the code exists in its system. */
  exists(system: string, code: string): Answer;
  /** Targets of a code in a ConceptMap; empty when the map is not known or does not say. */
  translate(conceptMap: string, system: string | undefined, code: string): readonly Translation[];
  /** The definitions themselves: of the registers' content, and of the base specification. */
  readonly definitions: Readonly<Record<'own' | 'base', Definitions>>;
}

/** Definitions by canonical: `url` gives the newest, `url|version` that one and no other. */
export interface Definitions {
  codeSystem(canonical: string): CodeSystem | undefined;
  valueSet(canonical: string): ValueSet | undefined;
  conceptMap(canonical: string): ConceptMap | undefined;
  conceptMaps(): readonly ConceptMap[];
}

/** Codes that stand for a value set or a branch of a hierarchy. */
export type Codes =
  | { readonly kind: 'codes'; readonly codes: readonly SystemCode[] }
  /** More than `limit` codes: refuse the request and name the limit. */
  | { readonly kind: 'too-many'; readonly limit: number }
  /** The value set, the system or the code is not known here, or reaches into what is not here; `what` names it. */
  | { readonly kind: 'unknown'; readonly what: string };

export interface SystemCode {
  readonly system: string;
  readonly code: string;
}

/**
 * What search asks for `:in`, `:not-in`, `:below` and `:above`: https://hl7.org/fhir/R4/search.html#modifiers
 * Guarantees: never guesses (an incomplete answer is `unknown`), no code twice, at most `CODES_LIMIT` codes, codes in
 * their system's own spelling; small systems are answered from memory, each call else takes a fixed number of queries.
 * Knows the content of the registers, loaded systems, resources that all callers may read, and the base specification.
 * Throws FhirError (422) for a value set that imports itself or has a filter that is not supported.
 */
export interface CodeExpander {
  /** All codes of a value set, by `url` or `url|version`, implicit ones (`http://snomed.info/sct?fhir_vs=…`) too. */
  expandCodes(valueSet: string): Promise<Codes>;
  /** The code itself and all codes below it. */
  descendants(system: string, code: string): Promise<Codes>;
  /** The code itself and all codes above it. */
  ancestors(system: string, code: string): Promise<Codes>;
}

export const CODES_LIMIT = 10_000;

export interface TerminologySources {
  readonly r4?: R4Definitions;
  readonly valueSets?: readonly ValueSet[];
  readonly codeSystems?: readonly CodeSystem[];
  readonly conceptMaps?: readonly ConceptMap[];
}

/** Own content goes before the base specification. */
export function createTerminology({
  r4,
  valueSets = [],
  codeSystems = [],
  conceptMaps = [],
}: TerminologySources): Terminology {
  const sets = inOrder(canonicalMap(valueSets), r4?.valueSets);
  const systems = inOrder(canonicalMap(codeSystems), r4?.codeSystems);
  const maps = inOrder(canonicalMap(conceptMaps), r4?.conceptMaps);
  const codeList = memoise((url: string): CodeList | undefined => {
    const system = systems.get(url);
    return system && createCodeList(system);
  });
  const codeSet: (canonical: string) => CodeSet | undefined = memoise((canonical: string) => {
    const valueSet = sets.get(canonical);
    return valueSet && createCodeSet(valueSet, { codeList, codeSet });
  }, UNKNOWN);

  return {
    definitions: {
      own: {
        codeSystem: exactly(canonicalMap(codeSystems)),
        valueSet: exactly(canonicalMap(valueSets)),
        conceptMap: exactly(canonicalMap(conceptMaps)),
        conceptMaps: () => conceptMaps,
      },
      base: {
        codeSystem: exactly(r4?.codeSystems),
        valueSet: exactly(r4?.valueSets),
        conceptMap: exactly(r4?.conceptMaps),
        conceptMaps: () => r4?.conceptMaps.all() ?? [],
      },
    },
    expand: (valueSet) => codeSet(valueSet)?.concepts,
    contains: (valueSet, system, code) => codeSet(valueSet)?.has(system, code) ?? 'unknown',
    lookup(system, code) {
      const concept = codeList(system)?.get(code);
      return (
        concept && {
          system,
          code: concept.code,
          ...(concept.display !== undefined && { display: concept.display }),
        }
      );
    },
    exists(system, code) {
      const list = codeList(system);
      if (list?.get(code) !== undefined) {
        return 'yes';
      }
      return list?.isComplete === true ? 'no' : 'unknown';
    },
    translate(conceptMap, system, code) {
      const map = maps.get(conceptMap);
      return map === undefined ? [] : translateCode(map, system, code);
    },
  };
}

/** The base specification's index gives any version: hold it to the one that is asked for. */
function exactly<T extends { readonly version?: string }>(
  index: CanonicalMap<T> | undefined,
): (canonical: string) => T | undefined {
  return (canonical) => {
    const found = index?.get(canonical);
    const { version } = parseCanonical(canonical);
    return version === undefined || found?.version === version ? found : undefined;
  };
}

function inOrder<T>(own: CanonicalMap<T>, base: CanonicalMap<T> | undefined): CanonicalMap<T> {
  return { get: (canonical) => getAnyVersion(own, canonical) ?? (base && getAnyVersion(base, canonical)) };
}

/** Keep results (not misses: keys come from senders); a request for a key that is being computed (a value set that imports itself) gets `whileComputing`. */
function memoise<T>(compute: (key: string) => T, whileComputing?: T): (key: string) => T {
  const results = new Map<string, T>();
  return (key) => {
    if (results.has(key)) {
      return results.get(key) as T;
    }
    results.set(key, whileComputing as T);
    const result = compute(key);
    if (result === undefined) {
      results.delete(key);
    } else {
      results.set(key, result);
    }
    return result;
  };
}
