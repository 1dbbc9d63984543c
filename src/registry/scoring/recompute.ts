/**
 * What scoring again would change: stored scores of one form beside those that its answers give now. Nothing is written
 * here; who recomputes looks first.
 */
import type { Observation } from '../../fhir/types.ts';

export interface ScoreChange {
  readonly id: string;
  /**
   * `same`: nothing to do. `method`: the same number by another definition. `value`: another number, or a number
   * instead of none, or none instead of a number. `new`, `gone`: only one of the two has it.
   */
  readonly kind: 'same' | 'method' | 'value' | 'new' | 'gone';
  readonly before?: Observation;
  readonly after?: Observation;
}

/** Every score that either has, by id, in the order of the fresh ones; those that are gone come last. */
export function compareScores(
  stored: readonly Observation[],
  fresh: readonly Observation[],
): readonly ScoreChange[] {
  const byId = new Map(stored.map((each) => [each.id ?? '', each]));
  const kept = new Set(fresh.map(({ id }) => id ?? ''));
  return [
    ...fresh.map((after) => compareOne(byId.get(after.id ?? ''), after)),
    ...stored
      .filter(({ id }) => !kept.has(id ?? ''))
      .map((before): ScoreChange => ({ id: before.id ?? '', kind: 'gone', before })),
  ];
}

function compareOne(before: Observation | undefined, after: Observation): ScoreChange {
  const id = after.id ?? '';
  if (before === undefined) {
    return { id, kind: 'new', after };
  }
  if (outcomeOf(before) !== outcomeOf(after)) {
    return { id, kind: 'value', before, after };
  }
  return { id, kind: basisOf(before) === basisOf(after) ? 'same' : 'method', before, after };
}

/** The number with its unit, or the reason why there is none. */
const outcomeOf = ({ valueQuantity, dataAbsentReason }: Observation): string =>
  valueQuantity === undefined
    ? `no ${dataAbsentReason?.coding?.map(({ code }) => code).join(' ') ?? ''}`
    : `${valueQuantity.value} ${valueQuantity.code}`;

const basisOf = ({ method, code, extension }: Observation): string =>
  JSON.stringify([
    method?.coding?.map((coding) => coding.code),
    method?.text,
    code?.coding?.map((coding) => coding.code),
    extension?.filter(({ url }) => url.endsWith('/score-basis')),
  ]);
