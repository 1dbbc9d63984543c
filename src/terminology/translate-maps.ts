/**
 * Translation by one or several concept maps, both ways: https://hl7.org/fhir/R4/conceptmap-operation-translate.html
 */
import type { ConceptMap, ConceptMapGroup } from '../fhir/types.ts';
import { systemName } from './aliases.ts';

export interface AskedTranslation {
  readonly system?: string;
  readonly code: string;
  /** Only targets in this system. */
  readonly targetSystem?: string;
  /** From targets to sources. */
  readonly isReverse: boolean;
}

export interface Match {
  readonly equivalence: string;
  readonly system?: string;
  readonly code?: string;
  readonly display?: string;
  readonly version?: string;
  /** Canonical of the map. */
  readonly source?: string;
  readonly products: readonly Product[];
}

/** A further code that only together with the match means the source. */
export interface Product {
  readonly element: string;
  readonly system?: string;
  readonly code: string;
  readonly display?: string;
}

/** From the closest to the loosest: https://hl7.org/fhir/R4/valueset-concept-map-equivalence.html */
const ORDER = [
  'equal',
  'equivalent',
  'wider',
  'subsumes',
  'narrower',
  'specializes',
  'inexact',
  'relatedto',
  'unmatched',
  'disjoint',
];
const NO_MATCH: ReadonlySet<string> = new Set(['unmatched', 'disjoint']);

/** Seen from the other side. */
const REVERSED: Readonly<Record<string, string>> = {
  wider: 'narrower',
  narrower: 'wider',
  subsumes: 'specializes',
  specializes: 'subsumes',
};

/** Whether a match is a translation, and not the statement that there is none. */
export const isTranslation = ({ equivalence }: Match): boolean => !NO_MATCH.has(equivalence);

const MAX_CHAIN = 5;

/** All matches of a code, closest first; the same target once. `mapOf` finds the map that a group hands over to. */
export function translateIn(
  maps: readonly ConceptMap[],
  asked: AskedTranslation,
  mapOf: (canonical: string) => ConceptMap | undefined,
): readonly Match[] {
  const matches = maps.flatMap((map) => inMap(map, asked, mapOf, 0));
  const distinct = new Map(
    matches
      .toReversed()
      .map((match) => [`${match.system ?? ''}|${match.code ?? ''}|${match.equivalence}`, match]),
  );
  return [...distinct.values()]
    .toReversed()
    .toSorted((a, b) => ORDER.indexOf(a.equivalence) - ORDER.indexOf(b.equivalence));
}

function inMap(
  map: ConceptMap,
  asked: AskedTranslation,
  mapOf: (canonical: string) => ConceptMap | undefined,
  level: number,
): readonly Match[] {
  return (map.group ?? []).flatMap((group) => {
    const from = asked.isReverse ? group.target : group.source;
    const to = asked.isReverse ? group.source : group.target;
    if (!isSame(from, asked.system) || !isSame(to, asked.targetSystem)) {
      return [];
    }
    const matches = asked.isReverse ? backwards(map, group, asked.code) : forwards(map, group, asked.code);
    return matches ?? (asked.isReverse ? [] : unmapped(map, group, asked, mapOf, level));
  });
}

const isSame = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || systemName(one) === systemName(other);

function forwards(
  map: ConceptMap,
  { element, target, targetVersion }: ConceptMapGroup,
  code: string,
): readonly Match[] | undefined {
  const found = element?.find((each) => each.code === code);
  return (
    found?.target?.map(({ code: to, display, equivalence, product = [] }) => ({
      equivalence: equivalence ?? 'relatedto',
      ...(target !== undefined && { system: target }),
      ...(to !== undefined && { code: to }),
      ...(display !== undefined && { display }),
      ...(targetVersion !== undefined && { version: targetVersion }),
      ...(map.url !== undefined && { source: map.url }),
      products: product.map(({ property, system, value, display: text }) => ({
        element: property ?? '',
        code: value ?? '',
        ...(system !== undefined && { system }),
        ...(text !== undefined && { display: text }),
      })),
    })) ?? (found === undefined ? undefined : [])
  );
}

function backwards(
  map: ConceptMap,
  { element, source, sourceVersion }: ConceptMapGroup,
  code: string,
): readonly Match[] {
  return (element ?? []).flatMap(({ code: from, display, target = [] }) =>
    target
      .filter((each) => each.code === code)
      .map(({ equivalence = 'relatedto' }) => ({
        equivalence: REVERSED[equivalence] ?? equivalence,
        ...(source !== undefined && { system: source }),
        ...(from !== undefined && { code: from }),
        ...(display !== undefined && { display }),
        ...(sourceVersion !== undefined && { version: sourceVersion }),
        ...(map.url !== undefined && { source: map.url }),
        products: [],
      })),
  );
}

function unmapped(
  map: ConceptMap,
  { unmapped: rule, target }: ConceptMapGroup,
  asked: AskedTranslation,
  mapOf: (canonical: string) => ConceptMap | undefined,
  level: number,
): readonly Match[] {
  const common = {
    products: [],
    ...(map.url !== undefined && { source: map.url }),
    ...(target !== undefined && { system: target }),
  };
  if (rule?.mode === 'provided') {
    return [{ ...common, equivalence: 'equal', code: asked.code }];
  }
  if (rule?.mode === 'fixed' && rule.code !== undefined) {
    return [
      {
        ...common,
        equivalence: 'inexact',
        code: rule.code,
        ...(rule.display !== undefined && { display: rule.display }),
      },
    ];
  }
  const other =
    rule?.mode === 'other-map' && rule.url !== undefined && level < MAX_CHAIN ? mapOf(rule.url) : undefined;
  return other === undefined ? [] : inMap(other, asked, mapOf, level + 1);
}

/** Canonicals of maps that groups hand over to. */
export const otherMaps = ({ group = [] }: ConceptMap): readonly string[] =>
  group.flatMap(({ unmapped: rule }) =>
    rule?.mode === 'other-map' && rule.url !== undefined ? [rule.url] : [],
  );
