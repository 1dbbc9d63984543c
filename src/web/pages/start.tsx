/**
 * The front page: what this is, and the ways in for people and for systems.
 */
import type { ReactNode } from 'react';
import { usePage } from '../ui/page-context.tsx';
import type { StartModel } from '../view-models.ts';

export interface StartPageProps {
  readonly model: StartModel;
  readonly isLoggedIn: boolean;
}

export function StartPage({
  model: { fhirBase, registers, demoLinks },
  isLoggedIn,
}: StartPageProps): ReactNode {
  const { t } = usePage();
  return (
    <div className="stack start">
      <h1 className="start__title">{t.startTitle}</h1>
      <p className="lead">{t.startLead}</p>
      <p>
        <a
          className="aksel-button aksel-button--medium button-link"
          data-variant="primary"
          href={isLoggedIn ? '/arbeidsliste' : '/logg-inn'}
        >
          <span className="aksel-label">{isLoggedIn ? t.workList : t.logIn}</span>
        </a>
      </p>
      {demoLinks.length > 0 && (
        <section className="card stack stack--tight" aria-labelledby="prov">
          <h2 id="prov" className="section-title">
            {t.startTry}
          </h2>
          <ul className="link-list">
            {demoLinks.map(({ href, text, about }) => (
              <li key={href}>
                <a href={href}>{text}</a>
                <p className="subtle">{about}</p>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="stack stack--tight" aria-labelledby="registre">
        <h2 id="registre" className="section-title">
          {t.startRegisters}
        </h2>
        <ul className="link-list">
          {registers.map(({ name, title }) => (
            <li key={name}>
              <strong>{name}</strong>
              <p className="subtle">{title}</p>
            </li>
          ))}
        </ul>
      </section>
      <section className="stack stack--tight" aria-labelledby="fhir">
        <h2 id="fhir" className="section-title">
          {t.startFhir}
        </h2>
        <p>
          {t.startFhirAbout}{' '}
          <a href={`${fhirBase}/metadata`}>
            <code>{fhirBase}</code>
          </a>
        </p>
      </section>
    </div>
  );
}
