/**
 * What went wrong, in words, and what to do now. Never details of the system.
 */
import type { ReactNode } from 'react';
import { fill } from '../ui/form-texts.ts';
import { usePage } from '../ui/page-context.tsx';

export interface ErrorPageProps {
  readonly status: number;
  /** What the system says to users, where it does. */
  readonly message?: string | undefined;
  readonly requestId?: string | undefined;
}

const known = [400, 401, 403, 404, 409, 412] as const;

export function ErrorPage({ status, message, requestId }: ErrorPageProps): ReactNode {
  const { t } = usePage();
  const key = known.find((code) => code === (status === 422 ? 409 : status)) ?? 500;
  return (
    <div className="stack">
      <h1 className="page-title">{t[`error-${key}`]}</h1>
      {message !== undefined && <p>{message}</p>}
      <p className="lead">{t[`errorHint-${key}`]}</p>
      <p>
        <a href={key === 401 ? '/logg-inn' : '/'}>{key === 401 ? t.logIn : t.home}</a>
      </p>
      {requestId !== undefined && <p className="subtle">{fill(t.errorId, { id: requestId })}</p>}
    </div>
  );
}
