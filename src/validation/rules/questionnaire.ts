/**
 * Rules of a Questionnaire beside its invariants: https://hl7.org/fhir/R4/questionnaire.html
 */
import type { JsonObject } from '../../fhir/types.ts';
import { fail, isObject, listOf, shown, stringOf, warn, type Check, type Run } from '../run.ts';

interface Placed {
  readonly item: JsonObject;
  readonly at: string;
  readonly above: readonly JsonObject[];
}

/** Unique linkIds, conditions that can be met, options and initial values of the question's type. */
export const questionnaireRules: Check = (questionnaire, at, run) => {
  if (!isObject(questionnaire)) {
    return;
  }
  const placed = itemsOf(questionnaire, at, []);
  const byLinkId = new Map<string, Placed>();
  for (const entry of placed) {
    const linkId = stringOf(entry.item['linkId']);
    if (linkId !== undefined && byLinkId.has(linkId)) {
      fail(
        run,
        'duplicate',
        'que-2',
        `${entry.at}.linkId`,
        `The linkId "${shown(linkId)}" is used before; each must be unique.`,
      );
    }
    byLinkId.set(linkId ?? '', byLinkId.get(linkId ?? '') ?? entry);
  }
  for (const [order, entry] of placed.entries()) {
    conditionRules(entry, order, placed, byLinkId, run);
    valueRules(entry, run);
  }
};

function itemsOf(container: JsonObject, at: string, above: readonly JsonObject[]): readonly Placed[] {
  return listOf(container['item']).flatMap((item, index) => {
    const place = `${at}.item[${index}]`;
    return isObject(item) ? [{ item, at: place, above }, ...itemsOf(item, place, [...above, item])] : [];
  });
}

function conditionRules(
  { item, at }: Placed,
  order: number,
  placed: readonly Placed[],
  byLinkId: ReadonlyMap<string, Placed>,
  run: Run,
): void {
  const conditions = listOf(item['enableWhen']);
  if (conditions.length > 1 && item['enableBehavior'] === undefined) {
    fail(
      run,
      'invariant',
      'que-12',
      at,
      'With more than one enableWhen, enableBehavior must say "all" or "any".',
    );
  }
  for (const [index, condition] of conditions.entries()) {
    const question = isObject(condition) ? stringOf(condition['question']) : undefined;
    const target = byLinkId.get(question ?? '');
    const place = `${at}.enableWhen[${index}]`;
    if (question === undefined || !isObject(condition)) {
      continue;
    }
    if (target === undefined) {
      fail(
        run,
        'not-found',
        'enable-when-target',
        place,
        `The questionnaire has no item "${shown(question)}".`,
      );
    } else if (target.item === item || target.above.includes(item)) {
      fail(
        run,
        'invalid',
        'enable-when-target',
        place,
        'An item cannot depend on itself or on a question inside it.',
      );
    } else {
      conditionValue(condition, target.item, place, run);
      if (placed.indexOf(target) > order) {
        warn(
          run,
          'business-rule',
          'enable-when-order',
          place,
          `The question "${shown(question)}" comes after the item that depends on it.`,
        );
      }
    }
  }
}

function conditionValue(condition: JsonObject, target: JsonObject, at: string, run: Run): void {
  const name = Object.keys(condition).find((key) => key.startsWith('answer'));
  const allowed = ANSWERS[stringOf(target['type']) ?? ''];
  if (name === undefined || allowed === undefined || condition['operator'] === 'exists') {
    return;
  }
  if (!allowed.includes(name.slice('answer'.length))) {
    const text = `The question "${shown(String(target['linkId']))}" of type ${shown(String(target['type']))} is never answered with ${shown(name)}.`;
    fail(run, 'invalid', 'enable-when-type', at, text);
  }
}

const CHOICE = ['Coding', 'String', 'Integer', 'Date', 'Time', 'Reference'];
/** The value types that answers to a type of question have. */
const ANSWERS: Readonly<Record<string, readonly string[]>> = {
  group: [],
  display: [],
  boolean: ['Boolean'],
  decimal: ['Decimal', 'Integer'],
  integer: ['Integer'],
  date: ['Date'],
  dateTime: ['DateTime', 'Date'],
  time: ['Time'],
  string: ['String'],
  text: ['String'],
  url: ['Uri', 'String'],
  choice: CHOICE,
  'open-choice': CHOICE,
  attachment: ['Attachment'],
  reference: ['Reference'],
  quantity: ['Quantity', 'Decimal', 'Integer'],
};

function valueRules({ item, at }: Placed, run: Run): void {
  const type = stringOf(item['type']) ?? '';
  const allowed = ANSWERS[type];
  for (const element of allowed === undefined ? [] : ['initial', 'answerOption']) {
    for (const [index, entry] of listOf(item[element]).entries()) {
      const name = isObject(entry) ? Object.keys(entry).find((key) => key.startsWith('value')) : undefined;
      if (name !== undefined && allowed?.includes(name.slice('value'.length)) === false) {
        const text = `A question of type ${shown(type)} cannot have ${name} here.`;
        fail(run, 'invalid', 'question-value-type', `${at}.${element}[${index}]`, text);
      }
    }
  }
}
