/**
 * A 0–10 scale as a row of radio buttons: no start position that answers for the patient, one press per answer.
 */
import type { ReactNode } from 'react';
import { codingKey } from '../../sdc/answer.ts';
import type { AnswerOption } from '../../sdc/form-types.ts';
import type { Lang } from '../ui/form-texts.ts';
import { useFrame } from './form-context.tsx';
import { optionsOf, optionValue } from './item-control.ts';
import { QuestionLabel } from './label.tsx';
import { optionText } from '../../sdc/text.ts';
import type { WidgetProps } from './question-props.ts';

export function Scale({ item, path, name, answers, isCell, error }: WidgetProps): ReactNode {
  const { lang, dispatch } = useFrame();
  const options = optionsOf(item);
  const coding = answers[0]?.valueCoding;
  const chosen = coding === undefined ? undefined : codingKey(coding);
  const errorId = `${name}-error`;
  const [lowest, highest] = [endText(options[0], lang), endText(options.at(-1), lang)];
  return (
    <fieldset className="scale" aria-describedby={error === undefined ? undefined : errorId}>
      <legend
        className={isCell ? 'visually-hidden' : 'aksel-fieldset__legend aksel-label aksel-label--small'}
      >
        <QuestionLabel item={item} />
      </legend>
      <div className="scale__steps">
        {options.map((option, index) => (
          <label key={optionValue(option)} className="scale__step">
            <input
              type="radio"
              id={index === 0 ? name : `${name}/${index}`}
              name={name}
              value={optionValue(option)}
              checked={optionValue(option) === chosen}
              onChange={() => dispatch({ kind: 'answered', path, answers: [{ valueCoding: option.coding }] })}
            />
            <span>
              {option.coding.code}
              {endOf(option, index, options.length, lang)}
            </span>
          </label>
        ))}
      </div>
      <div className="scale__ends" aria-hidden="true">
        <span>{lowest}</span>
        <span>{highest}</span>
      </div>
      <div id={errorId} aria-live="polite" className="aksel-fieldset__error">
        {error && <p className="aksel-error-message aksel-label aksel-label--small">{error}</p>}
      </div>
    </fieldset>
  );
}

/** `0 – ingen smerte` → `ingen smerte`; nothing where the option is only its number. */
function endText(option: AnswerOption | undefined, lang: Lang): string {
  const text = option === undefined ? '' : optionText(option, lang);
  return text.replace(/^\d+[\s.:=–-]*/, '');
}

const endOf = (option: AnswerOption, index: number, count: number, lang: Lang): ReactNode => {
  const text = index === 0 || index === count - 1 ? endText(option, lang) : '';
  return text === '' ? null : <span className="visually-hidden">, {text}</span>;
};
