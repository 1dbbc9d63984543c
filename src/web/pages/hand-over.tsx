/** A form that is handed to the patient: [Generer engangskode], a link, or typed by staff. */
import type { ReactNode } from 'react';
import type { HandOverModel } from '../models/received-form.ts';
import { Alert, BodyLong, Button } from '../ui/aksel.ts';
import { formatInstant } from '../ui/format.ts';
import { PatientBanner } from '../ui/patient-banner.tsx';
import { useTexts } from '../ui/page-context.tsx';
import { receivedTexts } from '../ui/received-texts.ts';

export function HandOverPage({
  model,
  problem,
}: {
  readonly model: HandOverModel;
  /** Why what was asked for was not done. */
  readonly problem?: string | undefined;
}): ReactNode {
  const t = useTexts(receivedTexts);
  const { patient, taskId, title, status, from, discarded } = model;
  const isOpen = status === 'new' || status === 'in-progress';
  return (
    <div className="stack">
      <PatientBanner patient={patient}>
        <a href={`/pasient/${patient.id}`}>{t.toPatient}</a>
        {from !== undefined && <a href={`/skjema/${from.taskId}`}>{t.back(from.short)}</a>}
      </PatientBanner>
      {problem !== undefined && (
        <Alert variant="error" role="alert">
          {problem}
        </Alert>
      )}
      {discarded !== undefined && (
        <div className="stack">
          <Alert variant="info" role="status">
            {t.discarded(formatInstant(discarded.at), discarded.reason)}{' '}
            {discarded.mayUndo ? t.mayUndo : t.othersUndo}
          </Alert>
          {discarded.mayUndo && (
            <form method="post" action={`/skjema/${taskId}/angre-forkast`}>
              <Button type="submit" variant="secondary">
                {t.undo}
              </Button>
            </form>
          )}
        </div>
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
