/**
 * The algorithms that instruments name, each over the answers that are there: whether enough of them are is decided
 * before (score.ts). Which publication an instrument takes its algorithm from stands in `instruments/<id>.json`.
 */
import type { AlgorithmId, InstrumentScore, ScoreTable } from '../../content/instrument.ts';
import { factorSum } from './factor-sum.ts';
import type { Given, Outcome } from './given.ts';
import { valueOfState } from './value-set.ts';

export interface AlgorithmInput {
  readonly score: InstrumentScore;
  /** In the order of the score's items. */
  readonly given: readonly Given[];
  readonly table: ScoreTable | undefined;
}

export const algorithms: Readonly<Record<AlgorithmId, (input: AlgorithmInput) => Outcome>> = {
  'sum-percent': ({ given }) => ({
    value: (100 * sumOf(given)) / given.reduce((sum, { item }) => sum + item.max, 0),
  }),
  sum: ({ given, score }) => ({
    value: (sumOf(given) * score.items.length) / given.length + (score.algorithm.constant ?? 0),
  }),
  mean: ({ given }) => ({ value: sumOf(given) / given.length }),
  value: ({ given }) => ({ value: given[0]?.points ?? NaN }),
  'value-set': ({ given, table }) => valueOfState(given, table),
  linear: ({ given, score, table }) => linear(given, table, score.algorithm.column ?? ''),
  'body-mass-index': ({ given }) => bodyMassIndex(given),
  'factor-sum': ({ given, table }) => factorSum(given, table),
};

const sumOf = (given: readonly Given[]): number => given.reduce((sum, { points }) => sum + points, 0);

/** A constant plus a coefficient for each answer. */
function linear(given: readonly Given[], table: ScoreTable | undefined, column: string): Outcome {
  if (table?.kind !== 'coefficients') {
    return { unknown: given.map(({ item }) => item.code) };
  }
  const weights = given.map(({ item, answer }) => ({
    code: item.code,
    weight: table.coefficients.get(`${item.code}|${answer}`)?.[column],
  }));
  const unknown = weights.filter(({ weight }) => weight === undefined).map(({ code }) => code);
  return unknown.length > 0
    ? { unknown }
    : { value: weights.reduce((sum, { weight }) => sum + (weight ?? 0), table.constants[column] ?? NaN) };
}

/** Height in centimetres, then weight in kilograms: WHO Technical Report Series 894. */
function bodyMassIndex([height, weight]: readonly Given[]): Outcome {
  const metres = (height?.points ?? NaN) / 100;
  return { value: (weight?.points ?? NaN) / (metres * metres) };
}
