/**
 * Whether a question is asked at a place in a response: https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.enableWhen
 */
import { compilePath, PathError } from '../../fhir/path.ts';
import type {
  JsonObject,
  JsonValue,
  QuestionnaireItem,
  QuestionnaireItemEnableWhen,
} from '../../fhir/types.ts';
import { compareDates } from '../limits.ts';
import { isLike } from '../pattern.ts';
import { isObject, listOf } from '../run.ts';

/** The response's items that enclose a place, the nearest first; the response itself is the last. */
export type Scopes = readonly JsonObject[];

const EXPRESSION = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-enableWhenExpression';

/** True when the item's conditions hold, when it has none, and when they cannot be evaluated. */
export function isEnabled(item: QuestionnaireItem, scopes: Scopes): boolean {
  const { enableWhen = [], enableBehavior, extension = [] } = item;
  const expression = extension.find(({ url }) => url === EXPRESSION)?.valueExpression?.expression;
  if (expression !== undefined) {
    return holds(expression, scopes.at(-1) ?? {});
  }
  if (enableWhen.length === 0) {
    return true;
  }
  const isMet = (condition: QuestionnaireItemEnableWhen): boolean => meets(condition, scopes);
  return enableBehavior === 'any' ? enableWhen.some(isMet) : enableWhen.every(isMet);
}

function holds(expression: string, response: JsonObject): boolean {
  try {
    return compilePath(expression)(response, { resource: response })[0] !== false;
  } catch (cause) {
    if (cause instanceof PathError) {
      return true;
    }
    throw cause;
  }
}

function meets(condition: QuestionnaireItemEnableWhen, scopes: Scopes): boolean {
  const { question = '', operator = '=' } = condition;
  const wanted = answerOf(condition);
  const given = nearestAnswers(question, scopes);
  if (operator === 'exists') {
    return given.length > 0 === (wanted === true);
  }
  const compare = COMPARISONS[operator];
  return compare !== undefined && given.some((value) => compare(value, wanted));
}

const answerOf = (condition: QuestionnaireItemEnableWhen): JsonValue | undefined =>
  Object.entries(condition).find(([name]) => name.startsWith('answer'))?.[1] as JsonValue | undefined;

type Comparison = (given: JsonValue, wanted: JsonValue | undefined) => boolean;

const isEqual: Comparison = (given, wanted) => {
  if (!isObject(given) || !isObject(wanted)) {
    return given === wanted;
  }
  const { display: _display, unit: _unit, ...identity } = wanted;
  return isLike(given, identity);
};

const ordered =
  (isGood: (order: number) => boolean): Comparison =>
  (given, wanted) => {
    const order = orderOf(given, wanted);
    return order !== undefined && isGood(order);
  };

function orderOf(given: JsonValue, wanted: JsonValue | undefined): number | undefined {
  if (typeof given === 'number' && typeof wanted === 'number') {
    return given - wanted;
  }
  if (typeof given === 'string' && typeof wanted === 'string') {
    return compareDates(given, wanted);
  }
  return isObject(given) && isObject(wanted) ? orderOf(given['value'] ?? null, wanted['value']) : undefined;
}

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  '=': isEqual,
  '!=': (given, wanted) => !isEqual(given, wanted),
  '>': ordered((order) => order > 0),
  '<': ordered((order) => order < 0),
  '>=': ordered((order) => order >= 0),
  '<=': ordered((order) => order <= 0),
};

/** The answers in the nearest enclosing item that has the question at all. */
function nearestAnswers(linkId: string, scopes: Scopes): readonly JsonValue[] {
  for (const scope of scopes) {
    const found = itemsBelow(scope).filter((item) => item['linkId'] === linkId);
    if (found.length > 0) {
      return found.flatMap((item) => listOf(item['answer']).flatMap(valueOf));
    }
  }
  return [];
}

function itemsBelow(item: JsonObject): readonly JsonObject[] {
  const nested = [
    ...listOf(item['item']),
    ...listOf(item['answer']).flatMap((answer) => (isObject(answer) ? listOf(answer['item']) : [])),
  ].filter(isObject);
  return nested.flatMap((child) => [child, ...itemsBelow(child)]);
}

/** The `value[x]` of an answer. */
export function valueOf(answer: JsonValue): readonly JsonValue[] {
  if (!isObject(answer)) {
    return [];
  }
  const name = Object.keys(answer).find((key) => key.startsWith('value'));
  return name === undefined ? [] : [answer[name] as JsonValue];
}
