/**
 * Everything about who may come in, put together once: tokens, staff login, launch from an EHR.
 */
import { Router, type RequestHandler } from 'express';
import type { JWK } from 'jose';
import type { Messages } from '../adapters/message/messages.ts';
import type { Clock } from '../fhir/id.ts';
import type { JsonObject } from '../fhir/types.ts';
import type { SecretBox } from '../storage/secret-box.ts';
import type { ResourceStore } from '../storage/store.ts';
import { type Apps, createAuthorization } from './authorization.ts';
import { type CookieJar, cookieJar, readCookie } from './cookies.ts';
import { seedDemo, type DemoSeed, type DemoSeedResult } from './demo-seed.ts';
import { type EhrClient, ehrClient } from './ehr-client.ts';
import type { Issuer } from './issuers/issuer.ts';
import { createIssuers, type LoginChoice } from './issuers/issuers.ts';
import type { FindUnit } from './issuers/to-principal.ts';
import type { Ehr } from './ehr.ts';
import { launchRouter } from './launch.ts';
import type { LaunchContext } from './launch-context.ts';
import { launchSessions } from './launch-entry.ts';
import { launchSpaces } from './launch-space.ts';
import { type LaunchStore, launchStore } from './launch-store.ts';
import type { FindUnitsOf } from './launch-user.ts';
import { relyingParty } from './login/passkeys.ts';
import { pendingLogins } from './login/pending-logins.ts';
import { secondStep, type SecondStep } from './login/second-step.ts';
import { type LoginLimits, loginLimits } from './login-limits.ts';
import type { FindRoles, FindRolesOfHpr, SecurityLog, SqlClient } from './ports.ts';
import { authenticator, sessionReader } from './principal.ts';
import type { Authenticate, IncomingRequest, StaffSession } from './principal.ts';
import type { IsEnforceable } from './scope-policy.ts';
import { type Sessions, sessions } from './sessions.ts';
import { loadSigningKeys, publicJwk } from './signing-keys.ts';
import { smartConfiguration } from './smart-configuration.ts';
import { enter, type StaffLoginDeps, staffLoginRouter } from './staff-login.ts';

export interface SmartConfig {
  /** Where browsers and clients reach us, no trailing slash: `https://ryggrad.example`. */
  readonly publicUrl: string;
  /** Default: `<publicUrl>/fhir`. */
  readonly fhirBase?: string;
  /** Demo mode: client keys may be fetched over http and from this machine, and demo accounts may be made. */
  readonly mode: 'demo' | 'production';
  /** EHRs that may launch us. */
  readonly ehrs: readonly Ehr[];
  /** External issuers that are trusted; default: none. */
  readonly issuers?: readonly Issuer[];
  /** Name of whoever runs the server, for apps that let people choose. */
  readonly operator?: string;
  /** Must staff show something beside the password? Default: in production. */
  readonly secondFactor?: 'required' | 'optional';
}

export interface SmartDeps {
  /** `Db.pool` of storage/db.ts. */
  readonly db: SqlClient;
  readonly config: SmartConfig;
  /** For what must be written together: a code and the message that brings it. */
  readonly store: ResourceStore;
  readonly messages: Messages;
  /** Secrets of second factors at rest. */
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly findRoles: FindRoles;
  readonly findRolesOfHpr: FindRolesOfHpr;
  /** The units that an EHR may vouch for people of; default: none. */
  readonly findUnitsOf?: FindUnitsOf;
  /** The unit that an external issuer's organisation number stands for; default: none is known. */
  readonly findUnit?: FindUnit;
  /** Can a scope's constraints be held to? Default: what the grammar takes. */
  readonly isEnforceable?: IsEnforceable;
  /** The audit trail; what it is told never holds a secret. */
  readonly log: SecurityLog;
}

export interface Smart {
  /** Mount before everything else: what is below the path of a launch is answered as at the root, with that launch's session. */
  readonly launchSpaces: readonly RequestHandler[];
  /**
   * Mount at the root, before any body parser: `/auth/*`, `/.well-known/jwks.json`,
   * `/fhir/.well-known/smart-configuration`, `/launch`, `/launch/callback`, `POST /logg-inn`, `/logg-ut`, `/velg-rolle`.
   */
  readonly router: Router;
  /** Request → Principal; undefined without credentials; throws 401 and 403. */
  readonly authenticate: Authenticate;
  /** The person behind a request's cookie, also before a role is chosen. */
  sessionOf(request: IncomingRequest): Promise<StaffSession | undefined>;
  /** Other ways to log in, as buttons on the login page. */
  readonly loginChoices: readonly LoginChoice[];
  /** Cookies, sessions and limits, for the pages about one's own account. */
  readonly login: {
    readonly cookies: CookieJar;
    readonly sessions: Sessions;
    readonly limits: LoginLimits;
    readonly step: SecondStep;
    readonly secondFactor: 'required' | 'optional';
  };
  /** What people have given apps, and are asked to give. */
  readonly apps: Apps;
  /** What the launch that the session carries has brought. */
  launchOf(request: IncomingRequest): Promise<LaunchContext | undefined>;
  /** The same by the key in `StaffPrincipal.launch`. */
  launchContext(key: string): Promise<LaunchContext | undefined>;
  /** Limit the launch session of a request to this Patient of the registry; the first call counts. */
  bindPatient(request: IncomingRequest, patientId: string): Promise<void>;
  smartConfiguration(): JsonObject;
  /** Demo accounts, clients and key files. Throws outside of demo mode. */
  seedDemo(seed: DemoSeed): Promise<DemoSeedResult>;
  /** For the job that writes back to EHRs. */
  readonly ehrs: {
    readonly known: readonly Ehr[];
    readonly client: EhrClient;
    /** Our own key as a client, the one that is published. */
    readonly key: () => JWK;
    readonly launches: LaunchStore;
  };
  /** Delete ended sessions, codes and launches; for a job. */
  sweep(): Promise<void>;
}

/** Read or make the keys and put all of it together. */
export async function createSmart(deps: SmartDeps): Promise<Smart> {
  const { db, store, messages, box, config, clock, findRoles, findRolesOfHpr, log } = deps;
  const { publicUrl, mode, ehrs, fhirBase = `${publicUrl}/fhir` } = config;
  const secondFactor = config.secondFactor ?? (mode === 'production' ? 'required' : 'optional');
  const issuer = `${publicUrl}/auth`;
  const keys = await loadSigningKeys(db, clock);
  const cookies = cookieJar(publicUrl);
  const launches = launchStore(db, box);
  const open = sessions(db, clock);
  const limits = loginLimits(db);
  const pending = pendingLogins(db, clock);
  const step = secondStep({
    db,
    store,
    messages,
    box,
    clock,
    limits,
    pending,
    party: relyingParty(publicUrl),
    log,
  });
  const tokenOf = (request: IncomingRequest) => readCookie(request.headers, cookies.session);
  const sessionOf = sessionReader(
    open.read,
    (headers) => readCookie(headers, cookies.session),
    findRoles,
    secondFactor,
  );
  const authorization = createAuthorization({
    db,
    clock,
    publicUrl,
    fhirBase,
    operator: config.operator ?? 'Ryggrad',
    clientKeys: mode === 'demo' ? 'local' : 'public',
    keys,
    findRoles,
    isEnforceable: deps.isEnforceable ?? ((): boolean => true),
    log,
  });
  const client = ehrClient(`${publicUrl}/launch/callback`, () => keys.current().ehrClient);

  const staff: StaffLoginDeps = {
    db,
    clock,
    box,
    sessions: open,
    pending,
    step,
    limits,
    secondFactor,
    cookies,
    sessionOf,
    findRoles,
    launches,
    log,
  };
  const external = createIssuers({
    db,
    box,
    clock,
    issuers: config.issuers ?? [],
    publicUrl,
    cookies,
    findRoles,
    findRolesOfHpr,
    findUnit: deps.findUnit ?? (() => Promise.resolve(undefined)),
    log,
    enter: async (request, response, { account, next, reason }) => {
      const to = await enter(staff, account.username, { factor: 'issuer', next, reason }, request, response);
      response.redirect(303, to);
    },
  });

  const router = Router();
  router.get('/.well-known/jwks.json', (_request, response) => {
    response.setHeader('Cache-Control', 'public, max-age=300');
    response.json({ keys: [publicJwk(keys.current().ehrClient)] });
  });
  router.get('/fhir/.well-known/smart-configuration', (_request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.type('application/json').send(JSON.stringify(smartConfiguration(publicUrl)));
  });
  router.use(authorization.router);
  router.use(staffLoginRouter(staff));
  router.use(external.router);
  const findUnitsOf = deps.findUnitsOf ?? (() => Promise.resolve([]));
  const entry = { db, launches, sessions: open, sessionOf, cookies, findRolesOfHpr, findUnitsOf, log };
  router.use(launchRouter({ ...entry, clock, ehrs, client, publicUrl }));

  return {
    launchSpaces: [launchSpaces(ehrs, cookies), launchSessions(entry)],
    router,
    authenticate: external.authenticator(
      authenticator({
        db,
        clock,
        readToken: authorization.readToken,
        findPerson: authorization.findPerson,
        sessionOf,
      }),
    ),
    loginChoices: external.loginChoices,
    ehrs: { known: ehrs, client, launches, key: () => keys.current().ehrClient },
    apps: authorization.apps,
    sessionOf,
    login: { cookies, sessions: open, limits, step, secondFactor },
    async launchOf(request) {
      const session = await sessionOf(request);
      return session?.launch === undefined ? undefined : launches.read(session.launch);
    },
    launchContext: (key) => launches.read(key),
    async bindPatient(request, patientId) {
      const token = tokenOf(request);
      if (token !== undefined) {
        await open.bindPatient(token, patientId);
      }
    },
    smartConfiguration: () => smartConfiguration(publicUrl),
    seedDemo: (seed) => {
      if (mode !== 'demo') {
        throw new Error('Demo accounts are made in demo mode only');
      }
      return seedDemo(db, `${issuer}/token`, seed);
    },
    async sweep() {
      const now = clock.now();
      await open.sweep();
      await db.query('delete from oidc where expires_at <= $1', [now]);
      await authorization.sweep();
      await db.query('delete from one_time_code where expires_at <= $1', [now]);
      await db.query('delete from login_attempt where expire <= $1', [now.getTime()]);
      await messages.sweep();
    },
  };
}
