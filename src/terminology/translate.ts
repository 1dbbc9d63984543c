/**
 * A ConceptMap applied to one code: https://hl7.org/fhir/R4/conceptmap.html
 */
import type { ConceptMap, ConceptMapGroup, ConceptMapGroupElementTarget } from '../fhir/types.ts';

export interface Translation {
  readonly system: string | undefined;
  readonly code: string;
  readonly display?: string;
  readonly equivalence: NonNullable<ConceptMapGroupElementTarget['equivalence']>;
}

/** All targets of a code; empty when the map does not say. Targets marked `unmatched` or `disjoint` are no translations. */
export function translateCode(
  map: ConceptMap,
  system: string | undefined,
  code: string,
): readonly Translation[] {
  return (map.group ?? [])
    .filter((group) => system === undefined || group.source === undefined || group.source === system)
    .flatMap((group) => inGroup(group, code));
}

const NOT_A_TRANSLATION = new Set(['unmatched', 'disjoint']);

function inGroup(group: ConceptMapGroup, code: string): readonly Translation[] {
  const element = (group.element ?? []).find((candidate) => candidate.code === code);
  if (element === undefined) {
    return unmapped(group, code);
  }
  return (element.target ?? []).flatMap(({ code: target, display, equivalence }) =>
    target === undefined || NOT_A_TRANSLATION.has(equivalence ?? '')
      ? []
      : [
          {
            system: group.target,
            code: target,
            ...(display !== undefined && { display }),
            equivalence: equivalence ?? 'relatedto',
          },
        ],
  );
}

/** The group's rule for codes that it does not list; another map (`other-map`) is the caller's decision. */
function unmapped({ unmapped: rule, target }: ConceptMapGroup, code: string): readonly Translation[] {
  if (rule?.mode === 'provided') {
    return [{ system: target, code, equivalence: 'equal' }];
  }
  if (rule?.mode === 'fixed' && rule.code !== undefined) {
    const display = rule.display === undefined ? {} : { display: rule.display };
    return [{ system: target, code: rule.code, ...display, equivalence: 'inexact' }];
  }
  return [];
}
