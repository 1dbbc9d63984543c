/** [Ferdig]: how many questions are answered, before the patient sends in; [Tilbake] changes, [Send inn besvarelsen] sends. */
import type { ReactNode } from 'react';
import { validateResponse } from '../../sdc/validate-response.ts';
import { itemText } from '../../sdc/text.ts';
import type { FormNode } from '../../sdc/tree.ts';
import type { Language } from '../../sdc/language.ts';
import type { Engine } from '../forms/engine.ts';
import { nodeName } from '../forms/nodes.ts';
import { fields } from '../forms/form-fields.ts';
import { isAsked, progressOf, type Progress } from '../forms/progress.ts';
import { Button } from '../ui/aksel.ts';
import { useTexts } from '../ui/page-context.tsx';
import { patientTexts } from '../ui/patient-texts.ts';
import type { FormModel } from '../view-models.ts';
import { FORM_ADDRESS } from './form-page.tsx';

export const REVIEW_ADDRESS = '/pasientskjema/ferdig';

/** One part of the form, as its heading calls it. */
interface ReviewPart {
  readonly name: string;
  readonly title: string;
  readonly answered: number;
  readonly total: number;
}

export interface ReviewModel {
  readonly title: string;
  readonly version: string | undefined;
  readonly answered: number;
  readonly total: number;
  readonly parts: readonly ReviewPart[];
}

/** What the form's own rules say of the answers as they stand. */
export function checked({ form, context, initial, view }: Engine, lang: Language): Progress {
  const { response } = initial;
  return progressOf(view(response), validateResponse(form, response, 'final', context), lang);
}

/** Counted as the form counts. */
export function reviewModel(
  engine: Engine,
  { title, version, lang }: Pick<FormModel, 'title' | 'version' | 'lang'>,
): ReviewModel {
  const view = engine.view(engine.initial.response);
  const questions = (nodes: readonly FormNode[]): readonly FormNode[] =>
    nodes.flatMap((node) => [...(isAsked(node, view) ? [node] : []), ...questions(node.children)]);
  const count = (nodes: readonly FormNode[]) => ({
    answered: nodes.filter(({ answers }) => answers.length > 0).length,
    total: nodes.length,
  });
  const parts = view.roots
    .filter((node) => node.item.type === 'group' && view.isVisible(node))
    .map((node) => ({
      name: nodeName(node),
      title: itemText(node.item, lang),
      ...count(questions(node.children)),
    }))
    .filter(({ title: heading, total }) => heading !== '' && total > 0);
  return { title, version, ...count(questions(view.roots)), parts };
}

export function ReviewPage({ model }: { readonly model: ReviewModel }): ReactNode {
  const t = useTexts(patientTexts);
  const { title, version, answered, total, parts } = model;
  return (
    <div className="stack review">
      <h1 className="page-title">{title}</h1>
      <p className="review__count" role="status">
        {t.reviewCount(answered, total)}
      </p>
      <p>{answered < total ? t.reviewLeft : t.reviewAll}</p>
      {parts.length > 1 && (
        <ul className="review__parts">
          {parts.map((part) => (
            <li key={part.name}>
              <a href={`${FORM_ADDRESS}#${part.name}`}>{part.title}</a>
              <span className={part.answered < part.total ? undefined : 'review__whole'}>
                <span aria-hidden="true">{part.answered < part.total ? '○ ' : '✓ '}</span>
                {t.reviewPart(part.answered, part.total)}
              </span>
            </li>
          ))}
        </ul>
      )}
      <div className="row review__buttons">
        <Button as="a" href={FORM_ADDRESS} role={undefined} variant="secondary" className="button-link">
          {t.back}
        </Button>
        <form method="post" action={REVIEW_ADDRESS}>
          <input type="hidden" name={fields.version} value={version ?? ''} />
          <Button type="submit">{t.sendIn}</Button>
        </form>
      </div>
    </div>
  );
}
