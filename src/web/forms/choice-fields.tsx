/**
 * One answer among few (radio buttons) or some (drop-down), and yes or no.
 */
import type { ReactNode } from 'react';
import { codingKey, type Answer } from '../../sdc/answer.ts';
import type { AnswerOption, FormItem } from '../../sdc/form-types.ts';
import { Radio, RadioGroup, Select } from '../ui/aksel.ts';
import type { Lang } from '../ui/form-texts.ts';
import { useFrame } from './form-context.tsx';
import { otherName } from './form-fields.ts';
import { isHorizontal, optionsOf, optionValue } from './item-control.ts';
import { QuestionLabel } from './label.tsx';
import { optionText } from '../../sdc/text.ts';
import type { WidgetProps } from './question-props.ts';

interface Choice {
  readonly value: string;
  readonly label: string;
  readonly answer: Answer;
}

export function YesNo(props: WidgetProps): ReactNode {
  const { t } = useFrame();
  const value = props.answers[0]?.valueBoolean;
  const choices = [
    { value: 'true', label: t.yes, answer: { valueBoolean: true } },
    { value: 'false', label: t.no, answer: { valueBoolean: false } },
  ];
  return <Radios {...props} choices={choices} chosen={value === undefined ? '' : String(value)} />;
}

export function RadioList(props: WidgetProps): ReactNode {
  const { lang } = useFrame();
  return (
    <>
      <Radios {...props} choices={choicesOf(props, lang)} chosen={chosenValue(props.answers)} />
      {props.item.type === 'open-choice' && <OtherField {...props} />}
    </>
  );
}

interface RadiosProps extends WidgetProps {
  readonly choices: readonly Choice[];
  readonly chosen: string;
}

function Radios({ item, path, name, isCell, error, choices, chosen }: RadiosProps): ReactNode {
  const { dispatch } = useFrame();
  const answer = (answers: readonly Answer[]): void => dispatch({ kind: 'answered', path, answers });
  return (
    <div className={isSideBySide(item, choices) ? 'choice choice--row' : 'choice'}>
      <RadioGroup
        size="small"
        name={name}
        legend={<QuestionLabel item={item} />}
        hideLegend={isCell}
        error={error}
        value={chosen}
        onChange={(value: string) =>
          answer(choices.filter((choice) => choice.value === value).map((choice) => choice.answer))
        }
      >
        {choices.map(({ value, label }, index) => (
          <Radio key={value} value={value} id={index === 0 ? name : `${name}/${index}`}>
            {label}
          </Radio>
        ))}
      </RadioGroup>
    </div>
  );
}

const SHORT = 56;

/** Short answers stand side by side: half the height, and the eye compares them. */
function isSideBySide(item: FormItem, choices: readonly Choice[]): boolean {
  const length = choices.reduce((sum, { label }) => sum + label.length + 6, 0);
  return isHorizontal(item) || (choices.length <= 5 && length <= SHORT);
}

export function DropDown(props: WidgetProps): ReactNode {
  const { item, path, name, answers, isCell, error } = props;
  const { t, lang, dispatch } = useFrame();
  const choices = choicesOf(props, lang);
  return (
    <>
      <Select
        size="small"
        id={name}
        name={name}
        label={<QuestionLabel item={item} />}
        hideLabel={isCell}
        error={error}
        value={chosenValue(answers)}
        onChange={(event) =>
          dispatch({
            kind: 'answered',
            path,
            answers: choices.filter(({ value }) => value === event.target.value).map(({ answer }) => answer),
          })
        }
      >
        <option value="">{t.choose}</option>
        {choices.map(({ value, label }) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      {item.type === 'open-choice' && <OtherField {...props} />}
    </>
  );
}

/** Free text of an open choice with few options. */
export function OtherField({ item, path, name, answers }: WidgetProps): ReactNode {
  const { t, dispatch } = useFrame();
  const coded = answers.filter(({ valueCoding }) => valueCoding !== undefined);
  const text = answers.find(({ valueString }) => valueString !== undefined)?.valueString ?? '';
  const kept = item.isRepeating ? coded : [];
  return (
    <label className="other">
      <span>{t.other}</span>
      <input
        className="aksel-text-field__input aksel-body-short aksel-body-short--small"
        name={otherName(name)}
        value={text}
        autoComplete="off"
        onChange={({ target }) =>
          dispatch({
            kind: 'answered',
            path,
            answers: [...kept, ...(target.value === '' ? [] : [{ valueString: target.value }])],
          })
        }
      />
    </label>
  );
}

/** Options that the user may choose, and the chosen one whoever chose it. */
export const offeredOptions = ({
  item,
  answers,
}: Pick<WidgetProps, 'item' | 'answers'>): readonly AnswerOption[] => {
  const chosen = new Set(answers.map(({ valueCoding }) => (valueCoding ? codingKey(valueCoding) : '')));
  return optionsOf(item).filter((option) => !option.isSystemOnly || chosen.has(optionValue(option)));
};

const choicesOf = (props: WidgetProps, lang: Lang): readonly Choice[] =>
  offeredOptions(props).map((option) => ({
    value: optionValue(option),
    label: optionText(option, lang),
    answer: { valueCoding: option.coding },
  }));

const chosenValue = (answers: readonly Answer[]): string => {
  const coding = answers[0]?.valueCoding;
  return coding === undefined ? '' : codingKey(coding);
};
