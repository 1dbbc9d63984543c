/**
 * Checks of one instrument and of one table: everything that a score needs is there, and no rule can give a number that
 * means something else.
 */
import type { JsonObject } from '../fhir/types.ts';
import { ALGORITHMS, type Instrument, type InstrumentScore, type ScoreTable } from './instrument.ts';
import type { ContentProblem } from './problem.ts';

type Finding = Omit<ContentProblem, 'file'>;

/** Algorithms that have no meaning unless every item is answered. */
const NEEDS_ALL = new Set(['value-set', 'linear', 'value', 'body-mass-index']);
const TABLE_KINDS: Readonly<Record<string, readonly string[]>> = {
  'value-set': ['states', 'additive'],
  linear: ['coefficients'],
  'factor-sum': ['factors'],
};

/** What keeps the file from being an instrument. */
export function checkInstrument(
  file: string,
  json: JsonObject,
  tables: ReadonlyMap<string, ScoreTable>,
): readonly ContentProblem[] {
  const missing = missingOf(json, ['id', 'version', 'title', 'wording', 'source', 'items', 'scores']);
  if (missing.length > 0) {
    return missing.map((finding) => ({ file, ...finding }));
  }
  const instrument = json as unknown as Instrument;
  return [
    ...(file.endsWith(`/${instrument.id}.json`)
      ? []
      : [{ element: 'id', reason: `The file must be named ${instrument.id}.json.` }]),
    ...instrument.items.flatMap(checkItem),
    ...instrument.scores.flatMap((score, index) =>
      checkScore(score, instrument, tables).map((reason) => ({ element: `scores[${index}]`, reason })),
    ),
  ].map((finding) => ({ file, ...finding }));
}

/** What a table lacks: where its numbers are from, and by which licence they stand here. */
export function checkTable(file: string, json: JsonObject): readonly ContentProblem[] {
  return missingOf(json, [
    'id',
    'version',
    'kind',
    'instrument',
    'title',
    'publication',
    'source',
    'licence',
  ]).map((finding) => ({ file, ...finding }));
}

function missingOf(json: JsonObject, names: readonly string[]): readonly Finding[] {
  return names
    .filter((name) => json[name] === undefined || json[name] === '')
    .map((name) => ({ element: name, reason: `${name} is needed.` }));
}

function checkItem(
  { code, min, max, recode }: Instrument['items'][number],
  index: number,
): readonly Finding[] {
  const element = `items[${index}]`;
  return [
    ...(typeof code === 'string' ? [] : [{ element, reason: 'An item needs a code.' }]),
    ...(min < max ? [] : [{ element, reason: 'min must be below max.' }]),
    ...(recode === undefined || recode.length === max - min + 1
      ? []
      : [{ element, reason: 'recode needs one number for each answer.' }]),
  ];
}

function checkScore(
  score: InstrumentScore,
  { items }: Instrument,
  tables: ReadonlyMap<string, ScoreTable>,
): readonly string[] {
  const lacking = missingOf(score as unknown as JsonObject, [
    'code',
    'title',
    'algorithm',
    'items',
    'missing',
    'range',
    'direction',
    'unit',
    'decimals',
    'bands',
    'thresholds',
  ]);
  if (lacking.length > 0) {
    return lacking.map(({ reason }) => reason);
  }
  const known = new Set(items.map(({ code }) => code));
  return [
    ...score.items.filter((code) => !known.has(code)).map((code) => `No item has the code "${code}".`),
    ...missingRuleProblems(score),
    ...(score.algorithm.id === 'sum-percent' && items.some(({ min }) => min !== 0)
      ? ['sum-percent needs items that begin with 0.']
      : []),
    ...checkAlgorithm(score, tables),
  ];
}

/** What makes a rule for missing answers one that the score cannot have. */
export function missingRuleProblems({
  algorithm,
  items,
  missing,
}: Pick<InstrumentScore, 'algorithm' | 'items' | 'missing'>): readonly string[] {
  const { minAnswered, fill } = missing;
  const isPartialSum = algorithm.id === 'sum' && fill === undefined;
  return [
    ...(Number.isInteger(minAnswered) && minAnswered >= 1 && minAnswered <= items.length
      ? []
      : [`missing.minAnswered must be from 1 to ${items.length}.`]),
    ...((NEEDS_ALL.has(algorithm.id) || isPartialSum) && minAnswered !== items.length
      ? [`${algorithm.id} without fill needs all ${items.length} answers.`]
      : []),
    ...(fill !== undefined && algorithm.id !== 'sum' ? ['Only a sum can be filled.'] : []),
  ];
}

function checkAlgorithm(
  { algorithm, items }: InstrumentScore,
  tables: ReadonlyMap<string, ScoreTable>,
): readonly string[] {
  const { id, table = '', column = '' } = algorithm;
  if (!ALGORITHMS.includes(id)) {
    return [`There is no algorithm "${id}"; known are ${ALGORITHMS.join(', ')}.`];
  }
  const kinds = TABLE_KINDS[id];
  const found = tables.get(table);
  if (kinds === undefined) {
    return [];
  }
  if (found === undefined || !kinds.includes(found.kind)) {
    return [`${id} needs a table of this instrument (${kinds.join(' or ')}), not "${table}".`];
  }
  return [
    ...(found.kind === 'coefficients' && !(column in found.constants)
      ? [`The table has no column "${column}".`]
      : []),
    ...(found.kind === 'additive' && items.some((item) => found.decrements[item] === undefined)
      ? ['The table lacks an item.']
      : []),
  ];
}
