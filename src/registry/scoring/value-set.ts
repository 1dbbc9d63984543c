/**
 * Value sets: what a state of health is worth. EQ-5D-3L: Dolan 1997. EQ-5D-5L: Garratt 2025 (Norway), Rowen 2026 (UK);
 * van Hout 2012 (crosswalk to 3L, by table: computing it anew gives other numbers for 192 states).
 */
import type { AdditiveTable, ScoreTable } from '../../content/instrument.ts';
import { roundDecimal } from '../../sdc/decimal.ts';
import type { Given, Outcome } from './given.ts';

/** Answers as one word: levels in the order of the items. */
export const stateOf = (given: readonly Given[]): string => given.map(({ answer }) => answer).join('');

/** The value as it is published, with the decimals of the value set. */
export function valueOfState(given: readonly Given[], table: ScoreTable | undefined): Outcome {
  const value = lookUp(given, table);
  return value === undefined ? { unknown: given.map(({ item }) => item.code) } : { value };
}

function lookUp(given: readonly Given[], table: ScoreTable | undefined): number | undefined {
  if (table?.kind === 'states') {
    return table.values.get(stateOf(given));
  }
  return table?.kind === 'additive' ? additive(given, table) : undefined;
}

function additive(
  given: readonly Given[],
  { fullHealth, decrements, decimals }: AdditiveTable,
): number | undefined {
  const sum = given.reduce(
    (value, { item, answer }) => value + (decrements[item.code]?.[answer - item.min] ?? NaN),
    fullHealth,
  );
  return Number.isNaN(sum) ? undefined : roundDecimal(sum, decimals);
}
