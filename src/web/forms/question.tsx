/**
 * One question: its widget, where the answer was fetched from, its messages. Redrawn only when something of its own changes.
 */
import { memo, type ReactNode } from 'react';
import { mayEdit } from '../../sdc/calculate.ts';
import { fill } from '../ui/form-texts.ts';
import { fields, unusualName } from './form-fields.ts';
import { isConfirmedUnusual, sourceOf } from './answer-marks.ts';
import { BodyChart } from './body-chart.tsx';
import { CheckList } from './check-list.tsx';
import { Computed, ReadOnlyAnswer } from './computed.tsx';
import { DropDown, RadioList, YesNo } from './choice-fields.tsx';
import { useFrame } from './form-context.tsx';
import { Help } from './help.tsx';
import { widgetOf, type Widget } from './item-control.ts';
import { shortText } from '../../sdc/text.ts';
import { nameOf } from './names.ts';
import type { QuestionProps, WidgetProps } from './question-props.ts';
import { Scale } from './scale.tsx';
import { SearchField } from './search-field.tsx';
import { SourceMark } from './source-mark.tsx';
import { SourceValues } from './source-values.tsx';
import { LongTextField, QuantityField, TextField } from './text-fields.tsx';

const widgets: Partial<Record<Widget, (props: WidgetProps) => ReactNode>> = {
  line: TextField,
  number: TextField,
  date: TextField,
  'date-time': TextField,
  textarea: LongTextField,
  quantity: QuantityField,
  'yes-no': YesNo,
  radio: RadioList,
  'drop-down': DropDown,
  search: SearchField,
  checks: CheckList,
  chart: BodyChart,
  scale: Scale,
};

export const Question = memo(QuestionView, isSameQuestion);

function QuestionView(props: QuestionProps): ReactNode {
  const { item, path, name, answers, issues, isCell } = props;
  const { isReadOnly } = useFrame();
  const Widget = widgets[widgetOf(item)] ?? TextField;
  if (isReadOnly) {
    return <ReadOnlyAnswer {...props} />;
  }
  if (!mayEdit(item, answers)) {
    return <Computed {...props} />;
  }
  const errors = issues.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  return (
    <div className="question">
      <input type="hidden" name={fields.shown} value={nameOf(path)} />
      <Widget {...props} error={errors.length > 0 ? errors.join(' ') : undefined} />
      <SourceValues {...props} />
      <Warnings {...props} />
      <div className="question__foot">
        <SourceMark path={path} name={name} item={item} answer={answers.find(sourceOf)} />
        <Clear {...props} />
        {!isCell && <Help item={item} />}
      </div>
    </div>
  );
}

const CLEARABLE: ReadonlySet<Widget> = new Set(['yes-no', 'radio', 'scale']);

/** Radio buttons cannot be unticked by themselves. */
function Clear({ item, path, answers }: QuestionProps): ReactNode {
  const { t, lang, isLive, dispatch } = useFrame();
  if (!isLive || answers.length === 0 || !CLEARABLE.has(widgetOf(item))) {
    return null;
  }
  return (
    <button
      type="button"
      className="clear"
      onClick={() => dispatch({ kind: 'answered', path, answers: [] })}
      aria-label={fill(t.clearOf, { question: shortText(item, lang) })}
    >
      {t.clear}
    </button>
  );
}

/** Soft messages; an unusual value asks whether it is right. */
function Warnings({ item, path, name, answers, issues }: QuestionProps): ReactNode {
  const { t, lang, dispatch } = useFrame();
  const warnings = issues.filter(({ severity }) => severity === 'warning');
  const isSure = isConfirmedUnusual(answers[0]);
  const asks = isSure || warnings.some(({ rule }) => rule === 'usual-range');
  if (warnings.length === 0 && !asks) {
    return null;
  }
  const sure = unusualName(name);
  return (
    <div className="warning" role={warnings.length > 0 ? 'status' : undefined}>
      {warnings.map(({ message }) => (
        <p key={message}>
          <span aria-hidden="true">⚠ </span>
          {message}
        </p>
      ))}
      {asks && (
        <label className="tick">
          <input type="hidden" name={fields.shown} value={sure} />
          <input
            type="checkbox"
            name={sure}
            value="1"
            checked={isSure}
            onChange={(event) => dispatch({ kind: 'sure', path, isOn: event.target.checked })}
            aria-label={`${t.unusual}: ${shortText(item, lang)}`}
          />
          {t.unusual}
        </label>
      )}
    </div>
  );
}

function isSameQuestion(a: QuestionProps, b: QuestionProps): boolean {
  return (
    a.item === b.item &&
    a.name === b.name &&
    a.text === b.text &&
    a.source === b.source &&
    JSON.stringify(a.issues) === JSON.stringify(b.issues)
  );
}
