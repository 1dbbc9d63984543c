/**
 * One answer from a long list: a text field with the browser's own suggestions. Works without JavaScript; code, name or both
 * may be typed.
 */
import type { ReactNode } from 'react';
import type { FormItem } from '../../sdc/form-types.ts';
import { TextField } from '../ui/aksel.ts';
import { fill, type FormTexts } from '../ui/form-texts.ts';
import { useFrame } from './form-context.tsx';
import { optionsOf } from './item-control.ts';
import { QuestionLabel } from './label.tsx';
import { optionsLike, searchLabel } from './option-search.ts';
import { listId } from './option-lists.tsx';
import type { WidgetProps } from './question-props.ts';

export function SearchField({ item, path, name, answers, text, isCell, error }: WidgetProps): ReactNode {
  const { t, form, dispatch } = useFrame();
  const coding = answers[0]?.valueCoding;
  const chosen = coding === undefined ? (answers[0]?.valueString ?? '') : searchLabel({ coding });
  const isUnknown = text !== undefined && text.trim() !== '' && answers.length === 0;
  return (
    <TextField
      size="small"
      id={name}
      name={name}
      list={listId(form, item)}
      label={<QuestionLabel item={item} />}
      hideLabel={isCell}
      description={
        isCell ? undefined : `${t.searchHint} ${fill(t.searchMore, { n: optionsOf(item).length })}.`
      }
      error={isUnknown ? unknownText(t, item, text.trim()) : error}
      value={text ?? chosen}
      autoComplete="off"
      onChange={(event) => dispatch({ kind: 'typed', path, fields: { [name]: event.target.value } })}
      onBlur={() => dispatch({ kind: 'left', path })}
    />
  );
}

const MOST_NAMED = 5;

/** Which options could be meant, when they are few. */
function unknownText(t: FormTexts, item: FormItem, text: string): string {
  const like = optionsLike(optionsOf(item), text);
  return like.length === 0 || like.length > MOST_NAMED
    ? fill(t['not-option'], { text })
    : fill(t['several-options'], { text, options: like.map(searchLabel).join('; ') });
}
