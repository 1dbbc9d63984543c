/**
 * Answers that are read and not written: calculated ones, and every answer of a locked form.
 */
import type { ReactNode } from 'react';
import { isCalculated, type Answer } from '../../sdc/answer.ts';
import { chartViewsOf } from '../../sdc/body-chart.ts';
import type { FormItem } from '../../sdc/form-types.ts';
import type { Lang } from '../ui/form-texts.ts';
import { sourceOf } from './answer-marks.ts';
import { BodyFigure } from './body-figure.tsx';
import { useFrame } from './form-context.tsx';
import { Help } from './help.tsx';
import { widgetOf } from './item-control.ts';
import { shownCode } from './option-search.ts';
import { QuestionLabel } from './label.tsx';
import { answerText } from '../../sdc/text.ts';
import type { QuestionProps } from './question-props.ts';
import { SourceMark } from './source-mark.tsx';
import { SourceValues } from './source-values.tsx';

/** A calculated answer: announced politely when it changes. */
export function Computed({ item, name, answers, issues, isCell }: QuestionProps): ReactNode {
  const { t, lang } = useFrame();
  const labelId = `${name}-label`;
  const text = answers.map((answer) => shownAnswer(item, answer, lang)).join(', ');
  return (
    <div className="question computed">
      <span id={labelId} className={isCell ? 'visually-hidden' : 'aksel-label aksel-label--small'}>
        <QuestionLabel item={item} withoutUnit />
      </span>
      <output id={name} aria-labelledby={labelId} className="computed__value" tabIndex={-1}>
        {text === '' ? '–' : text}
      </output>
      {answers.some(isCalculated) && <p className="source">{t.setBySystem}</p>}
      {issues.map(({ message }) => (
        <p key={message} className="aksel-error-message aksel-label aksel-label--small">
          {message}
        </p>
      ))}
      {!isCell && <Help item={item} />}
    </div>
  );
}

/** An answer in a form that cannot be changed. */
export function ReadOnlyAnswer({ item, path, name, answers, source, isCell }: QuestionProps): ReactNode {
  const { t, lang } = useFrame();
  const chart = isCell ? [] : chartViewsOf(item);
  return (
    <div className="question read-only">
      <span className={isCell ? 'visually-hidden' : 'read-only__label'}>
        <QuestionLabel item={item} withoutUnit />
      </span>
      <div className="read-only__answer">
        {chart.length > 0 && (
          <BodyFigure
            views={chart}
            lang={lang}
            chosen={new Set(answers.map(({ valueCoding }) => valueCoding?.code ?? ''))}
          />
        )}
        {answers.length === 0 && <span className="subtle">{isCell ? '–' : t.noAnswer}</span>}
        {answers.map((answer) => (
          <p key={JSON.stringify(answer)}>{shownAnswer(item, answer, lang)}</p>
        ))}
        <SourceMark item={item} path={path} name={name} answer={answers.find(sourceOf)} />
        <SourceValues item={item} path={path} name={name} source={source} />
      </div>
    </div>
  );
}

/** An answer as people read it, with its unit; a code from a long list with the code itself. */
function shownAnswer(item: FormItem, answer: Answer, lang: Lang): string {
  const { valueCoding } = answer;
  const code = valueCoding && widgetOf(item) === 'search' ? shownCode(valueCoding) : undefined;
  return [code, answerText(item, answer, lang)].filter((part) => part !== undefined).join(' ');
}
