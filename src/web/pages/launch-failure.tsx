/** A launch that has failed: what happened, and what to do now. */
import type { ReactNode } from 'react';
import type { LaunchFailureKind } from '../../smart/launch-failure.ts';
import { launchTexts } from '../ui/launch-texts.ts';
import { useTexts } from '../ui/page-context.tsx';

export interface LaunchFailureProps {
  readonly kind: LaunchFailureKind;
  /** Name of the EHR, where it is known. */
  readonly ehr: string | undefined;
  /** In the EHR's frame there is no way on by itself: one opens it again in the EHR. */
  readonly isFramed: boolean;
}

/** What the user alone can mend is begun again; for the rest there is the login. */
const AGAIN: ReadonlySet<LaunchFailureKind> = new Set([
  'expired',
  'not-confirmed',
  'denied',
  'no-patient',
  'patient-unknown',
  'ehr-down',
]);

export function LaunchFailurePage({ kind, ehr, isFramed }: LaunchFailureProps): ReactNode {
  const t = useTexts(launchTexts);
  const { title, whatToDo } = t.failures[kind];
  return (
    <div className="stack">
      <h1 className="page-title">{title}</h1>
      <p className="lead">{whatToDo(ehr ?? t.someEhr)}</p>
      {!isFramed && (
        <p className="row">
          {AGAIN.has(kind) && <a href="/fra-journal">{t.again}</a>}
          <a href="/logg-inn">{t.logIn}</a>
        </p>
      )}
    </div>
  );
}
