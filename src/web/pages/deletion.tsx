/** [Slett forløp]: what it leads to, or which locked forms stand in the way. */
import type { ReactNode } from 'react';
import { Alert, Button } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate } from '../ui/format.ts';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { PatientBanner } from '../ui/patient-banner.tsx';
import { workbenchTexts } from '../ui/workbench-texts.ts';
import type { DeletionModel } from '../models/registration.ts';

export function DeletionPage({ model }: { readonly model: DeletionModel }): ReactNode {
  const { t: p } = usePage();
  const t = useTexts(workbenchTexts);
  const { episode, patient, pathwayNumber, start, locked } = model;
  return (
    <div className="stack">
      <h1 className="page-title">{t.deleteTitle}</h1>
      <PatientBanner patient={patient} />
      <dl className="facts">
        <dt>{p.pathwayNumber}</dt>
        <dd>{pathwayNumber}</dd>
        <dt>{p.start}</dt>
        <dd>{formatDate(start)}</dd>
      </dl>
      {locked.length > 0 ? (
        <>
          <Alert variant="error" role="alert">
            {fill(t.deleteRefused, { forms: locked.join(', ') })} {t.deleteRefusedHint}
          </Alert>
          <p>
            <a href={`/pasient/${patient.id}`}>{p.backToPatient}</a>
          </p>
        </>
      ) : (
        <form method="post" action={`/forlop/${episode}/slett`} className="card stack">
          <p>{t.deleteLead}</p>
          <ul>
            {t.deleteEffects.map((effect) => (
              <li key={effect}>{effect}</li>
            ))}
          </ul>
          <p>
            <strong>{t.deleteNoUndo}</strong>
          </p>
          <div className="row">
            <Button type="submit" variant="danger">
              {t.deleteSubmit}
            </Button>
            <a href="/arbeidsliste">{t.cancel}</a>
          </div>
        </form>
      )}
    </div>
  );
}

export function DeletedPage(): ReactNode {
  const t = useTexts(workbenchTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{t.deleted}</h1>
      <p>
        <a href="/arbeidsliste">{t.toList}</a>
      </p>
    </div>
  );
}
