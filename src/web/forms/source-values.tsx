/**
 * What sources say of a question beside its answer: side by side, each with its source and its time, and a button to choose it.
 */
import { useId, type MouseEvent, type ReactNode } from 'react';
import { isUnsettled, originalText, sourceValuesOf } from '../../sdc/source-value.ts';
import { answerText, shortText } from '../../sdc/text.ts';
import { Button } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { sourceTexts } from '../ui/source-texts.ts';
import { useFrame } from './form-context.tsx';
import { fields } from './form-fields.ts';
import type { QuestionProps } from './question-props.ts';
import { saidValues, type SaidValue } from './source-choice.ts';
import { sourceName } from './source-name.ts';

type Props = Pick<QuestionProps, 'item' | 'path' | 'name' | 'source'>;

export function SourceValues(props: Props): ReactNode {
  const { item, name, path, source } = props;
  const { lang, isReadOnly, isLive, dispatch } = useFrame();
  const t = sourceTexts[lang];
  const headId = useId();
  const said = saidValues(source);
  if (said.length === 0) {
    return null;
  }
  const isConflict = isUnsettled(sourceValuesOf(source)) && (source?.answer ?? []).length === 0;
  const question = shortText(item, lang);
  const decline = (event: MouseEvent): void => {
    if (isLive) {
      event.preventDefault();
      dispatch({ kind: 'none-chosen', path });
    }
  };
  return (
    <div
      className={isConflict ? 'said said--conflict' : 'said'}
      role="group"
      aria-labelledby={headId}
      id={isConflict ? `${name}-kilder` : undefined}
    >
      <p id={headId} className="said__head">
        {isConflict && <span aria-hidden="true">⚠ </span>}
        {isConflict ? fill(t.conflictOf, { question }) : headOf(said, t)}
      </p>
      {isConflict && <p className="said__hint">{t.conflictHint}</p>}
      <ul className="said__values">
        {said.map((one, place) => (
          <Said key={JSON.stringify(one.value)} {...props} said={one} place={place} />
        ))}
      </ul>
      {isConflict && !isReadOnly && (
        <Button
          type="submit"
          size="xsmall"
          variant="tertiary"
          name={fields.action}
          value={`none:${name}`}
          aria-label={fill(t.noneOf, { question })}
          onClick={decline}
        >
          {t.none}
        </Button>
      )}
    </div>
  );
}

/** What they all are, or that there are several kinds. */
function headOf(
  said: readonly SaidValue[],
  t: (typeof sourceTexts)['nb'] | (typeof sourceTexts)['en'],
): string {
  const kinds = new Set(said.map(({ kind }) => kind));
  const [kind] = kinds;
  return kinds.size > 1 || kind === undefined || kind === 'conflict' ? t.settled : t[kind];
}

function Said({
  item,
  path,
  name,
  said,
  place,
}: Props & { readonly said: SaidValue; readonly place: number }): ReactNode {
  const { lang, isReadOnly, isLive, dispatch } = useFrame();
  const t = sourceTexts[lang];
  const value = said.kind === 'unmapped' ? originalText(said.value) : answerText(item, said.value, lang);
  const choose = (event: MouseEvent): void => {
    if (isLive) {
      event.preventDefault();
      dispatch({ kind: 'chosen', path, place });
    }
  };
  return (
    <li className="said__value">
      <span className="said__what">{value}</span>
      <span className="said__from subtle">
        {said.sources.map(({ source }) => sourceName(source, lang)).join(', ')}
      </span>
      {said.kind !== 'unmapped' && !isReadOnly && (
        <Button
          type="submit"
          size="xsmall"
          variant="secondary"
          name={fields.action}
          value={`choose:${place}:${name}`}
          aria-label={fill(t.useOf, { value, question: shortText(item, lang) })}
          onClick={choose}
        >
          {t.use}
        </Button>
      )}
    </li>
  );
}
