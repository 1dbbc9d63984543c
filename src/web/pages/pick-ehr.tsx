/** Standalone launch: the EHR is picked here, the patient there (AP-03). */
import type { ReactNode } from 'react';
import type { PickableEhr } from '../models/launch.ts';
import { launchTexts } from '../ui/launch-texts.ts';
import { useTexts } from '../ui/page-context.tsx';

export function PickEhrPage({ ehrs }: { readonly ehrs: readonly PickableEhr[] }): ReactNode {
  const t = useTexts(launchTexts);
  return (
    <div className="stack">
      <h1 className="page-title">{t.pickTitle}</h1>
      {ehrs.length === 0 ? (
        <p className="card empty">{t.pickNone}</p>
      ) : (
        <>
          <p className="lead">{t.pickLead}</p>
          <ul className="stack plain-list">
            {ehrs.map(({ fhirBase, name }) => (
              <li key={fhirBase}>
                <a
                  className="card link-card"
                  href={`/launch?${new URLSearchParams({ iss: fhirBase }).toString()}`}
                >
                  {name}
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
