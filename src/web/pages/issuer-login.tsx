/**
 * Logging in at an external issuer: the buttons on the login page, and the page where such a login ends without a session
 * (smart/issuers/login-router.ts).
 */
import type { ReactNode } from 'react';
import { Alert, BodyLong, Button, Link } from '../ui/aksel.ts';
import { type LoginStop, loginTexts } from '../ui/login-texts.ts';
import { useTexts } from '../ui/page-context.tsx';
import type { LoginModel } from '../view-models.ts';

/** One button for each issuer; nothing where none is configured. */
export function OtherLogins({
  choices,
  next,
}: {
  readonly choices: NonNullable<LoginModel['choices']>;
  readonly next: string | undefined;
}): ReactNode {
  const l = useTexts(loginTexts);
  if (choices.length === 0) {
    return null;
  }
  const query = next === undefined ? '' : `?${new URLSearchParams({ neste: next }).toString()}`;
  return (
    <div className="card stack login">
      {choices.map(({ name, href }) => (
        <div key={href}>
          <Button as="a" href={`${href}${query}`}>
            {l.logInWith(name)}
          </Button>
        </div>
      ))}
    </div>
  );
}

export interface LoginStopModel {
  readonly reason: LoginStop;
  /** Name of the issuer. */
  readonly issuer: string;
  /** Where access is applied for. */
  readonly applyHref: string | undefined;
}

export function LoginStopPage({ model }: { readonly model: LoginStopModel }): ReactNode {
  const l = useTexts(loginTexts);
  const { reason, issuer, applyHref } = model;
  return (
    <div className="stack">
      <h1 className="page-title">{l.stopTitle}</h1>
      <Alert variant={reason === 'konto' ? 'info' : 'warning'}>{l.stops[reason](issuer)}</Alert>
      {reason === 'konto' && applyHref !== undefined && (
        <div>
          <Button as="a" href={applyHref}>
            {l.apply}
          </Button>
        </div>
      )}
      <BodyLong>
        <Link href="/logg-inn">{l.toLogin}</Link>
      </BodyLong>
    </div>
  );
}
