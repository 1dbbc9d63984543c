/**
 * Several answers as a picture and a list: every region is the face of a check box that stands beside it, with its name and in the
 * order of the list. A click or a touch on the region ticks the box; where the focus is among the boxes shows in the picture.
 * Without JavaScript the list is all there is.
 */
import { useState, type ReactNode } from 'react';
import { sameAnswer } from '../../sdc/answer.ts';
import { chartViewsOf } from '../../sdc/body-chart.ts';
import type { AnswerOption } from '../../sdc/form-types.ts';
import { optionText } from '../../sdc/text.ts';
import { Checkbox, CheckboxGroup } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { BodyFigure } from './body-figure.tsx';
import { offeredOptions, OtherField } from './choice-fields.tsx';
import { useFrame } from './form-context.tsx';
import { optionValue } from './item-control.ts';
import { QuestionLabel } from './label.tsx';
import type { WidgetProps } from './question-props.ts';

export function BodyChart(props: WidgetProps): ReactNode {
  const { item, path, name, answers, isCell, error } = props;
  const { t, lang, dispatch } = useFrame();
  const [pointed, setPointed] = useState<string>();
  const options = offeredOptions(props);
  const chosen = options.filter(({ coding }) =>
    answers.some((answer) => sameAnswer(answer, { valueCoding: coding })),
  );
  const toggle = (option: AnswerOption | undefined): void => {
    if (option !== undefined) {
      dispatch({ kind: 'toggled', path, option });
    }
  };
  const byCode = (code: string | undefined): AnswerOption | undefined =>
    options.find(({ coding }) => coding.code === code);
  const shown = byCode(pointed);
  const marked = chosen.filter(({ isExclusive }) => !isExclusive).length;
  return (
    <>
      <CheckboxGroup
        size="small"
        className="body-chart"
        legend={<QuestionLabel item={item} />}
        hideLegend={isCell}
        error={error}
        value={chosen.map(optionValue)}
      >
        <div className="body-chart__parts">
          <div className="body-chart__map">
            <p className="body-chart__hint">{t.chartHint}</p>
            <BodyFigure
              views={chartViewsOf(item)}
              lang={lang}
              chosen={codesOf(chosen)}
              pointed={pointed}
              onPoint={setPointed}
              onPick={(code) => toggle(byCode(code))}
            />
            <p className="body-chart__now" aria-hidden="true">
              {shown === undefined ? fill(t.chartCount, { n: marked }) : optionText(shown, lang)}
            </p>
          </div>
          <div className="body-chart__list">
            {options.map((option, index) => (
              <div
                key={optionValue(option)}
                className={option.coding.code === pointed ? 'body-chart__pointed' : undefined}
                onPointerEnter={() => setPointed(option.coding.code)}
                onPointerLeave={() => setPointed(undefined)}
              >
                <Checkbox
                  id={index === 0 ? name : `${name}/${index}`}
                  name={name}
                  value={optionValue(option)}
                  onChange={() => toggle(option)}
                  onFocus={() => setPointed(option.coding.code)}
                  onBlur={() => setPointed(undefined)}
                >
                  {optionText(option, lang)}
                </Checkbox>
              </div>
            ))}
          </div>
        </div>
      </CheckboxGroup>
      {item.type === 'open-choice' && <OtherField {...props} />}
    </>
  );
}

const codesOf = (options: readonly AnswerOption[]): ReadonlySet<string> =>
  new Set(options.map(({ coding }) => coding.code ?? ''));
