/**
 * Answers that stand in a new form or row: https://hl7.org/fhir/R4/questionnaire-definitions.html#Questionnaire.item.initial
 */
import { valueKey } from './answer.ts';
import type { Answer } from './answer.ts';
import type { FormItem } from './form-types.ts';
import type { QuestionnaireResponseItem } from '../fhir/types.ts';

/** The initial answers of a question: `initial`, else the options that are selected from the start. */
export function initialAnswers(item: FormItem): readonly Answer[] {
  const given = (item.source.initial ?? []).flatMap((entry) => {
    const key = valueKey(entry);
    return key === undefined ? [] : [{ [key]: (entry as Record<string, unknown>)[key] } as Answer];
  });
  const selected = (item.options?.list ?? []).filter(({ isInitial }) => isInitial);
  const all = given.length > 0 ? given : selected.map(({ coding }) => ({ valueCoding: coding }));
  return item.isRepeating ? all : all.slice(0, 1);
}

/** A new row of a repeating group, with the initial answers of its questions. */
export function newRow(item: FormItem): QuestionnaireResponseItem {
  return newItem(item) ?? { linkId: item.linkId };
}

function newItem(item: FormItem): QuestionnaireResponseItem | undefined {
  if (item.type === 'group') {
    const children = item.children
      .filter((child) => !child.isRepeating || child.type !== 'group')
      .flatMap((child) => newItem(child) ?? []);
    return children.length === 0 ? undefined : { linkId: item.linkId, item: children };
  }
  const answers = initialAnswers(item);
  return answers.length === 0 ? undefined : { linkId: item.linkId, answer: [...answers] };
}
