/**
 * A form of a patient: banner, the other forms of the pathway, the form itself.
 */
import type { ReactNode } from 'react';
import type { PathCompiler } from '../../sdc/fragment.ts';
import { Alert, Button, TextField } from '../ui/aksel.ts';
import { patientFormsTexts } from '../ui/patient-forms-texts.ts';
import { formTexts } from '../ui/form-texts.ts';
import { fields } from '../forms/form-fields.ts';
import { FormIsland } from '../forms/form-island.tsx';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { receivedTexts } from '../ui/received-texts.ts';
import { paperTexts } from '../ui/paper-texts.ts';
import { PatientBanner } from '../ui/patient-banner.tsx';
import { FormStatusMark } from '../ui/status.tsx';
import { withdrawTexts } from '../ui/withdraw-texts.ts';
import { recordTexts } from '../ui/record-texts.ts';
import { FormScores } from './form-scores.tsx';
import { WriteBackNote } from './record-text.tsx';
import { WithdrawForm } from './withdraw-form.tsx';
import type { FormCell, FormModel, FormPageModel, OfferedForm } from '../view-models.ts';

export interface FormPageProps {
  readonly model: FormPageModel;
  readonly compilePath: PathCompiler;
}

const notices = { saved: 'noticeSaved', completed: 'noticeCompleted', imported: 'noticeImported' } as const;

export function FormPage({ model, compilePath }: FormPageProps): ReactNode {
  const { t } = usePage();
  const { patient, form, siblings, notice, toImport = [] } = model;
  return (
    <div className="stack">
      <PatientBanner patient={patient}>
        <a href={`/pasient/${patient.id}`}>{t.pathways}</a>
        <a href={`/pasient/${patient.id}/mottatt`}>{t.received}</a>
        <a href={`/skjema/${form.taskId}/historikk`}>{t.formHistory}</a>
        <a href={`/skjema/${form.taskId}/utskrift`}>{paperTexts[form.lang].print}</a>
        {form.state === 'locked' && (
          <a href={`/skjema/${form.taskId}/journaltekst`}>{recordTexts[form.lang].title}</a>
        )}
      </PatientBanner>
      <Siblings siblings={siblings} current={form.taskId} />
      {notice !== undefined && (
        <Alert variant="success" size="small" role="status">
          {notice === 'withdrawn' ? withdrawTexts[form.lang].done : t[notices[notice]]}
        </Alert>
      )}
      {toImport.map((offered) => (
        <ToImport key={offered.taskId} form={offered} />
      ))}
      {notice !== 'completed' && notice !== 'withdrawn' && <StateNote form={form} />}
      {model.writeBack !== undefined && <WriteBackNote writeBack={model.writeBack} />}
      <FormScores scores={model.scores ?? []} lang={form.lang} />
      <FormIsland model={form} compilePath={compilePath} />
      {form.mayReopen && <Reopen form={form} />}
      <WithdrawForm model={model} />
    </div>
  );
}

/** What the patient has sent in of a form that this one has offered. */
function ToImport({ form: { taskId, title } }: { readonly form: OfferedForm }): ReactNode {
  const t = useTexts(receivedTexts);
  return (
    <Alert variant="info" size="small" inline={false} className="no-print">
      <a href={`/skjema/${taskId}/import`}>{t.title}</a>: {title}
    </Alert>
  );
}

function Siblings({
  siblings,
  current,
}: {
  readonly siblings: readonly FormCell[];
  readonly current: string;
}): ReactNode {
  const { t } = usePage();
  if (siblings.length < 2) {
    return null;
  }
  return (
    <nav aria-label={t.pathwayForms} className="no-print">
      <ul className="steps">
        {siblings.map(({ short, title, status, taskId }) => (
          <li key={taskId ?? short}>
            {taskId === undefined ? (
              <span className="step" title={title}>
                <FormStatusMark status={status} text="hidden" /> {short}
              </span>
            ) : (
              <a
                className="step"
                href={`/skjema/${taskId}`}
                title={title}
                aria-current={taskId === current ? 'page' : undefined}
              >
                <FormStatusMark status={status} text="hidden" /> {short}
              </a>
            )}
          </li>
        ))}
      </ul>
    </nav>
  );
}

const stateTexts = { correcting: 'correcting', locked: 'locked', 'read-only': 'readOnly' } as const;

function StateNote({ form: { state, closed, lang } }: { readonly form: FormModel }): ReactNode {
  if (state === 'open') {
    return null;
  }
  if (closed !== undefined) {
    const t = patientFormsTexts[lang];
    const reason = closed.reason === undefined ? '' : ` ${t.reason}: ${closed.reason}.`;
    return (
      <Alert variant="info" size="small" inline={false}>
        {t.closedForm[closed.why]}
        {reason}
      </Alert>
    );
  }
  return (
    <Alert variant={state === 'correcting' ? 'warning' : 'info'} size="small" inline={false}>
      {formTexts[lang][stateTexts[state]]}
    </Alert>
  );
}

/** A local coordinator opens a locked form, with a reason. */
function Reopen({ form: { taskId, version, lang } }: { readonly form: FormModel }): ReactNode {
  const t = formTexts[lang];
  return (
    <form method="post" action={`/skjema/${taskId}/rett`} className="card stack no-print reopen">
      <input type="hidden" name={fields.version} value={version ?? ''} />
      <TextField
        size="small"
        id="rettegrunn"
        name={fields.reason}
        label={t.reopenReason}
        description={t.reopenHint}
        maxLength={500}
        autoComplete="off"
      />
      <div>
        <Button type="submit" size="small" variant="secondary">
          {t.reopen}
        </Button>
      </div>
    </form>
  );
}
