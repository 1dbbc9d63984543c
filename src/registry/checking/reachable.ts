/**
 * Can a question ever be asked? Its conditions, those of the groups around it, and those of the questions that it depends on,
 * must be true together for some answers. Section 3 of docs/sdc-dialect.md.
 *
 * Only what enableWhen says is read: an enableWhenExpression counts as one that may be true.
 */
import type { Condition, Form, FormItem } from '../../sdc/form-types.ts';
import { ancestors } from '../../sdc/tree.ts';
import { canHold } from './answers-that-hold.ts';

/** More ways to open than this are not looked through; the question then counts as one that may be asked. */
const MOST_WAYS = 2000;

/** Every way is a list of conditions that must hold together; undefined when there are too many to look at. */
type Ways = readonly (readonly Condition[])[] | undefined;

/** The questions and groups of the form that no answers can open, without those that lie in such a group. */
export function neverOpen(form: Form): readonly FormItem[] {
  const isShut = (item: FormItem): boolean => !mayOpen(form, item);
  return [...form.byLinkId.values()].filter(
    (item) => item.type !== 'display' && isShut(item) && !(item.parent !== undefined && isShut(item.parent)),
  );
}

/** Are there answers that open this item? */
export function mayOpen(form: Form, item: FormItem): boolean {
  const ways = waysToOpen(form, item, []);
  return ways === undefined || ways.some((conditions) => canHoldTogether(form, item, conditions));
}

/** Conditions on other rows may be met by different rows: only those of the own row, or of none, must agree. */
function canHoldTogether(form: Form, item: FormItem, conditions: readonly Condition[]): boolean {
  const byQuestion = Map.groupBy(conditions, ({ question }) => question);
  return [...byQuestion].every(([linkId, own]) => {
    const question = form.byLinkId.get(linkId);
    if (question === undefined) {
      return true;
    }
    return isInOtherRows(question, item)
      ? own.every((condition) => canHold(question, [condition]))
      : canHold(question, own);
  });
}

function isInOtherRows(question: FormItem, item: FormItem): boolean {
  const around = new Set([item, ...ancestors(item)]);
  return ancestors(question).some(
    (group) => group.isRepeating && group.type === 'group' && !around.has(group),
  );
}

function waysToOpen(form: Form, item: FormItem, above: readonly FormItem[]): Ways {
  if (above.includes(item)) {
    return [[]]; // a cycle is a finding of its own
  }
  const levels = [item, ...ancestors(item)].map((level) => waysOf(form, level, [...above, item]));
  return combine(levels);
}

/** The ways in which the item's own conditions are met, each with what its questions need to be asked. */
function waysOf(form: Form, { conditions, behaviour }: FormItem, above: readonly FormItem[]): Ways {
  if (conditions.length === 0) {
    return [[]];
  }
  const each = conditions.map((condition) => waysOfCondition(form, condition, above));
  return behaviour === 'any' ? concat(each) : combine(each);
}

function waysOfCondition(form: Form, condition: Condition, above: readonly FormItem[]): Ways {
  const question = form.byLinkId.get(condition.question);
  const isUnanswered = condition.operator === 'exists' && condition.value === false;
  const before = question === undefined || isUnanswered ? [[]] : waysToOpen(form, question, above);
  return before?.map((conditions) => [...conditions, condition]);
}

function concat(all: readonly Ways[]): Ways {
  return all.some((ways) => ways === undefined) ? undefined : limited(all.flatMap((ways) => ways ?? []));
}

/** All of them at once. */
function combine(all: readonly Ways[]): Ways {
  return all.reduce<Ways>(
    (left, right) => {
      if (left === undefined || right === undefined || left.length * right.length > MOST_WAYS) {
        return undefined;
      }
      return left.flatMap((one) => right.map((other) => [...one, ...other]));
    },
    [[]],
  );
}

const limited = (ways: readonly (readonly Condition[])[]): Ways =>
  ways.length > MOST_WAYS ? undefined : ways;
