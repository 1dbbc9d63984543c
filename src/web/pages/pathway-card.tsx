/**
 * One pathway with its forms, as on the patient's page and after a launch.
 */
import type { ReactNode } from 'react';
import { consentTexts } from '../ui/consent-texts.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate } from '../ui/format.ts';
import { Button } from '../ui/aksel.ts';
import { patientFormsTexts } from '../ui/patient-forms-texts.ts';
import { LinkButton } from '../ui/link-button.tsx';
import { patientTexts } from '../ui/patient-texts.ts';
import { receivedTexts } from '../ui/received-texts.ts';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { ConsentMark, FormStatusMark } from '../ui/status.tsx';
import type { FormCell, Pathway } from '../view-models.ts';

export function PathwayCard({ pathway }: { readonly pathway: Pathway }): ReactNode {
  const { t, lang } = usePage();
  const title =
    pathway.start === undefined ? t.pathwayNoDate : fill(t.pathwaySince, { date: formatDate(pathway.start) });
  return (
    <section className="card stack" aria-labelledby={`forlop-${pathway.id}`}>
      <div className="row row--apart">
        <h3 id={`forlop-${pathway.id}`} className="card__title">
          {pathway.module !== undefined && `${pathway.module}: `}
          {title}
        </h3>
        <span className="tag">{pathway.state}</span>
      </div>
      <dl className="facts">
        {pathway.pathwayNumber !== undefined && (
          <>
            <dt>{t.pathwayNumber}</dt>
            <dd>{pathway.pathwayNumber}</dd>
          </>
        )}
        {pathway.department !== undefined && (
          <>
            <dt>{t.department}</dt>
            <dd>{pathway.department}</dd>
          </>
        )}
        <dt>{t.consent}</dt>
        <dd>
          <ConsentMark consent={pathway.consent} note={pathway.consentNote} />
          {pathway.withdrawHref !== undefined && (
            <>
              {' '}
              <a href={pathway.withdrawHref}>{consentTexts[lang].link}</a>
            </>
          )}
        </dd>
      </dl>
      {pathway.forms.length > 0 && <FormLinks forms={pathway.forms} />}
      {pathway.forms.some(({ waitsForPatient }) => waitsForPatient === true) && (
        <p className="no-print">
          <a href={`/pasientregistreringer/${pathway.id}`}>{patientFormsTexts[lang].fromPatient}</a>
        </p>
      )}
    </section>
  );
}

/** Ways to let the patient answer: a code on paper, or a link by SMS. */
function Invite({ taskId }: { readonly taskId: string }): ReactNode {
  const { forStaff } = useTexts(patientTexts);
  return (
    <span className="form-links__invite no-print">
      <form method="post" action={`/skjema/${taskId}/engangskode`}>
        <Button type="submit" size="small" variant="secondary">
          {forStaff.make}
        </Button>
      </form>
      <form method="post" action={`/skjema/${taskId}/lenke`}>
        <Button type="submit" size="small" variant="tertiary">
          {forStaff.send}
        </Button>
      </form>
    </span>
  );
}

/** The forms as a list of links with their state. */
function FormLinks({ forms }: { readonly forms: readonly FormCell[] }): ReactNode {
  const { t } = usePage();
  const received = useTexts(receivedTexts);
  return (
    <ul className="form-links" aria-label={t.forms}>
      {forms.map((form) => (
        <li key={form.taskId ?? form.short} className="form-links__item">
          {form.taskId === undefined ? (
            <span>{form.title}</span>
          ) : (
            <a href={`/skjema/${form.taskId}`}>{form.title}</a>
          )}
          <span className="form-links__state">
            {form.waitsFor !== undefined && <span className="subtle">{form.waitsFor}</span>}
            {form.toConfirm !== undefined && form.toConfirm > 0 && (
              <span className="subtle">{fill(t.toConfirm, { n: form.toConfirm })}</span>
            )}
            <FormStatusMark status={form.status} />
          </span>
          {form.status === 'submitted' && form.taskId !== undefined && (
            <span className="form-links__invite no-print">
              <LinkButton href={`/skjema/${form.taskId}/import`}>{received.title}</LinkButton>
            </span>
          )}
          {form.waitsForPatient === true && form.taskId !== undefined && <Invite taskId={form.taskId} />}
        </li>
      ))}
    </ul>
  );
}
