/**
 * A ValueSet made ready for look-up: https://hl7.org/fhir/R4/valueset.html#compositions
 */
import type { ValueSet, ValueSetComposeInclude, ValueSetExpansionContains } from '../fhir/types.ts';
import type { CodeList } from './code-list.ts';
import { accepts } from './condition.ts';
import { conditionOfFilters } from './filters.ts';

export type Answer = 'yes' | 'no' | 'unknown';

export interface SetConcept {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

export interface CodeSet {
  /** All codes; undefined when the set reaches into a system that is not complete here. */
  readonly concepts: readonly SetConcept[] | undefined;
  /** Without a system (a bare `code`) any system of the set counts. */
  has(system: string | undefined, code: string): Answer;
}

/** Where a set finds what it is composed of. */
export interface CodeSources {
  codeList(system: string): CodeList | undefined;
  codeSet(canonical: string): CodeSet | undefined;
}

/** Compile a ValueSet; its expansion counts only when it has no composition. */
export function createCodeSet({ compose, expansion }: ValueSet, sources: CodeSources): CodeSet {
  if (compose === undefined) {
    return expansion === undefined ? UNKNOWN : listed(flatten(expansion.contains ?? []));
  }
  const included = (compose.include ?? []).map((include) => compileInclude(include, sources));
  const excluded = (compose.exclude ?? []).map((include) => compileInclude(include, sources));
  return difference(union(included), union(excluded));
}

export const UNKNOWN: CodeSet = { concepts: undefined, has: () => 'unknown' };

function compileInclude(include: ValueSetComposeInclude, sources: CodeSources): CodeSet {
  const imported = (include.valueSet ?? []).map((canonical) => sources.codeSet(canonical) ?? UNKNOWN);
  if (include.system === undefined) {
    return intersection(imported);
  }
  return intersection([ofSystem(include.system, include, sources.codeList(include.system)), ...imported]);
}

function ofSystem(
  system: string,
  { concept, filter }: ValueSetComposeInclude,
  list: CodeList | undefined,
): CodeSet {
  if (concept !== undefined) {
    return listed(
      concept.map(({ code = '', display }) => withDisplay(system, code, display ?? list?.get(code)?.display)),
    );
  }
  const condition = conditionOfFilters(system, filter);
  if (list === undefined || condition === undefined) {
    return openSystem(system, () => undefined);
  }
  const isIn = accepts(condition, list);
  const concepts = list.all().filter(isIn);
  return list.isComplete
    ? listed(concepts.map(({ code, display }) => withDisplay(system, code, display)))
    : openSystem(system, (code) => {
        const found = list.get(code);
        return found && isIn(found);
      });
}

const withDisplay = (system: string, code: string, display: string | undefined): SetConcept =>
  display === undefined ? { system, code } : { system, code, display };

/** A system of which not every code is here: what is known counts, the rest is unknown, other systems are not in it. */
function openSystem(system: string, known: (code: string) => boolean | undefined): CodeSet {
  return {
    concepts: undefined,
    has(asked, code) {
      if (asked !== undefined && asked !== system) {
        return 'no';
      }
      const answer = known(code);
      return answer === undefined ? 'unknown' : toAnswer(answer);
    },
  };
}

function listed(concepts: readonly SetConcept[]): CodeSet {
  const systems = new Map<string, Set<string>>();
  for (const { system, code } of concepts) {
    systems.set(code, (systems.get(code) ?? new Set()).add(system));
  }
  return {
    concepts,
    has(system, code) {
      const found = systems.get(code);
      return toAnswer(found !== undefined && (system === undefined || found.has(system)));
    },
  };
}

const toAnswer = (isIn: boolean): Answer => (isIn ? 'yes' : 'no');

function union(sets: readonly CodeSet[]): CodeSet {
  if (sets.length === 1) {
    return sets[0] as CodeSet;
  }
  if (sets.every(({ concepts }) => concepts !== undefined)) {
    return listed(sets.flatMap(({ concepts }) => concepts ?? []));
  }
  return {
    concepts: undefined,
    has: (system, code) =>
      best(
        sets.map((set) => set.has(system, code)),
        ['yes', 'unknown', 'no'],
      ),
  };
}

function intersection(sets: readonly CodeSet[]): CodeSet {
  const [first = UNKNOWN, ...others] = sets;
  if (others.length === 0) {
    return first;
  }
  const has = (system: string | undefined, code: string): Answer =>
    best(
      sets.map((set) => set.has(system, code)),
      ['no', 'unknown', 'yes'],
    );
  const finite = sets.find(({ concepts }) => concepts !== undefined);
  const answers = finite?.concepts?.map((concept) => ({
    concept,
    answer: has(concept.system, concept.code),
  }));
  return answers === undefined || answers.some(({ answer }) => answer === 'unknown')
    ? { concepts: undefined, has }
    : listed(answers.filter(({ answer }) => answer === 'yes').map(({ concept }) => concept));
}

function difference(included: CodeSet, excluded: CodeSet): CodeSet {
  if (excluded.concepts?.length === 0) {
    return included;
  }
  const has = (system: string | undefined, code: string): Answer =>
    best([included.has(system, code), OPPOSITE[excluded.has(system, code)]], ['no', 'unknown', 'yes']);
  const isKnown = included.concepts?.every(({ system, code }) => has(system, code) !== 'unknown') === true;
  return isKnown
    ? listed((included.concepts ?? []).filter(({ system, code }) => has(system, code) === 'yes'))
    : { concepts: undefined, has };
}

const OPPOSITE = { yes: 'no', no: 'yes', unknown: 'unknown' } as const satisfies Record<Answer, Answer>;

const best = (answers: readonly Answer[], order: readonly [Answer, Answer, Answer]): Answer =>
  order.find((answer) => answers.includes(answer)) ?? order[2];

function flatten(contains: readonly ValueSetExpansionContains[]): SetConcept[] {
  return contains.flatMap(({ system, code, display, abstract, contains: below = [] }) => [
    ...(code === undefined || abstract === true ? [] : [withDisplay(system ?? '', code, display)]),
    ...flatten(below),
  ]);
}
