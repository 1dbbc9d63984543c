/**
 * A patient: who, pathways with their forms, what has happened.
 */
import type { ReactNode } from 'react';
import { auditTexts } from '../ui/audit-texts.ts';
import { reservationTexts } from '../ui/reservation-texts.ts';
import { formatInstant } from '../ui/format.ts';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { workbenchTexts } from '../ui/workbench-texts.ts';
import { StartButtons } from '../ui/start-buttons.tsx';
import { PatientBanner } from '../ui/patient-banner.tsx';
import type { HistoryEntry, PatientModel } from '../view-models.ts';
import { PathwayCard } from './pathway-card.tsx';

export function PatientPage({ model }: { readonly model: PatientModel }): ReactNode {
  const { t, lang } = usePage();
  const { patient, pathways, history } = model;
  return (
    <div className="stack">
      <h1 className="visually-hidden">{patient.name ?? t.patient}</h1>
      <PatientBanner patient={patient}>
        <a href={`/pasient/${patient.id}/mottatt`}>{t.received}</a>
        {model.hasAccessList === true && (
          <a href={`/pasient/${patient.id}/innsyn`}>{auditTexts[lang].accessLink}</a>
        )}
        {model.reserveHref !== undefined && <a href={model.reserveHref}>{reservationTexts[lang].link}</a>}
      </PatientBanner>
      <div className="columns">
        <section className="stack" aria-labelledby="forlop">
          <h2 id="forlop" className="section-title">
            {t.pathways}
          </h2>
          {model.mayStart && <NewPathway model={model} />}
          {pathways.length === 0 && <p className="card empty">{t.noPathways}</p>}
          {pathways.map((pathway) => (
            <PathwayCard key={pathway.id} pathway={pathway} />
          ))}
        </section>
        <section className="stack" aria-labelledby="hendelser">
          <h2 id="hendelser" className="section-title">
            {t.history}
          </h2>
          {history.length === 0 ? <p className="subtle">{t.noHistory}</p> : <Events history={history} />}
        </section>
      </div>
    </div>
  );
}

/** Opens a pathway, and goes on to its first form. */
function NewPathway({ model: { patient, pathways, modules } }: { readonly model: PatientModel }): ReactNode {
  const t = useTexts(workbenchTexts);
  return (
    <form method="post" action={`/pasient/${patient.id}/ny-registrering`} className="row no-print">
      <StartButtons
        modules={modules}
        text={t.addRegistration}
        size="small"
        variant={pathways.length === 0 ? 'primary' : 'secondary'}
      />
      {pathways.some(({ isActive }) => isActive === true) && (
        <span className="subtle">{t.activeAlready}</span>
      )}
    </form>
  );
}

function Events({ history }: { readonly history: readonly HistoryEntry[] }): ReactNode {
  return (
    <ol className="events">
      {history.map(({ at, who, what, href }) => (
        <li key={`${at}${what}`}>
          <time dateTime={at} className="subtle">
            {formatInstant(at)}
          </time>
          <p>{href === undefined ? what : <a href={href}>{what}</a>}</p>
          <p className="subtle">{who}</p>
        </li>
      ))}
    </ol>
  );
}
