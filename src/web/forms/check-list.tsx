/**
 * Several answers. An exclusive one [Ingen, Vet ikke] locks the others while it is ticked.
 */
import type { ReactNode } from 'react';
import { sameAnswer } from '../../sdc/answer.ts';
import type { AnswerOption } from '../../sdc/form-types.ts';
import { Checkbox, CheckboxGroup } from '../ui/aksel.ts';
import { offeredOptions, OtherField } from './choice-fields.tsx';
import { useFrame } from './form-context.tsx';
import { optionValue } from './item-control.ts';
import { QuestionLabel } from './label.tsx';
import { optionText } from '../../sdc/text.ts';
import type { WidgetProps } from './question-props.ts';

export function CheckList(props: WidgetProps): ReactNode {
  const { item, path, name, answers, isCell, error } = props;
  const { lang, isLive, dispatch } = useFrame();
  const options = offeredOptions(props);
  const isChosen = ({ coding }: AnswerOption): boolean =>
    answers.some((answer) => sameAnswer(answer, { valueCoding: coding }));
  const exclusive = options.find((option) => option.isExclusive && isChosen(option));
  return (
    <>
      <CheckboxGroup
        size="small"
        legend={<QuestionLabel item={item} />}
        hideLegend={isCell}
        error={error}
        value={options.filter(isChosen).map(optionValue)}
      >
        {options.map((option, index) => (
          <Checkbox
            key={optionValue(option)}
            id={index === 0 ? name : `${name}/${index}`}
            name={name}
            value={optionValue(option)}
            disabled={isLive && exclusive !== undefined && option !== exclusive && !isChosen(option)}
            onChange={() => dispatch({ kind: 'toggled', path, option })}
          >
            {optionText(option, lang)}
          </Checkbox>
        ))}
      </CheckboxGroup>
      {item.type === 'open-choice' && <OtherField {...props} />}
    </>
  );
}
