/**
 * What an app asks for, in plain words, and the person's answer. Whatever is ticked is given, and nothing else.
 */
import type { ReactNode } from 'react';
import { Button, Checkbox, CheckboxGroup } from '../ui/aksel.ts';
import { appTexts, scopeText } from '../ui/app-texts.ts';
import { PatientBanner } from '../ui/patient-banner.tsx';
import type { AppConsentModel } from '../view-models.ts';

export function AppConsentPage({ model }: { readonly model: AppConsentModel }): ReactNode {
  const { action, app, returnsTo, patient, scopes } = model;
  const isTold = (scope: string): boolean => ['openid', 'fhirUser', 'launch/patient'].includes(scope);
  const told = scopes.filter(isTold);
  const asked = scopes.filter((scope) => !isTold(scope));
  return (
    <div className="stack">
      <h1 className="page-title">{appTexts.consentTitle(app)}</h1>
      <p className="lead">{appTexts.consentLead(app, returnsTo)}</p>
      {patient !== undefined && <Chosen action={action} patient={patient} />}
      <form method="post" action={action} className="card stack">
        {patient !== undefined && <input type="hidden" name="pasient" value={patient.id} />}
        {told.map((scope) => (
          <input key={scope} type="hidden" name="omfang" value={scope} />
        ))}
        {told.length > 0 && (
          <div>
            <h2 className="section-title">{appTexts.always}</h2>
            <ul className="bullets">
              {(told.includes('openid') || told.includes('fhirUser')) && <li>{appTexts.who}</li>}
              {told.includes('launch/patient') && <li>{appTexts.whichPatient}</li>}
            </ul>
          </div>
        )}
        {asked.length > 0 && (
          <CheckboxGroup legend={appTexts.scopes} description={appTexts.scopesHint} defaultValue={[...asked]}>
            {asked.map((scope) => (
              <Checkbox key={scope} name="omfang" value={scope}>
                {scopeText(scope)}
              </Checkbox>
            ))}
          </CheckboxGroup>
        )}
        <p>{appTexts.withdrawHint}</p>
        <div className="row">
          <Button type="submit" name="handling" value="gi">
            {appTexts.give}
          </Button>
          <Button type="submit" name="handling" value="nei" variant="secondary">
            {appTexts.refuse}
          </Button>
        </div>
      </form>
    </div>
  );
}

function Chosen({ action, patient }: Required<Pick<AppConsentModel, 'action' | 'patient'>>): ReactNode {
  return (
    <section className="stack stack--tight" aria-label={appTexts.patientChosen}>
      <PatientBanner patient={patient} />
      <p>
        <a href={action}>{appTexts.changePatient}</a>
      </p>
    </section>
  );
}
