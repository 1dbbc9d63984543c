/**
 * After a launch from the EHR: is this the right patient, and what shall be filled in? Nothing is stored before the user says so.
 */
import type { ReactNode } from 'react';
import { fill } from '../ui/form-texts.ts';
import { usePage } from '../ui/page-context.tsx';
import { StartButtons } from '../ui/start-buttons.tsx';
import { PatientBanner } from '../ui/patient-banner.tsx';
import type { LaunchModel } from '../view-models.ts';
import { PathwayCard } from './pathway-card.tsx';

export function LaunchPage({ model }: { readonly model: LaunchModel | undefined }): ReactNode {
  const { t } = usePage();
  if (model === undefined) {
    return <p className="card empty">{t.launchLost}</p>;
  }
  const { patient, ehr, pathways, mayCreate } = model;
  return (
    <div className="stack">
      <h1 className="page-title">{fill(t.launchTitle, { ehr })}</h1>
      <p className="lead">{t.launchLead}</p>
      <PatientBanner patient={patient} />
      {pathways.length > 0 && (
        <section className="stack" aria-labelledby="skjemaer">
          <h2 id="skjemaer" className="section-title">
            {t.launchForms}
          </h2>
          {pathways.map((pathway) => (
            <PathwayCard key={pathway.id} pathway={pathway} />
          ))}
        </section>
      )}
      {mayCreate ? (
        <Create model={model} />
      ) : (
        pathways.length === 0 && <p className="card empty">{t.launchNone}</p>
      )}
    </div>
  );
}

function Create({ model: { modules, pathways } }: { readonly model: LaunchModel }): ReactNode {
  const { t } = usePage();
  return (
    <form method="post" action="/skjema/launch" className="card stack">
      <p>{t.launchCreateHint}</p>
      <div className="row">
        <StartButtons
          modules={modules}
          text={t.launchCreate}
          variant={pathways.length === 0 ? 'primary' : 'secondary'}
        />
      </div>
    </form>
  );
}
