/**
 * After a launch from the EHR: is this the right patient, and what shall be filled in? Nothing is stored before the user says so.
 */
import type { ReactNode } from 'react';
import { fill } from '../ui/form-texts.ts';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { StartButtons } from '../ui/start-buttons.tsx';
import { PatientBanner } from '../ui/patient-banner.tsx';
import type { LaunchModel } from '../models/launch.ts';
import { Alert } from '../ui/aksel.ts';
import { launchTexts } from '../ui/launch-texts.ts';
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
      <Missing types={model.missing} />
      {model.asked === 'gone' && <TaskGone />}
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

/** What could not be read, in words: the fields of it are filled by hand (AP-02). */
function Missing({ types }: { readonly types: readonly string[] }): ReactNode {
  const t = useTexts(launchTexts);
  return types.length === 0 ? null : (
    <Alert variant="warning" size="small" inline={false}>
      <strong>{t.missingTitle}.</strong> {t.missing} {types.map((type) => t.types[type] ?? type).join(', ')}.
    </Alert>
  );
}

function TaskGone(): ReactNode {
  const t = useTexts(launchTexts);
  return (
    <Alert variant="info" size="small" inline={false}>
      {t.taskGone}
    </Alert>
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
