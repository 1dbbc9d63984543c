/**
 * Answers → scores, by the instrument's definition (ADR 0023). Pure: the same answers give the same result, in whatever
 * order they come.
 */
import type { Instrument, InstrumentScore, MissingRule, ScoreTable } from '../../content/instrument.ts';
import { roundDecimal } from '../../sdc/decimal.ts';
import { algorithms } from './algorithms.ts';
import type { Given } from './given.ts';
import type { AbsentReason, Answers, Method, ScoreResult } from './result.ts';
import { stateOf } from './value-set.ts';

/**
 * The scores of an instrument: those named, else all that are not optional, in the order of the definition. Throws
 * TypeError for an answer to an item, or a name of a score, that the instrument does not have: that is no missing answer
 * but a mistake of the caller.
 */
export function score(
  instrument: Instrument,
  answers: Answers,
  names?: readonly string[],
): readonly ScoreResult[] {
  requireKnown(instrument.items, Object.keys(answers), `${instrument.id} has no item`);
  requireKnown(instrument.scores, names ?? [], `${instrument.id} has no score`);
  return instrument.scores
    .filter(({ code, optional }) => names?.includes(code) ?? optional !== true)
    .map((definition) => scoreOne(instrument, definition, answers));
}

/** The instrument with other rules for missing answers, by score. A rule is part of what a score is stored with. */
export function withMissingRules(
  instrument: Instrument,
  rules: Readonly<Record<string, MissingRule>>,
): Instrument {
  return {
    ...instrument,
    scores: instrument.scores.map((each) => ({ ...each, missing: rules[each.code] ?? each.missing })),
  };
}

function requireKnown(known: readonly { code: string }[], codes: readonly string[], complaint: string): void {
  const unknown = codes.find((code) => !known.some((each) => each.code === code));
  if (unknown !== undefined) {
    throw new TypeError(`${complaint} "${unknown}".`);
  }
}

function scoreOne(instrument: Instrument, definition: InstrumentScore, answers: Answers): ScoreResult {
  const items = definition.items.map((code) => ({ code, answer: answers[code] }));
  const answered = items.filter(({ answer }) => answer !== undefined);
  const given = answered.flatMap(({ code, answer = NaN }) => givenAnswer(instrument, code, answer));
  const table = instrument.tables.get(definition.algorithm.table ?? '');
  const usable = new Set(given.map(({ item }) => item.code));
  const basis = {
    score: definition,
    method: methodOf(definition, table),
    answered: definition.items.filter((code) => usable.has(code)),
    missing: definition.items.filter((code) => !usable.has(code)),
    ...(definition.algorithm.id === 'value-set' &&
      usable.size === definition.items.length && { state: stateOf(given) }),
  };
  const absent = whyAbsent(definition.missing, answered.length, given.length);
  if (absent !== undefined) {
    return { ...basis, absent };
  }
  const outcome = algorithms[definition.algorithm.id]({ score: definition, given, table });
  if ('value' in outcome) {
    return { ...basis, value: roundDecimal(outcome.value) };
  }
  const { unknown, known } = outcome;
  return {
    ...basis,
    answered: basis.answered.filter((code) => !unknown.includes(code)),
    missing: definition.items.filter((code) => !usable.has(code) || unknown.includes(code)),
    absent: 'not-in-table',
    ...(known !== undefined && { known: roundDecimal(known) }),
  };
}

/** The answer with its points; nothing when it is outside the item's scale. */
function givenAnswer({ items }: Instrument, code: string, answer: number): readonly Given[] {
  const item = items.find((each) => each.code === code);
  if (item === undefined || !(answer >= item.min && answer <= item.max)) {
    return [];
  }
  if (item.fractional !== true && !Number.isInteger(answer)) {
    return [];
  }
  return [{ item, answer, points: item.recode?.[answer - item.min] ?? answer }];
}

/** An answer that cannot be is an error in the data; it must not be taken for one that is missing. */
function whyAbsent({ minAnswered }: MissingRule, answered: number, usable: number): AbsentReason | undefined {
  if (answered === 0) {
    return 'no-answers';
  }
  if (usable < answered) {
    return 'outside-range';
  }
  return usable < minAnswered ? 'too-few-answers' : undefined;
}

function methodOf({ algorithm }: InstrumentScore, table: ScoreTable | undefined): Method {
  return {
    algorithm: algorithm.id,
    version: algorithm.version,
    ...(table !== undefined && { table: { id: table.id, version: table.version } }),
  };
}
