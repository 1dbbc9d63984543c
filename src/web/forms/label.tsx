/**
 * The text of a question as a label: number, text, unit.
 */
import type { ReactNode } from 'react';
import type { FormItem } from '../../sdc/form-types.ts';
import { useFrame } from './form-context.tsx';
import { unitText } from './item-control.ts';
import { itemText } from '../../sdc/text.ts';

export interface QuestionLabelProps {
  readonly item: FormItem;
  /** The unit stands with the value instead. */
  readonly withoutUnit?: boolean;
}

export function QuestionLabel({ item, withoutUnit = false }: QuestionLabelProps): ReactNode {
  const { lang } = useFrame();
  const unit = withoutUnit ? undefined : unitText(item);
  return (
    <>
      {itemText(item, lang)}
      {unit && <span className="unit"> ({unit})</span>}
    </>
  );
}
