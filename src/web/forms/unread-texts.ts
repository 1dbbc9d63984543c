/**
 * Fields whose text is no value: nothing is stored of them, so the user must hear of it.
 */
import type { Form, FormItem } from '../../sdc/form-types.ts';
import type { Language } from '../../sdc/language.ts';
import { shortText } from '../../sdc/text.ts';
import { fill, formTexts } from '../ui/form-texts.ts';
import type { FieldIssue } from './form-context.tsx';
import type { FormState } from './form-state.ts';
import { parseName } from './names.ts';
import type { Place } from './progress.ts';
import { answersAt } from './response-tree.ts';
import { isTyped, readTyped } from './typed-values.ts';

/** The fields with their names and what to write instead. A text that is being understood is none of them. */
export function unreadTexts(
  { texts, response }: FormState,
  form: Form,
  lang: Language,
): readonly (FieldIssue & Place)[] {
  return Object.entries(texts).flatMap(([name, text]) => {
    const path = parseName(name);
    const item = form.byLinkId.get(path?.linkId ?? '');
    if (path === undefined || item === undefined || text.trim() === '') {
      return [];
    }
    return answersAt(response, form, path).length > 0
      ? []
      : [{ severity: 'error', name, text: shortText(item, lang), message: problemOf(item, text, lang) }];
  });
}

function problemOf(item: FormItem, text: string, lang: Language): string {
  const typed = isTyped(item) || item.type === 'quantity' ? readTyped(text, item) : undefined;
  return typed?.kind === 'problem'
    ? typed.message
    : fill(formTexts[lang]['not-option'], { text: text.trim() });
}
