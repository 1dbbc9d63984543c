/** A patient's form: a greeting, how long the page is open, the form. */
import type { ReactNode } from 'react';
import type { PatientForm } from '../../registry/form/patient-form.ts';
import { bareContext } from '../../registry/form/patient-form.ts';
import type { PathCompiler } from '../../sdc/fragment.ts';
import type { Language } from '../../sdc/language.ts';
import { localised } from '../../sdc/text.ts';
import type { PatientVisit } from '../../smart/patient-access/patient-access.ts';
import { adoptionIn, valueSetsOf } from '../data/form-page.ts';
import { FormIsland } from '../forms/form-island.tsx';
import { Alert, BodyLong, Button } from '../ui/aksel.ts';
import { formatTime } from '../ui/format.ts';
import { useTexts } from '../ui/page-context.tsx';
import { patientTexts } from '../ui/patient-texts.ts';
import type { FormModel } from '../view-models.ts';

export const FORM_ADDRESS = '/pasientskjema/skjema';

export type PatientNotice = 'saved' | 'saved-elsewhere';

export interface PatientFormPageProps {
  readonly visit: PatientVisit;
  readonly model: FormModel;
  readonly notice: PatientNotice | undefined;
  readonly compilePath: PathCompiler;
}

export function PatientFormPage({ visit, model, notice, compilePath }: PatientFormPageProps): ReactNode {
  const t = useTexts(patientTexts);
  const { firstName, endsAt } = visit;
  return (
    <div className="stack patient-form">
      <div className="row row--apart">
        {firstName === undefined ? <span /> : <p>{t.greeting(firstName)}</p>}
        <form method="post" action="/pasientskjema/avslutt" className="no-print">
          <Button type="submit" size="small" variant="tertiary">
            {t.leave}
          </Button>
        </form>
      </div>
      <BodyLong>{t.time(formatTime(endsAt.toISOString()))}</BodyLong>
      {notice === 'saved' && (
        <Alert variant="success" role="status">
          {t.saved}
        </Alert>
      )}
      {notice === 'saved-elsewhere' && (
        <Alert variant="warning" role="alert">
          {t.savedElsewhere}
        </Alert>
      )}
      <FormIsland model={model} compilePath={compilePath} />
    </div>
  );
}

/** What the browser gets: the questions, the patient's own answers, and ids. */
export function patientFormModel(
  visit: PatientVisit,
  opened: PatientForm,
  { now, lang }: { readonly now: Date; readonly lang: Language },
): FormModel {
  const { form, response, version, savedAt } = opened;
  return {
    taskId: visit.principal.task,
    address: FORM_ADDRESS,
    reader: 'patient',
    endsAt: visit.endsAt.toISOString(),
    lang,
    title: localised(form.questionnaire, 'title', lang) || visit.title,
    questionnaire: form.questionnaire,
    ...adoptionIn(form),
    valueSets: valueSetsOf(form),
    launch: { ...bareContext(visit.principal) },
    response,
    ...(version !== undefined && { version }),
    now: now.toISOString(),
    state: 'open',
    ...(savedAt !== undefined && { saved: { at: savedAt } }),
    mayReopen: false,
    texts: {},
    issues: [],
    isAttempted: false,
  };
}
