/**
 * [Hentet fra DIPS 20.11.2026] with the box by which the user stands by it.
 */
import type { ReactNode } from 'react';
import type { Answer } from '../../sdc/answer.ts';
import type { FormItem } from '../../sdc/form-types.ts';
import { formatDate } from '../ui/format.ts';
import { fill, type FormTexts, type Lang } from '../ui/form-texts.ts';
import { sourceOf, type AnswerSource } from './answer-marks.ts';
import { useFrame } from './form-context.tsx';
import { confirmName, fields } from './form-fields.ts';
import { kindOf } from './source-name.ts';
import { shortText } from '../../sdc/text.ts';
import type { FieldPath } from './names.ts';

export interface SourceMarkProps {
  readonly item: FormItem;
  readonly path: FieldPath;
  readonly name: string;
  readonly answer: Answer | undefined;
}

export function SourceMark({ item, path, name, answer }: SourceMarkProps): ReactNode {
  const { t, lang, isReadOnly, dispatch } = useFrame();
  const source = sourceOf(answer);
  if (source === undefined) {
    return null;
  }
  const from = sourceText(source, t, lang);
  if (source.adopted === 'changed' || source.adopted === 'captured' || isReadOnly) {
    return (
      <p className="source">
        {source.adopted === 'changed' ? fill(t.fetchedChanged, { source: from }) : from}
      </p>
    );
  }
  const ok = confirmName(name);
  const isConfirmed = source.adopted === 'confirmed';
  return (
    <p className="source">
      <span className="source__from">
        <span aria-hidden="true">↓ </span>
        {from}
      </span>
      <label className="tick">
        <input type="hidden" name={fields.shown} value={ok} />
        <input
          type="checkbox"
          name={ok}
          value="1"
          checked={isConfirmed}
          onChange={(event) => dispatch({ kind: 'confirmed', path, isOn: event.target.checked })}
          aria-label={fill(t.confirmOf, { question: shortText(item, lang) })}
        />
        {isConfirmed ? t.confirmed : t.confirm}
      </label>
    </p>
  );
}

/** `Hentet fra DIPS 20.11.2026`. */
const sourceText = ({ display, system, recorded }: AnswerSource, t: FormTexts, lang: Lang): string =>
  fill(t.fetchedFrom, {
    source: display === undefined ? t.fetchedUnknown : kindOf({ display, system }, lang),
    date: formatDate(recorded),
  }).trim();
