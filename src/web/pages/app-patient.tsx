/**
 * Which patient an app shall be told about: a list of those whom the person may see, and a search among them.
 */
import type { ReactNode } from 'react';
import { Button, TextField } from '../ui/aksel.ts';
import { appTexts } from '../ui/app-texts.ts';
import { useTexts } from '../ui/page-context.tsx';
import { formatDate, formatNationalId } from '../ui/format.ts';
import type { PatientHead } from '../view-models.ts';
import type { AppPatientModel } from '../models/apps.ts';

export function AppPatientPage({ model }: { readonly model: AppPatientModel }): ReactNode {
  const a = useTexts(appTexts);
  const { action, app, text, patients, hasMore } = model;
  return (
    <div className="stack">
      <h1 className="page-title">{a.pickTitle}</h1>
      <p className="lead">{a.pickLead(app)}</p>
      <form method="post" action={action} className="row" role="search">
        <TextField id="sok" name="sok" label={a.search} size="small" defaultValue={text} autoComplete="off" />
        <Button type="submit" name="handling" value="sok" variant="secondary" size="small">
          {a.searchButton}
        </Button>
      </form>
      {patients.length === 0 ? (
        <p className="card empty">{a.none}</p>
      ) : (
        <ul className="choices">
          {patients.map((patient) => (
            <Choice key={patient.id} action={action} patient={patient} />
          ))}
        </ul>
      )}
      {hasMore && <p>{a.more}</p>}
      <form method="post" action={action}>
        <Button type="submit" name="handling" value="nei" variant="secondary">
          {a.refuse}
        </Button>
      </form>
    </div>
  );
}

function Choice({ action, patient }: { readonly action: string; readonly patient: PatientHead }): ReactNode {
  const a = useTexts(appTexts);
  const { id, name = id, birthDate, nationalId, patientNumber } = patient;
  const number = nationalId === undefined ? patientNumber : formatNationalId(nationalId);
  return (
    <li>
      <form method="post" action={action} className="choices__row">
        <input type="hidden" name="pasient" value={id} />
        <span>
          <strong>{name}</strong>
          <br />
          {[number, birthDate === undefined ? undefined : formatDate(birthDate)]
            .filter((part) => part !== undefined)
            .join(' · ')}
        </span>
        <Button type="submit" name="handling" value="velg" size="small" aria-label={`${a.pick} ${name}`}>
          {a.pick}
        </Button>
      </form>
    </li>
  );
}
