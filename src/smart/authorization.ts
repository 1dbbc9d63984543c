/**
 * The authorisation server put together: tokens for systems and for the apps that people use, and what the resource server
 * needs to know of them.
 */
import { Router } from 'express';
import type Provider from 'oidc-provider';
import type { Clock } from '../fhir/id.ts';
import { appAccount, type AppAccount } from './app-account.ts';
import { type AppConsent, appConsent } from './app-consent.ts';
import { grantsOf, type ListedGrant, revokeAllOf, withdrawGrant } from './app-grants.ts';
import { authorizationServer } from './authorization-server.ts';
import { BRANDS_PATH, brandsHandler } from './brands.ts';
import { fhirCors } from './cors.ts';
import { proofCheck, usedProofs } from './dpop.ts';
import { withReadableForms } from './form-requests.ts';
import { introspectionRouter } from './introspection.ts';
import { denyList, recordToken, revokeToken, sweepTokens } from './issued-tokens.ts';
import { oidcAdapter } from './oidc-adapter.ts';
import { atOwnAddress } from './own-address.ts';
import type { FindRoles, SecurityLog, SqlClient } from './ports.ts';
import { presentedTokens, type ReadPresentedToken } from './presented-token.ts';
import type { IsEnforceable } from './scope-policy.ts';
import { type KeyRing } from './signing-keys.ts';
import { tokenVerifier } from './tokens.ts';

export interface AuthorizationOptions {
  readonly db: SqlClient;
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly fhirBase: string;
  /** Shown as the name of whoever runs the server. */
  readonly operator: string;
  /** `local`: client keys may be fetched over http and from this machine. */
  readonly clientKeys: 'public' | 'local';
  readonly keys: KeyRing;
  readonly findRoles: FindRoles;
  readonly isEnforceable: IsEnforceable;
  readonly log: SecurityLog;
}

/** What a person sees of apps, and may do about them. */
export interface Apps {
  readonly consent: AppConsent;
  grantsOf(account: string): Promise<readonly ListedGrant[]>;
  /** Take back what was given to an app; false when there is no such grant of this person's. */
  withdraw(account: string, grantId: string): Promise<boolean>;
  /** Take back everything: at «log out everywhere», and when an account is closed; in the transaction of that, when given. */
  withdrawAll(account: string, on?: SqlClient): Promise<void>;
}

export interface Authorization {
  readonly router: Router;
  readonly readToken: ReadPresentedToken;
  readonly findPerson: (username: string, grantId: string | undefined) => Promise<AppAccount | undefined>;
  readonly apps: Apps;
  sweep(): Promise<void>;
}

export function createAuthorization(options: AuthorizationOptions): Authorization {
  const { db, clock, publicUrl, fhirBase, keys, findRoles, log } = options;
  const issuer = `${publicUrl}/auth`;
  const used = usedProofs(db);
  const denied = denyList(db, clock);
  const findPerson: Authorization['findPerson'] = (username, grantId) =>
    appAccount({ db, findRoles, fhirBase }, username, grantId);
  const verifyToken = tokenVerifier({ issuer, audience: fhirBase, keys, clock });
  const readToken = presentedTokens({
    verifyToken,
    denied,
    checkProof: proofCheck({ used, clock }),
    publicUrl,
  });
  const provider = remade(keys, (current) =>
    authorizationServer({
      issuer,
      fhirBase,
      keys: current.all,
      cookieSecret: current.cookieSecret,
      adapter: oidcAdapter(db, clock),
      clientKeys: options.clientKeys,
      findPerson,
      isOnline: (username) => isOnline(db, username),
      isEnforceable: options.isEnforceable,
      usedProofs: used,
      tokens: {
        record: (token) => recordToken(db, token),
        async revoke(token, clientId) {
          const verified = await verifyToken(token);
          if (verified !== undefined) {
            await revokeToken(db, verified.jti, clientId);
            denied.forget();
          }
        },
      },
      log,
    }),
  );

  const router = Router();
  router.use('/fhir', fhirCors(db, clock));
  router.get(
    BRANDS_PATH,
    brandsHandler({ name: options.operator, publicUrl, fhirBase, timestamp: clock.now().toISOString() }),
  );
  router.use(
    introspectionRouter({
      path: '/auth/introspect',
      issuer,
      db,
      verifyToken,
      readToken,
      provider,
      findPerson,
    }),
  );
  router.use(
    '/auth',
    atOwnAddress(publicUrl),
    withReadableForms(db, (request, response) => provider().callback()(request, response)),
  );

  return {
    router,
    readToken,
    findPerson,
    apps: {
      consent: appConsent({ db, provider, fhirBase, log }),
      grantsOf: (account) => grantsOf(db, account),
      async withdraw(account, grantId) {
        const isGone = await withdrawGrant(db, account, grantId);
        denied.forget();
        await log({
          type: 'app-withdrawn',
          outcome: isGone ? 'success' : 'failure',
          subject: `user:${account}`,
          reason: 'asked for',
        });
        return isGone;
      },
      async withdrawAll(account, on = db) {
        await revokeAllOf(on, account);
        denied.forget();
      },
    },
    sweep: () => sweepTokens(db),
  };
}

/** The library takes its keys once; when they change it is made anew. What it keeps is in the database. */
function remade(ring: KeyRing, make: (keys: ReturnType<KeyRing['current']>) => Provider): () => Provider {
  let keys = ring.current();
  let provider = make(keys);
  return () => {
    const now = ring.current();
    if (now !== keys) {
      keys = now;
      provider = make(keys);
    }
    return provider;
  };
}

/** Has the person a session anywhere? */
async function isOnline(db: SqlClient, username: string): Promise<boolean> {
  const { rows } = await db.query(
    `select 1
       from session
      where payload ->> 'account' = $1
        and kind = 'staff'
        and expires_at > now()
      limit 1`,
    [username],
  );
  return rows.length > 0;
}
