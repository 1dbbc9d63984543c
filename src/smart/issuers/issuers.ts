/**
 * External issuers, put together once: their tokens at the API, and logging in at them.
 */
import type { Request, Response, Router } from 'express';
import type { Clock } from '../../fhir/id.ts';
import type { SecretBox } from '../../storage/secret-box.ts';
import type { CookieJar } from '../cookies.ts';
import { usedProofs } from '../dpop.ts';
import { keepOnce } from '../keep-once.ts';
import type { FindRoles, FindRolesOfHpr, SecurityLog, SqlClient } from '../ports.ts';
import type { Authenticate } from '../principal.ts';
import { withIssuers } from './authenticate.ts';
import { identities } from './identities.ts';
import type { Issuer } from './issuer.ts';
import { loginClient, type PendingLogin } from './login-client.ts';
import { type Entry, issuerLoginRouter, loginAddress, PENDING_LOGIN, returnAddress } from './login-router.ts';
import { issuerMetadata } from './metadata.ts';
import type { FindUnit } from './to-principal.ts';

export interface IssuersDeps {
  readonly db: SqlClient;
  readonly box: Pick<SecretBox, 'mac'>;
  readonly clock: Clock;
  readonly issuers: readonly Issuer[];
  readonly publicUrl: string;
  readonly cookies: CookieJar;
  readonly findRoles: FindRoles;
  readonly findRolesOfHpr: FindRolesOfHpr;
  readonly findUnit: FindUnit;
  readonly log: SecurityLog;
  readonly enter: (request: Request, response: Response, entry: Entry) => Promise<void>;
}

/** A button on the login page. */
export interface LoginChoice {
  readonly name: string;
  readonly href: string;
}

export interface Issuers {
  readonly router: Router;
  /** The tokens of the issuers, then whatever `inner` knows. */
  authenticator(inner: Authenticate): Authenticate;
  readonly loginChoices: readonly LoginChoice[];
}

export function createIssuers(deps: IssuersDeps): Issuers {
  const { db, clock, issuers, publicUrl, cookies, findRoles, findUnit, log, enter } = deps;
  const known = identities(deps);
  const metadata = new Map(issuers.map((issuer) => [issuer.id, issuerMetadata(issuer, clock)]));
  const metadataOf = (issuer: Issuer) => metadata.get(issuer.id) ?? issuerMetadata(issuer, clock);
  const doors = issuers.flatMap((issuer) => {
    const { login, id } = issuer;
    const redirectUri = `${publicUrl}${returnAddress(id)}`;
    return login === undefined
      ? []
      : [{ issuer, client: loginClient(issuer, login, metadataOf(issuer), redirectUri) }];
  });
  const pending = keepOnce<PendingLogin>(db, PENDING_LOGIN.model, PENDING_LOGIN.seconds);
  return {
    router: issuerLoginRouter({ doors, pending, identities: known, cookies, publicUrl, log, enter }),
    authenticator: (inner) =>
      withIssuers(
        {
          issuers,
          metadata: metadataOf,
          directory: { findUnit, findRoles, findAccount: known.linked },
          used: usedProofs(db),
          clock,
          log,
          publicUrl,
        },
        inner,
      ),
    loginChoices: doors.map(({ issuer: { id, name } }) => ({ name, href: loginAddress(id) })),
  };
}
