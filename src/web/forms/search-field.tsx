/**
 * One answer from a long list: a text field with the browser's own suggestions. Works without JavaScript; code, name or both
 * may be typed.
 */
import type { ReactNode } from 'react';
import { TextField } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { useFrame } from './form-context.tsx';
import { optionsOf } from './item-control.ts';
import { QuestionLabel } from './label.tsx';
import { searchLabel } from './option-search.ts';
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
      error={isUnknown ? fill(t['not-option'], { text: text.trim() }) : error}
      value={text ?? chosen}
      autoComplete="off"
      onChange={(event) => dispatch({ kind: 'typed', path, fields: { [name]: event.target.value } })}
      onBlur={() => dispatch({ kind: 'left', path })}
    />
  );
}
