/**
 * A QuestionnaireResponse against its Questionnaire, whatever its origin: https://hl7.org/fhir/R4/questionnaireresponse.html#notes
 * Registers' own forms are held to more (their dialect); this is what the specification asks of every form.
 */
import { issue, type Issue } from '../../fhir/outcome.ts';
import type { JsonObject, JsonValue, Questionnaire, QuestionnaireItem } from '../../fhir/types.ts';
import type { Terminology } from '../../terminology/terminology.ts';
import { isObject, listOf, shown, stringOf } from '../run.ts';
import { answerFaults, countsOf, hasExclusiveAmongOthers } from './answers.ts';
import { isEnabled, valueOf, type Scopes } from './enable-when.ts';

interface Walk {
  readonly issues: Issue[];
  readonly terminology: Terminology;
  /** Answers may still be missing: the response is in progress. */
  readonly isDraft: boolean;
  readonly linkIds: ReadonlySet<string>;
}

/** All that is wrong with a response to a form. Never throws, whatever the JSON is. */
export function checkResponse(
  questionnaire: Questionnaire,
  response: JsonObject,
  terminology: Terminology,
): readonly Issue[] {
  const walk: Walk = {
    issues: [],
    terminology,
    isDraft: ['in-progress', 'stopped', 'entered-in-error'].includes(stringOf(response['status']) ?? ''),
    linkIds: new Set(linkIdsOf(questionnaire.item ?? [])),
  };
  checkItems(questionnaire.item ?? [], response, 'QuestionnaireResponse', [response], walk);
  return walk.issues;
}

const linkIdsOf = (items: readonly QuestionnaireItem[]): readonly string[] =>
  items.flatMap(({ linkId = '', item = [] }) => [linkId, ...linkIdsOf(item)]);

const fault = ({ issues }: Walk, rule: string, at: string, text: string): unknown =>
  issues.push(issue('error', rule === 'required' ? 'required' : 'invalid', text, at, rule));

/** The items below a group, a question's answer or the form itself. */
function checkItems(
  asked: readonly QuestionnaireItem[],
  container: JsonObject,
  at: string,
  scopes: Scopes,
  walk: Walk,
): void {
  const given = listOf(container['item']).map((item, index) => ({ item, at: `${at}.item[${index}]` }));
  let last = 0;
  for (const { item, at: place } of given) {
    const position = isObject(item) ? asked.findIndex(({ linkId }) => linkId === item['linkId']) : -1;
    if (position === -1) {
      unknownItem(item, place, walk);
    } else if (position < last) {
      fault(walk, 'item-order', place, 'The items must stand in the order of the questionnaire.');
    }
    last = Math.max(last, position);
  }
  for (const question of asked) {
    const own = given.flatMap(({ item, at: place }) =>
      isObject(item) && item['linkId'] === question.linkId ? [{ item, at: place }] : [],
    );
    checkQuestion(question, own, at, scopes, walk);
  }
}

function unknownItem(item: JsonValue, at: string, walk: Walk): void {
  const linkId = isObject(item) ? (stringOf(item['linkId']) ?? '') : '';
  const text = walk.linkIds.has(linkId)
    ? `The item "${shown(linkId)}" stands elsewhere in the questionnaire.`
    : `The questionnaire has no item "${shown(linkId)}".`;
  fault(walk, 'unknown-link-id', at, text);
}

interface Placed {
  readonly item: JsonObject;
  readonly at: string;
}

function checkQuestion(
  question: QuestionnaireItem,
  given: readonly Placed[],
  at: string,
  scopes: Scopes,
  walk: Walk,
): void {
  if (!isEnabled(question, scopes)) {
    for (const { item, at: place } of given.filter((placed) => hasAnswer(placed.item))) {
      const text = `"${shown(String(item['linkId']))}" is not asked here, since its condition does not hold; leave its answers out.`;
      fault(walk, 'disabled-answer', place, text);
    }
    return;
  }
  checkCounts(question, given, at, walk);
  for (const { item, at: place } of given) {
    checkContent(question, item, place, scopes, walk);
  }
}

const hasAnswer = (item: JsonObject): boolean =>
  item['answer'] !== undefined ||
  listOf(item['item'])
    .filter(isObject)
    .some((child) => hasAnswer(child));

function checkCounts(question: QuestionnaireItem, given: readonly Placed[], at: string, walk: Walk): void {
  const { min, max } = countsOf(question);
  const isGroup = question.type === 'group';
  const count = isGroup
    ? given.length
    : given.reduce((sum, { item }) => sum + listOf(item['answer']).length, 0);
  const place = given[0]?.at ?? at;
  const name = `"${shown(question.linkId ?? '')}"`;
  if (count < min && question.type !== 'display' && !walk.isDraft) {
    fault(
      walk,
      'required',
      place,
      `${name} needs at least ${min} ${isGroup ? 'items' : 'answers'}; there are ${count}.`,
    );
  }
  if (count > max || (!isGroup && given.length > 1)) {
    fault(
      walk,
      'max-answers',
      place,
      `${name} allows at most ${max}; there are ${Math.max(count, given.length)}.`,
    );
  }
}

function checkContent(
  question: QuestionnaireItem,
  item: JsonObject,
  at: string,
  scopes: Scopes,
  walk: Walk,
): void {
  const isQuestion = question.type !== 'group' && question.type !== 'display';
  const answers = listOf(item['answer']);
  if (!isQuestion) {
    if (question.required === true && !walk.isDraft && !hasAnswer(item)) {
      fault(walk, 'required', at, 'This group must be answered.');
    }
    if (answers.length > 0) {
      fault(walk, 'answer-on-group', at, `An item of type ${question.type ?? ''} has no answers.`);
    }
    checkItems(question.item ?? [], item, at, [item, ...scopes], walk);
    return;
  }
  if (item['item'] !== undefined) {
    fault(walk, 'nested-item', at, 'Items below a question stand in its answer: answer.item.');
  }
  if (hasExclusiveAmongOthers(question, answers.flatMap(valueOf))) {
    fault(walk, 'exclusive', at, 'One of the answers cannot be chosen together with others.');
  }
  for (const [index, answer] of answers.entries()) {
    const place = `${at}.answer[${index}]`;
    for (const { rule, text } of isObject(answer) ? answerFaults(question, answer, walk.terminology) : []) {
      fault(walk, rule, place, text);
    }
    if (isObject(answer)) {
      checkItems(question.item ?? [], answer, place, [answer, item, ...scopes], walk);
    }
  }
}
