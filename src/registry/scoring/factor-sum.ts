/**
 * Doses times factors: oral morphine equivalents. A dose whose factor is not known makes the sum incomplete; the part that
 * is known is told beside it, and the sum is absent.
 */
import type { Factor, ScoreTable } from '../../content/instrument.ts';
import type { Given, Outcome } from './given.ts';

/** Zero doses count as nothing, whatever their factor. */
export function factorSum(given: readonly Given[], table: ScoreTable | undefined): Outcome {
  const factors = new Map(
    (table?.kind === 'factors' ? table.factors : []).map((factor) => [factor.item, factor]),
  );
  const lines = given.map(({ item, points }) => ({
    code: item.code,
    amount: equivalent(points, factors.get(item.code)),
  }));
  const unknown = lines.filter(({ amount }) => amount === undefined).map(({ code }) => code);
  const known = lines.reduce((sum, { amount }) => sum + (amount ?? 0), 0);
  return unknown.length === 0 ? { value: known } : { unknown, known };
}

/** One line; undefined when there is no factor, or the strength is not one of those listed. */
export function equivalent(dose: number, factor: Factor | undefined): number | undefined {
  if (dose === 0) {
    return 0;
  }
  const counted = factor?.doses === undefined ? dose : factor.doses[String(dose)];
  return counted === undefined || factor?.factor === undefined ? undefined : counted * factor.factor;
}
