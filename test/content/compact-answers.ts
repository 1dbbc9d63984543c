/** Compact answers of a case ↔ a QuestionnaireResponse, by the form's own types and options. */
import type { Answer } from '../../src/sdc/answer.ts';
import { answerValue } from '../../src/sdc/answer.ts';
import type { Form, FormItem } from '../../src/sdc/form-types.ts';
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../../src/fhir/types.ts';
import type { Answers, CompactAnswer } from './case.ts';

/** The items of a response; throws when the answers name a question that the form does not have there. */
export function toItems(items: readonly FormItem[], answers: Answers): QuestionnaireResponseItem[] {
  const unknown = Object.keys(answers).filter((linkId) => !items.some((item) => item.linkId === linkId));
  if (unknown.length > 0) {
    throw new Error(`The form has no question ${unknown.join(', ')} at this place.`);
  }
  return items.flatMap((item) => {
    const answer = answers[item.linkId];
    return answer === undefined ? [] : toItem(item, answer);
  });
}

function toItem(item: FormItem, given: CompactAnswer): QuestionnaireResponseItem[] {
  const list = Array.isArray(given) ? (given as readonly CompactAnswer[]) : [given];
  if (item.type === 'group') {
    return list.map((row) => ({ linkId: item.linkId, item: toItems(item.children, row as Answers) }));
  }
  return [{ linkId: item.linkId, answer: list.map((value) => toAnswer(item, value)) }];
}

const VALUE_OF = {
  boolean: 'valueBoolean',
  integer: 'valueInteger',
  decimal: 'valueDecimal',
  date: 'valueDate',
  dateTime: 'valueDateTime',
  string: 'valueString',
  text: 'valueString',
} as const;

function toAnswer(item: FormItem, value: CompactAnswer): Answer {
  if (item.type !== 'choice' && item.type !== 'open-choice') {
    return { [VALUE_OF[item.type as keyof typeof VALUE_OF]]: value } as Answer;
  }
  const option = item.options?.list.find(({ coding }) => coding.code === value);
  if (option !== undefined) {
    return { valueCoding: option.coding };
  }
  if (item.type === 'choice') {
    throw new Error(`${item.linkId} has no option ${JSON.stringify(value)}.`);
  }
  return { valueString: value as string };
}

/** Answers by path (`analgesics/opioid-table/opioid[0]/omeq`); a choice is its code, several answers are a list. */
export function byPath({ byLinkId }: Form, { item }: QuestionnaireResponse): ReadonlyMap<string, unknown> {
  return new Map(entries(item ?? [], '', byLinkId));
}

function entries(
  items: readonly QuestionnaireResponseItem[],
  above: string,
  byLinkId: Form['byLinkId'],
): readonly (readonly [string, unknown])[] {
  return items.flatMap((item) => {
    const { linkId, answer = [] } = item;
    const isRow = byLinkId.get(linkId)?.type === 'group' && byLinkId.get(linkId)?.isRepeating === true;
    const row = items.filter((other) => other.linkId === linkId).indexOf(item);
    const path = `${above}${linkId}${isRow ? `[${row}]` : ''}`;
    const values = answer.map(plain);
    const own = values.length === 0 ? [] : [[path, values.length === 1 ? values[0] : values] as const];
    return [...own, ...entries(item.item ?? [], `${path}/`, byLinkId)];
  });
}

const plain = (answer: Answer): unknown => answer.valueCoding?.code ?? answerValue(answer);
