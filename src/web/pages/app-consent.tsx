/**
 * What an app asks for, in plain words, and the person's answer. Whatever is ticked is given, and nothing else.
 */
import type { ReactNode } from 'react';
import { Button, Checkbox, CheckboxGroup } from '../ui/aksel.ts';
import { appTexts } from '../ui/app-texts.ts';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { scopeText } from '../ui/scope-text.ts';
import { PatientBanner } from '../ui/patient-banner.tsx';
import type { AppConsentModel } from '../models/apps.ts';

export function AppConsentPage({ model }: { readonly model: AppConsentModel }): ReactNode {
  const a = useTexts(appTexts);
  const { lang } = usePage();
  const { action, app, returnsTo, patient, scopes } = model;
  const isTold = (scope: string): boolean => ['openid', 'fhirUser', 'launch/patient'].includes(scope);
  const told = scopes.filter(isTold);
  const asked = scopes.filter((scope) => !isTold(scope));
  return (
    <div className="stack">
      <h1 className="page-title">{a.consentTitle(app)}</h1>
      <p className="lead">{a.consentLead(app, returnsTo)}</p>
      {patient !== undefined && <Chosen action={action} patient={patient} />}
      <form method="post" action={action} className="card stack">
        {patient !== undefined && <input type="hidden" name="pasient" value={patient.id} />}
        {told.map((scope) => (
          <input key={scope} type="hidden" name="omfang" value={scope} />
        ))}
        {told.length > 0 && (
          <div>
            <h2 className="section-title">{a.always}</h2>
            <ul className="bullets">
              {(told.includes('openid') || told.includes('fhirUser')) && <li>{a.who}</li>}
              {told.includes('launch/patient') && <li>{a.whichPatient}</li>}
            </ul>
          </div>
        )}
        {asked.length > 0 && (
          <CheckboxGroup legend={a.scopes} description={a.scopesHint} defaultValue={[...asked]}>
            {asked.map((scope) => (
              <Checkbox key={scope} name="omfang" value={scope}>
                {scopeText(scope, lang)}
              </Checkbox>
            ))}
          </CheckboxGroup>
        )}
        <p>{a.withdrawHint}</p>
        <div className="row">
          <Button type="submit" name="handling" value="gi">
            {a.give}
          </Button>
          <Button type="submit" name="handling" value="nei" variant="secondary">
            {a.refuse}
          </Button>
        </div>
      </form>
    </div>
  );
}

function Chosen({ action, patient }: Required<Pick<AppConsentModel, 'action' | 'patient'>>): ReactNode {
  const a = useTexts(appTexts);
  return (
    <section className="stack stack--tight" aria-label={a.patientChosen}>
      <PatientBanner patient={patient} />
      <p>
        <a href={action}>{a.changePatient}</a>
      </p>
    </section>
  );
}
