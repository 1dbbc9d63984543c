/**
 * Apps that the person has given access to, and a way to take it back: the `management_endpoint` of SMART (IN-02).
 */
import { Fragment, type ReactNode } from 'react';
import { Alert, Button } from '../ui/aksel.ts';
import { appTexts } from '../ui/app-texts.ts';
import { usePage, useTexts } from '../ui/page-context.tsx';
import { scopeText } from '../ui/scope-text.ts';
import { formatDate } from '../ui/format.ts';
import type { AppGrantModel, AppsModel } from '../models/apps.ts';

export function AppsPage({ model: { grants, isWithdrawn } }: { readonly model: AppsModel }): ReactNode {
  const a = useTexts(appTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{a.appsTitle}</h1>
      <p className="lead">{a.appsLead}</p>
      {isWithdrawn && (
        <Alert variant="success" size="small" role="status">
          {a.withdrawn}
        </Alert>
      )}
      {grants.length === 0 ? (
        <p className="card empty">{a.appsNone}</p>
      ) : (
        grants.map((grant) => <Grant key={grant.id} grant={grant} />)
      )}
      <p>
        <a href="/min-side">{a.toOwnPage}</a>
      </p>
    </div>
  );
}

function Grant({ grant }: { readonly grant: AppGrantModel }): ReactNode {
  const a = useTexts(appTexts);
  const { lang } = usePage();
  const { id, app, created, lastUsed, expires, patient, scopes } = grant;
  const facts: readonly (readonly [string, string])[] = [
    [a.given, formatDate(created)],
    [a.lastUsed, formatDate(lastUsed)],
    [a.until, formatDate(expires)],
    ...(patient === undefined ? [] : [[a.patientChosen, patient] as const]),
  ];
  return (
    <section className="card stack" aria-labelledby={`app-${id}`}>
      <h2 id={`app-${id}`} className="section-title">
        {app}
      </h2>
      <dl className="facts">
        {facts.map(([term, value]) => (
          <Fragment key={term}>
            <dt>{term}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
      <ul className="bullets">
        {scopes.map((scope) => (
          <li key={scope}>{scopeText(scope, lang)}</li>
        ))}
      </ul>
      <form method="post" action="/apper">
        <input type="hidden" name="tilgang" value={id} />
        <Button type="submit" variant="secondary" size="small" aria-label={`${a.withdraw} ${app}`}>
          {a.withdraw}
        </Button>
      </form>
    </section>
  );
}
