/** Is there an answer to one question that meets all of these conditions on it? */
import { codingKey, compareValues } from '../../sdc/answer.ts';
import type { Condition, FormItem } from '../../sdc/form-types.ts';
import type { Coding } from '../../fhir/types.ts';

/** False only when it is certain that no answer does. */
export function canHold(question: FormItem, conditions: readonly Condition[]): boolean {
  if (conditions.some(({ operator, value }) => operator === 'exists' && value === false)) {
    return conditions.every(({ operator, value }) => operator === 'exists' && value === false);
  }
  const { type } = question;
  if (type === 'choice') {
    return choiceHolds(question, conditions);
  }
  if (type === 'boolean') {
    return [true, false].some((answer) => conditions.every((condition) => booleanHolds(answer, condition)));
  }
  return type === 'integer' || type === 'decimal' || type === 'date'
    ? rangeHolds(question, conditions)
    : true;
}

/** `exists` is true of every answer. */
const isComparison = ({ operator }: Condition): boolean => operator !== 'exists';

function choiceHolds(question: FormItem, all: readonly Condition[]): boolean {
  const conditions = all.filter(isComparison);
  const wanted = keys(conditions, '=');
  const unwanted = new Set(keys(conditions, '!='));
  if (wanted.some((key) => unwanted.has(key))) {
    return false;
  }
  if (!question.isRepeating && new Set(wanted).size > 1) {
    return false;
  }
  const options = question.options?.list;
  if (options === undefined) {
    return true;
  }
  const answers = options.filter((option) => mayBeChosen(question, option.isSystemOnly));
  const exclusive = answers.filter(({ isExclusive }) => isExclusive).map(({ coding }) => codingKey(coding));
  const chosen = new Set(wanted);
  const isAlone = chosen.size < 2 || !exclusive.some((key) => chosen.has(key));
  const known = new Set(answers.map(({ coding }) => codingKey(coding)));
  const isKnown = wanted.every((key) => known.has(key));
  const isLeft = wanted.length > 0 || [...known].some((key) => !unwanted.has(key));
  return isAlone && isKnown && isLeft;
}

/** An option that only the system chooses needs a calculation, a start value or a source that does so. */
export const mayBeChosen = (
  { calculation, initialExpression, isReadOnly }: FormItem,
  isSystemOnly: boolean,
): boolean => !isSystemOnly || calculation !== undefined || initialExpression !== undefined || isReadOnly;

const keys = (conditions: readonly Condition[], operator: Condition['operator']): readonly string[] =>
  conditions
    .filter((condition) => condition.operator === operator)
    .map(({ value }) => codingKey(value as Coding));

const booleanHolds = (answer: boolean, { operator, value }: Condition): boolean => {
  if (operator === 'exists') {
    return true;
  }
  return operator === '!=' ? answer !== value : answer === value;
};

interface Bound {
  readonly at: number | string;
  readonly isOpen: boolean;
}

/** Numbers and dates: the limits of the question and its conditions leave something between them. */
function rangeHolds({ limits, type }: FormItem, conditions: readonly Condition[]): boolean {
  const values = (...operators: readonly Condition['operator'][]): readonly Bound[] =>
    conditions
      .filter(({ operator }) => operators.includes(operator))
      .map(({ operator, value }) => ({
        at: value as number | string,
        isOpen: operator === '<' || operator === '>',
      }));
  const lows = [...values('>', '>=', '='), ...bound(limits.min)];
  const highs = [...values('<', '<=', '='), ...bound(limits.max)];
  const except = values('!=').map(({ at }) => at);
  const exact = values('=').map(({ at }) => at);
  return (
    lows.every((low) => highs.every((high) => isBetween(low, high, type === 'integer'))) &&
    !exact.some((at) => except.includes(at))
  );
}

const bound = (at: number | string | undefined): readonly Bound[] =>
  at === undefined ? [] : [{ at, isOpen: false }];

function isBetween(low: Bound, high: Bound, isWhole: boolean): boolean {
  if (isWhole && typeof low.at === 'number' && typeof high.at === 'number') {
    const first = low.isOpen ? Math.floor(low.at) + 1 : Math.ceil(low.at);
    const last = high.isOpen ? Math.ceil(high.at) - 1 : Math.floor(high.at);
    return first <= last;
  }
  const order = compareValues(low.at, high.at);
  if (order === undefined) {
    return true;
  }
  return order < 0 || (order === 0 && !low.isOpen && !high.isOpen);
}
