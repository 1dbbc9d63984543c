/**
 * The concepts of one part of a value set, wherever its system is kept.
 */
import { error, unprocessable } from '../fhir/outcome.ts';
import type { Queryable } from '../storage/db.ts';
import { systemName } from './aliases.ts';
import { createCodeList, type CodeList } from './code-list.ts';
import type { Part } from './compose.ts';
import { isValidOn, nameOf, type Concept } from './concept.ts';
import { accepts, type Condition } from './condition.ts';
import type { SystemSource } from './sources.ts';
import { codesIn, conceptsByCode, findConcepts, type ConceptPage, type ConceptQuery } from './tables.ts';
import { foldCode, foldText, wordsOf } from './words.ts';

/** A part with what answers for its system; `undefined` where the system is not known here. */
export interface SourcedPart extends Part {
  readonly source: SystemSource | undefined;
}

export type PageQuery = Omit<ConceptQuery, 'condition'>;

/** A page of the part's concepts. Throws 422 when its system is not known here or cannot answer. */
export async function pageOf(db: Queryable, part: SourcedPart, query: PageQuery): Promise<ConceptPage> {
  const { source, condition } = part;
  requireAnswerable(part);
  return source?.kind === 'table'
    ? await findConcepts(db, source.loaded, { ...query, condition })
    : pageOfList(source?.list ?? listedAlone(part), condition, query);
}

/** Which of the codes are concepts of the part, with their concepts. One query (two for a filtered system). */
export async function membersOf(
  db: Queryable,
  part: SourcedPart,
  codes: readonly string[],
): Promise<ReadonlyMap<string, Concept>> {
  const { source, condition } = part;
  requireAnswerable(part);
  if (source?.kind !== 'table') {
    const list = source?.list ?? listedAlone(part);
    const isIn = accepts(condition, list);
    return new Map(
      codes.flatMap((code) => {
        const concept = list.get(code);
        return concept !== undefined && isIn(concept) ? [[code, concept] as const] : [];
      }),
    );
  }
  const found = await conceptsByCode(db, source.loaded, codes);
  if (condition.kind === 'all' || found.size === 0) {
    return found;
  }
  const kept = await codesIn(
    db,
    source.loaded.sid,
    [...found.values()].map(({ code }) => code),
    condition,
  );
  return new Map([...found].filter(([, { code }]) => kept.has(code)));
}

/** What a part cannot be asked: an unknown system, an order that a loaded system does not have. */
function requireAnswerable({ system, version, condition, source }: SourcedPart): void {
  if (source === undefined && !isListed(condition)) {
    throw unprocessable(
      error(
        'not-found',
        `The code system ${system}${version === undefined ? '' : ` version ${version}`} is not known here. Load it, or store it as a CodeSystem.`,
        undefined,
        'system-unknown',
      ),
    );
  }
  if (source?.kind === 'table' && source.loaded.meta.hasHierarchy !== true && usesHierarchy(condition)) {
    throw unprocessable(
      error(
        'not-supported',
        `${system} was loaded without a hierarchy: a filter on what is above or below a code cannot be answered.`,
        undefined,
        'system-without-hierarchy',
      ),
    );
  }
}

const HIERARCHIC: ReadonlySet<Condition['kind']> = new Set([
  'is-a',
  'below',
  'child',
  'above',
  'property-is-a',
]);

function usesHierarchy(condition: Condition): boolean {
  if (condition.kind === 'and' || condition.kind === 'or') {
    return condition.parts.some(usesHierarchy);
  }
  return condition.kind === 'not' ? usesHierarchy(condition.part) : HIERARCHIC.has(condition.kind);
}

/** Whether a condition can be answered from the codes that it lists. */
export function isListed(condition: Condition): boolean {
  switch (condition.kind) {
    case 'codes':
      return true;
    case 'or':
      return condition.parts.every(isListed);
    case 'and':
      return condition.parts.some(isListed) && condition.parts.every(isOfCodes);
    default:
      return false;
  }
}

const isOfCodes = (condition: Condition): boolean =>
  condition.kind === 'not' ? isOfCodes(condition.part) : isListed(condition);

/** The codes that a value set lists, when nothing else is known of their system. */
function listedAlone({ system, condition, texts }: Part): CodeList {
  return createCodeList({
    resourceType: 'CodeSystem',
    url: system,
    status: 'active',
    content: 'fragment',
    concept: codesOf(condition).map((code) => {
      const { display } = texts.get(code) ?? {};
      return { code, ...(display !== undefined && { display }) };
    }),
  });
}

function codesOf(condition: Condition): readonly string[] {
  if (condition.kind === 'codes') {
    return condition.codes;
  }
  return condition.kind === 'and' || condition.kind === 'or'
    ? [...new Set(condition.parts.flatMap(codesOf))]
    : [];
}

function pageOfList(list: CodeList, condition: Condition, query: PageQuery): ConceptPage {
  const { filter, validOn, offset, count } = query;
  const isIn = accepts(condition, list);
  const all = (condition.kind === 'codes' ? inOrder(condition.codes, list) : list.all()).filter(
    (concept) => isIn(concept) && (validOn === undefined || isValidOn(concept, validOn)),
  );
  const words = filter === undefined ? [] : wordsOf(filter);
  const found =
    words.length === 0
      ? all.map((concept) => ({ concept, rank: 0 }))
      : all
          .map((concept) => ({ concept, rank: rankOf(concept, words, foldCode(filter ?? '')) }))
          .filter(({ rank }) => rank < NO_MATCH)
          .toSorted((a, b) => a.rank - b.rank);
  return { total: found.length, concepts: found.slice(offset, offset + count) };
}

/** A list of codes stays in the order of the value set. */
const inOrder = (codes: readonly string[], list: CodeList): readonly Concept[] =>
  codes.flatMap((code) => list.get(code) ?? []);

const NO_MATCH = 9;

/** As in tables.ts: the code, the code's start, a text's start, words. */
function rankOf(concept: Concept, words: readonly string[], code: string): number {
  const own = foldCode(concept.code);
  if (code !== '' && own === code) {
    return 0;
  }
  if (code !== '' && own.startsWith(code)) {
    return 1;
  }
  const texts = [nameOf(concept), ...concept.designations.map(({ value }) => value)].map(foldText);
  const known = texts.flatMap((text) => text.split(' '));
  if (!words.every((word) => known.some((each) => each.startsWith(word)))) {
    return NO_MATCH;
  }
  return texts.some((text) => text.startsWith(words.join(' '))) ? 2 : 3;
}

/** Whether a coding's system is the part's, by any of its names; a coding without a system may be of any. */
export const isOfSystem = ({ system }: Part, asked: string | undefined): boolean =>
  asked === undefined || systemName(asked) === systemName(system);
