/** Reservation: what it leads to, who and when; the letter that confirms it; and taking it back. */
import type { ReactNode } from 'react';
import { Alert, Button, Table, TextField } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { formatDate, formatNationalId } from '../ui/format.ts';
import { PatientBanner } from '../ui/patient-banner.tsx';
import { reservationTexts } from '../ui/reservation-texts.ts';
import type { ReservationLetter, ReservationLine, ReservationModel } from '../view-models.ts';
import { useTexts } from '../ui/page-context.tsx';

/** What was typed, and why it was not taken. */
export interface RefusedReservation {
  readonly number: string;
  readonly day: string;
  readonly problem: 'number' | 'day' | 'already';
}

interface PageProps {
  readonly model: ReservationModel;
  readonly refused?: RefusedReservation | undefined;
}

export function ReservationPage({ model, refused }: PageProps): ReactNode {
  const t = useTexts(reservationTexts);
  const { patient, today, lines } = model;
  return (
    <div className="stack">
      <h1 className="page-title">{t.title}</h1>
      {patient !== undefined && <PatientBanner patient={patient} />}
      {refused?.problem === 'already' && (
        <Alert variant="info" role="alert">
          {t.already}
        </Alert>
      )}
      <form method="post" action="/reservasjon" className="card stack" autoComplete="off">
        <p>{t.lead}</p>
        <ul>
          {t.effects.map((effect) => (
            <li key={effect}>{effect}</li>
          ))}
        </ul>
        <p>
          <strong>{t.warning}</strong>
        </p>
        {patient === undefined ? (
          <TextField
            name="nummer"
            label={t.number}
            description={t.numberHint}
            defaultValue={refused?.number ?? ''}
            error={refused?.problem === 'number' && t.numberWrong}
            htmlSize={14}
            inputMode="numeric"
            autoComplete="off"
          />
        ) : (
          <input type="hidden" name="pasient" value={patient.id} />
        )}
        <TextField
          name="dato"
          label={t.day}
          description={t.dayHint}
          defaultValue={refused?.day ?? formatDate(today)}
          error={refused?.problem === 'day' && t.dayWrong}
          htmlSize={14}
          inputMode="numeric"
          autoComplete="off"
        />
        <div className="row">
          <Button type="submit" variant="danger">
            {t.submit}
          </Button>
          <a href={patient === undefined ? '/arbeidsliste' : `/pasient/${patient.id}`}>{t.cancel}</a>
        </div>
      </form>
      {patient === undefined && <Stated lines={lines} />}
    </div>
  );
}

/** Those that are stated. A number is shown in full where one is taken back, and not before. */
function Stated({ lines }: { readonly lines: readonly ReservationLine[] }): ReactNode {
  const t = useTexts(reservationTexts);
  return (
    <div className="stack stack--tight">
      <h2 className="section-title">{t.listTitle}</h2>
      {lines.length === 0 ? (
        <p className="card empty">{t.none}</p>
      ) : (
        <div className="table-scroll" tabIndex={0} role="region" aria-label={t.listTitle}>
          <Table size="small">
            <thead>
              <tr>
                <th scope="col">{t.since}</th>
                <th scope="col">{t.person}</th>
                <th scope="col">
                  <span className="visually-hidden">{t.open}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {lines.map(({ id, day, nationalId }) => (
                <tr key={id}>
                  <td className="nowrap tabular">{formatDate(day)}</td>
                  <td className="tabular">
                    {nationalId === undefined ? '–' : `${nationalId.slice(0, 6)} *****`}
                  </td>
                  <td className="nowrap">
                    <a href={`/reservasjon/${id}`}>
                      {t.open}
                      <span className="visually-hidden">
                        {' '}
                        {nationalId?.slice(0, 6)} {formatDate(day)}
                      </span>
                    </a>
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </div>
  );
}

/** The letter to the person. It is nowhere else: what it names is deleted. */
export function ReservationLetterPage({ letter }: { readonly letter: ReservationLetter }): ReactNode {
  const t = useTexts(reservationTexts);
  const { register, day, madeOn, name, nationalId } = letter;
  return (
    <div className="stack">
      <Alert variant="success" className="no-print" role="status">
        {t.print}
      </Alert>
      <article className="card stack letter">
        <p>
          {t.letterTo} {name}
          {nationalId !== undefined && ` (${formatNationalId(nationalId)})`}
        </p>
        <h1 className="page-title">{t.letterTitle}</h1>
        <p>{t.letterBody(register, formatDate(day))}</p>
        <p>{t.letterKept}</p>
        <p>{t.letterCare}</p>
        <p>{t.letterRegret}</p>
        <p>{t.letterMade(register, formatDate(madeOn))}</p>
      </article>
      <p className="no-print">
        <a href="/reservasjon">{t.back}</a>
      </p>
    </div>
  );
}

export function TakeBackPage({ line }: { readonly line: ReservationLine }): ReactNode {
  const t = useTexts(reservationTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{t.takeBackTitle}</h1>
      <form method="post" action={`/reservasjon/${line.id}/opphev`} className="card stack">
        {line.nationalId !== undefined && (
          <p>
            {t.number}: <strong>{formatNationalId(line.nationalId)}</strong>
          </p>
        )}
        <p>{fill(t.takeBackLead, { date: formatDate(line.day) })}</p>
        <div className="row">
          <Button type="submit">{t.takeBack}</Button>
          <a href="/reservasjon">{t.cancel}</a>
        </div>
      </form>
    </div>
  );
}

export const TakenBackPage = (): ReactNode => {
  const t = useTexts(reservationTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{t.takenBack}</h1>
      <p className="lead">{t.takenBackLead}</p>
      <p>
        <a href="/reservasjon">{t.back}</a>
      </p>
    </div>
  );
};
