/** A form that is handed to the patient: [Generer engangskode], a link, or typed by staff. */
import type { ReactNode } from 'react';
import type { HandOverModel } from '../models/received-form.ts';
import { Alert, BodyLong, Button } from '../ui/aksel.ts';
import { PatientBanner } from '../ui/patient-banner.tsx';
import { useTexts } from '../ui/page-context.tsx';
import { receivedTexts } from '../ui/received-texts.ts';

export function HandOverPage({
  model,
  isDiscarded,
}: {
  readonly model: HandOverModel;
  /** What the patient had sent in has just been discarded. */
  readonly isDiscarded: boolean;
}): ReactNode {
  const t = useTexts(receivedTexts);
  const { patient, taskId, title, status, from } = model;
  const isOpen = status === 'new' || status === 'in-progress';
  return (
    <div className="stack">
      <PatientBanner patient={patient}>
        <a href={`/pasient/${patient.id}`}>{t.toPatient}</a>
        {from !== undefined && <a href={`/skjema/${from.taskId}`}>{t.back(from.short)}</a>}
      </PatientBanner>
      {isDiscarded && (
        <Alert variant="success" role="status">
          {t.discarded}
        </Alert>
      )}
      <h1 className="page-title">{title}</h1>
      {status === 'not-open' && <BodyLong>{t.notOpen(from?.short ?? t.hub)}</BodyLong>}
      {(status === 'completed' || status === 'not-applicable') && <BodyLong>{t.ended}</BodyLong>}
      {isOpen && (
        <>
          <BodyLong>{t.lead}</BodyLong>
          {status === 'in-progress' && <BodyLong>{t.underWay}</BodyLong>}
          <div className="row">
            <form method="post" action={`/skjema/${taskId}/engangskode`}>
              <Button type="submit">{t.generate}</Button>
            </form>
            <form method="post" action={`/skjema/${taskId}/lenke`}>
              <Button type="submit" variant="tertiary">
                {t.link}
              </Button>
            </form>
          </div>
          <p>
            <a href={`/skjema/${taskId}`}>{t.byHand}</a>
          </p>
        </>
      )}
    </div>
  );
}
