/** A national coordinator turns a Yes into a No: what it leads to, the day, and one button. */
import type { ReactNode } from 'react';
import { Button, TextField } from '../ui/aksel.ts';
import { consentTexts } from '../ui/consent-texts.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate } from '../ui/format.ts';
import { usePage } from '../ui/page-context.tsx';
import { PatientBanner } from '../ui/patient-banner.tsx';
import type { ConsentModel } from '../view-models.ts';

/** The day as it was typed, and why it was not taken. */
export interface RefusedDay {
  readonly day: string;
  readonly problem: string;
}

interface Props {
  readonly model: ConsentModel;
  readonly refused?: RefusedDay;
}

export function ConsentWithdrawalPage({ model, refused }: Props): ReactNode {
  const { lang } = usePage();
  const t = consentTexts[lang];
  const { id, patient, given, today } = model;
  return (
    <div className="stack">
      <h1 className="page-title">{t.title}</h1>
      <PatientBanner patient={patient} />
      <form method="post" action={`/samtykke/${id}/trekk`} className="card stack">
        <p>{fill(t.lead, { date: given === undefined ? '–' : formatDate(given) })}</p>
        <ul>
          {t.effects.map((effect) => (
            <li key={effect}>{effect}</li>
          ))}
        </ul>
        <p>{t.later}</p>
        <TextField
          name="dato"
          label={t.day}
          description={t.dayHint}
          defaultValue={refused?.day ?? formatDate(today)}
          error={refused?.problem}
          htmlSize={14}
          inputMode="numeric"
          autoComplete="off"
        />
        <div className="row">
          <Button type="submit" variant="danger">
            {t.submit}
          </Button>
          <a href={`/pasient/${patient.id}`}>{t.cancel}</a>
        </div>
      </form>
    </div>
  );
}

export function ConsentWithdrawnPage(): ReactNode {
  const { lang } = usePage();
  const t = consentTexts[lang];
  return (
    <div className="stack">
      <h1 className="page-title">{t.done}</h1>
      <p className="lead">{t.doneLead}</p>
      <p>
        <a href="/arbeidsliste">{t.toList}</a>
      </p>
    </div>
  );
}
