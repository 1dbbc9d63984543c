/**
 * Searches for persons by number: the index knows references only (fhir/direct-identifiers.ts), so what is asked for is
 * looked up first, on both sides of links. https://hl7.org/fhir/R4/search.html#token
 */
import { type DirectValue, directValue, directValues, markOf, NO_MARK } from '../fhir/direct-identifiers.ts';
import type { StoreSession } from '../storage/store.ts';
import type { Criterion, MatchCriterion, SearchValue } from './tree.ts';

/** The same criteria with references in place of direct identifiers: one look-up, and none when there are none. */
export async function resolveDirect(
  criteria: readonly Criterion[],
  session: Pick<StoreSession, 'findDirect'>,
): Promise<readonly Criterion[]> {
  const asked = [...new Set(criteria.flatMap((criterion) => valuesOf(criterion).flatMap(askedOf)))];
  if (asked.length === 0) {
    return criteria;
  }
  const refs = await session.findDirect(asked);
  return criteria.map((criterion) => changed(criterion, (value, match) => replaced(value, match, refs)));
}

type Asked = readonly [SearchValue, MatchCriterion];

/** Every value of a match, wherever it stands in the criterion. */
function valuesOf(criterion: Criterion): readonly Asked[] {
  const found: Asked[] = [];
  changed(criterion, (value, match) => {
    found.push([value, match]);
    return [value];
  });
  return found;
}

type Change = (value: SearchValue, match: MatchCriterion) => readonly SearchValue[];

function changed(criterion: Criterion, change: Change): Criterion {
  switch (criterion.kind) {
    case 'match':
      return { ...criterion, values: criterion.values.flatMap((value) => change(value, criterion)) };
    case 'chain':
      return {
        ...criterion,
        targets: criterion.targets.map((target) => ({
          ...target,
          criterion: changed(target.criterion, change),
        })),
      };
    case 'has':
    case 'not':
      return { ...criterion, criterion: changed(criterion.criterion, change) };
    case 'and':
    case 'or':
      return { ...criterion, criteria: criterion.criteria.map((each) => changed(each, change)) };
    default:
      return criterion;
  }
}

/** What a value may be as it is kept; nothing for all that are no direct identifiers. */
function askedOf([value, { parameter }]: Asked): readonly DirectValue[] {
  switch (value.type) {
    case 'token':
      return tokenValues(value.system, value.code, parameter.code === 'identifier');
    case 'of-type':
      return tokenValues(undefined, value.value, true);
    case 'string': {
      const number = directValue(undefined, value.text);
      return number === undefined ? [] : [number];
    }
    case 'composite':
      return value.parts.flatMap((part) =>
        part.type === 'token' ? tokenValues(part.system, part.code, false) : [],
      );
    default:
      return [];
  }
}

function tokenValues(
  system: string | undefined,
  code: string | undefined,
  isIdentifier: boolean,
): readonly DirectValue[] {
  if (code === undefined || code === '') {
    return [];
  }
  if (system === undefined && isIdentifier) {
    return directValues(code);
  }
  const value = directValue(system, code);
  return value === undefined ? [] : [value];
}

/** A value without its system may be a direct identifier or another one: both are looked for. */
function replaced(
  value: SearchValue,
  match: MatchCriterion,
  refs: ReadonlyMap<DirectValue, string>,
): readonly SearchValue[] {
  const asked = askedOf([value, match]);
  const isGuess = asked.length !== 1;
  const marks = asked.flatMap((each) => refs.get(each) ?? []).map((ref) => markOf(ref));
  const texts = marks.length > 0 || isGuess ? marks : [NO_MARK];
  return [...(isGuess ? [value] : []), ...texts.map((text) => withText(value, text))];
}

function withText(value: SearchValue, text: string): SearchValue {
  switch (value.type) {
    case 'token':
      return { ...value, code: text };
    case 'of-type':
      return { ...value, value: text };
    case 'string':
      return { ...value, text };
    case 'composite':
      return {
        ...value,
        parts: value.parts.map((part) =>
          part.type === 'token' && tokenValues(part.system, part.code, false).length > 0
            ? { ...part, code: text }
            : part,
        ),
      };
    default:
      return value;
  }
}
