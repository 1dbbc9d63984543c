/**
 * After a launch from the EHR: is this the right patient, and what shall be filled in? Nothing is stored before the user says so.
 */
import type { ReactNode } from 'react';
import { Button, Radio, RadioGroup } from '../ui/aksel.ts';
import { fill } from '../ui/form-texts.ts';
import { usePage } from '../ui/page-context.tsx';
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

function Create({ model: { registers, pathways } }: { readonly model: LaunchModel }): ReactNode {
  const { t } = usePage();
  return (
    <form method="post" action="/skjema/launch" className="card stack">
      {registers.length > 1 && (
        <RadioGroup
          size="small"
          legend={t.launchRegister}
          name="register"
          defaultValue={registers[0]?.id ?? ''}
        >
          {registers.map(({ id, name }) => (
            <Radio key={id} value={id}>
              {name}
            </Radio>
          ))}
        </RadioGroup>
      )}
      <p>{t.launchCreateHint}</p>
      <div>
        <Button type="submit" variant={pathways.length === 0 ? 'primary' : 'secondary'}>
          {t.launchCreate}
        </Button>
      </div>
    </form>
  );
}
