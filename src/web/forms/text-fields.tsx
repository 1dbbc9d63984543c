/**
 * Questions answered by typing. Numbers and dates are text fields: what was understood is shown, never guessed.
 */
import type { ReactNode } from 'react';
import { Select, TextField as AkselTextField } from '../ui/aksel.ts';
import { fill, type FormTexts } from '../ui/form-texts.ts';
import { Textarea } from '../ui/textarea.tsx';
import { useFrame } from './form-context.tsx';
import { unitName } from './form-fields.ts';
import { unitsOf, widgetOf, type Widget } from './item-control.ts';
import { QuestionLabel } from './label.tsx';
import { suggestionsId } from './option-lists.tsx';
import type { WidgetProps } from './question-props.ts';
import { readTyped, writeTyped } from './typed-values.ts';

const inputModes: Partial<Record<Widget, 'numeric' | 'decimal'>> = { number: 'decimal', quantity: 'decimal' };

/** Columns of the field: numbers and dates are short, so that their width says what belongs there. */
const sizes: Partial<Record<Widget, number>> = { number: 8, date: 11, 'date-time': 17, quantity: 8 };

export function TextField(props: WidgetProps): ReactNode {
  const { item, path, name, isCell, error } = props;
  const { t, suggestions, dispatch } = useFrame();
  const widget = widgetOf(item);
  const size = sizes[widget] ?? (isCell ? 12 : undefined);
  const { maxLength } = item.limits;
  const attributes = {
    ...(size !== undefined && { htmlSize: size }),
    ...(maxLength !== undefined && { maxLength }),
    ...(suggestions[item.linkId] !== undefined && { list: suggestionsId(item) }),
  };
  return (
    <AkselTextField
      size="small"
      id={name}
      name={name}
      label={<QuestionLabel item={item} />}
      hideLabel={isCell}
      description={hintOf(props, t)}
      error={typingError(props) ?? error}
      value={shownText(props)}
      inputMode={inputModes[widget] ?? 'text'}
      {...attributes}
      autoComplete="off"
      onChange={(event) => dispatch({ kind: 'typed', path, fields: { [name]: event.target.value } })}
      onBlur={() => dispatch({ kind: 'left', path })}
    />
  );
}

export function LongTextField(props: WidgetProps): ReactNode {
  const { item, path, name, error } = props;
  const { dispatch } = useFrame();
  return (
    <Textarea
      id={name}
      name={name}
      label={<QuestionLabel item={item} />}
      error={error}
      value={shownText(props)}
      maxLength={item.limits.maxLength}
      onChange={(event) => dispatch({ kind: 'typed', path, fields: { [name]: event.target.value } })}
      onBlur={() => dispatch({ kind: 'left', path })}
    />
  );
}

export function QuantityField(props: WidgetProps): ReactNode {
  const { item, path, name, answers, isCell, error } = props;
  const { t, dispatch } = useFrame();
  const units = unitsOf(item);
  const unit = answers[0]?.valueQuantity?.code ?? units[0]?.code ?? '';
  const text = shownText(props);
  const typed = (value: string, code: string): void =>
    dispatch({ kind: 'typed', path, fields: { [name]: value, [unitName(name)]: code } });
  return (
    <div className="quantity">
      <AkselTextField
        size="small"
        id={name}
        name={name}
        label={<QuestionLabel item={item} />}
        hideLabel={isCell}
        error={typingError(props) ?? error}
        value={text}
        inputMode="decimal"
        htmlSize={8}
        autoComplete="off"
        onChange={(event) => typed(event.target.value, unit)}
        onBlur={() => dispatch({ kind: 'left', path })}
      />
      {units.length > 1 && (
        <Select
          size="small"
          id={unitName(name)}
          name={unitName(name)}
          label={t.unit}
          value={unit}
          onChange={(event) => typed(text, event.target.value)}
        >
          {units.map(({ code, display }) => (
            <option key={code} value={code}>
              {display}
            </option>
          ))}
        </Select>
      )}
    </div>
  );
}

/** What stands in the field: what is being typed, else the answer as one writes it. */
const shownText = ({ text, answers }: WidgetProps): string => text ?? writeTyped(answers[0]);

/** Why the text is no value. */
function typingError({ item, text }: WidgetProps): string | undefined {
  if (text === undefined) {
    return undefined;
  }
  const typed = readTyped(text, item);
  return typed.kind === 'problem' ? typed.message : undefined;
}

/** How to write it; once written otherwise than usual, what was understood. */
function hintOf({ item, text, answers, isCell }: WidgetProps, t: FormTexts): string | undefined {
  const usual = writeTyped(answers[0]);
  if (text !== undefined && answers.length > 0 && text.trim() !== usual && item.type !== 'string') {
    return fill(t.understood, { value: usual });
  }
  if (item.limits.entryFormat !== undefined) {
    return item.limits.entryFormat;
  }
  const formats: Partial<Record<string, string>> = { date: t.dateFormat, dateTime: t.dateTimeFormat };
  return isCell ? undefined : formats[item.type];
}
