/**
 * Everything about who may come in, put together once: tokens, staff login, launch from an EHR.
 */
import { Router } from 'express';
import type { Clock } from '../fhir/id.ts';
import type { JsonObject } from '../fhir/types.ts';
import { authorizationServer } from './authorization-server.ts';
import { cookieJar, readCookie } from './cookies.ts';
import { seedDemo, type DemoSeed, type DemoSeedResult } from './demo-seed.ts';
import { ehrClient } from './ehr-client.ts';
import { introspectionRouter } from './introspection.ts';
import { launchRouter } from './launch.ts';
import type { Ehr, LaunchContext } from './launch-context.ts';
import { launchStore } from './launch-store.ts';
import { oidcAdapter } from './oidc-adapter.ts';
import type { FindRoles, FindRolesOfHpr, SecurityLog, SqlClient } from './ports.ts';
import { authenticator, sessionReader } from './principal.ts';
import type { Authenticate, IncomingRequest, StaffSession } from './principal.ts';
import { sessions } from './sessions.ts';
import { loadSigningKeys, publicJwk } from './signing-keys.ts';
import { smartConfiguration } from './smart-configuration.ts';
import { staffLoginRouter } from './staff-login.ts';
import { tokenVerifier } from './tokens.ts';

export interface SmartConfig {
  /** Where browsers and clients reach us, no trailing slash: `https://ryggrad.example`. */
  readonly publicUrl: string;
  /** Default: `<publicUrl>/fhir`. */
  readonly fhirBase?: string;
  /** Demo mode: client keys may be fetched over http and from this machine, and demo accounts may be made. */
  readonly mode: 'demo' | 'production';
  /** EHRs that may launch us. */
  readonly ehrs: readonly Ehr[];
}

export interface SmartDeps {
  /** `Db.pool` of storage/db.ts. */
  readonly db: SqlClient;
  readonly config: SmartConfig;
  readonly clock: Clock;
  readonly findRoles: FindRoles;
  readonly findRolesOfHpr: FindRolesOfHpr;
  /** The audit trail; what it is told never holds a secret. */
  readonly log: SecurityLog;
}

export interface Smart {
  /**
   * Mount at the root, before any body parser: `/auth/*`, `/.well-known/jwks.json`,
   * `/fhir/.well-known/smart-configuration`, `/launch`, `/launch/callback`, `POST /logg-inn`, `/logg-ut`, `/velg-rolle`.
   */
  readonly router: Router;
  /** Request → Principal; undefined without credentials; throws 401 and 403. */
  readonly authenticate: Authenticate;
  /** The person behind a request's cookie, also before a role is chosen. */
  sessionOf(request: IncomingRequest): Promise<StaffSession | undefined>;
  /** What the launch that the session carries has brought. */
  launchOf(request: IncomingRequest): Promise<LaunchContext | undefined>;
  /** The same by the key in `StaffPrincipal.launch`. */
  launchContext(key: string): Promise<LaunchContext | undefined>;
  /** Limit the launch session of a request to this Patient of the registry; the first call counts. */
  bindPatient(request: IncomingRequest, patientId: string): Promise<void>;
  smartConfiguration(): JsonObject;
  /** Demo accounts, clients and key files. Throws outside of demo mode. */
  seedDemo(seed: DemoSeed): Promise<DemoSeedResult>;
  /** Delete ended sessions, codes and launches; for a job. */
  sweep(): Promise<void>;
}

/** Read or make the keys and put all of it together. */
export async function createSmart(deps: SmartDeps): Promise<Smart> {
  const { db, config, clock, findRoles, findRolesOfHpr, log } = deps;
  const { publicUrl, mode, ehrs, fhirBase = `${publicUrl}/fhir` } = config;
  const issuer = `${publicUrl}/auth`;
  const keys = await loadSigningKeys(db);
  const cookies = cookieJar(publicUrl);
  const launches = launchStore(db);
  const store = sessions(db, clock);
  const tokenOf = (request: IncomingRequest) => readCookie(request.headers, cookies.session);
  const sessionOf = sessionReader(store.read, (headers) => readCookie(headers, cookies.session), findRoles);
  const verifyToken = tokenVerifier({
    issuer,
    audience: fhirBase,
    publicKeys: [publicJwk(keys.accessToken)],
    clock,
  });
  const provider = authorizationServer({
    issuer,
    fhirBase,
    keys: [keys.accessToken, keys.idToken],
    cookieSecret: keys.cookieSecret,
    adapter: oidcAdapter(db),
    clientKeys: mode === 'demo' ? 'local' : 'public',
    log,
  });
  const client = ehrClient(`${publicUrl}/launch/callback`, keys.ehrClient);

  const router = Router();
  router.get('/.well-known/jwks.json', (_request, response) => {
    response.setHeader('Cache-Control', 'public, max-age=300');
    response.json({ keys: [publicJwk(keys.ehrClient)] });
  });
  router.get('/fhir/.well-known/smart-configuration', (_request, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*');
    response.type('application/json').send(JSON.stringify(smartConfiguration(issuer)));
  });
  router.use(introspectionRouter('/auth/introspect', issuer, verifyToken));
  router.use('/auth', provider.callback());
  router.use(staffLoginRouter({ db, sessions: store, cookies, sessionOf, findRoles, launches, log }));
  router.use(
    launchRouter({
      db,
      clock,
      ehrs,
      client,
      launches,
      sessions: store,
      sessionOf,
      cookies,
      findRolesOfHpr,
      publicUrl,
      log,
    }),
  );

  return {
    router,
    authenticate: authenticator({ db, clock, verifyToken, sessionOf }),
    sessionOf,
    async launchOf(request) {
      const session = await sessionOf(request);
      return session?.launch === undefined ? undefined : launches.read(session.launch);
    },
    launchContext: (key) => launches.read(key),
    async bindPatient(request, patientId) {
      const token = tokenOf(request);
      if (token !== undefined) {
        await store.bindPatient(token, patientId);
      }
    },
    smartConfiguration: () => smartConfiguration(issuer),
    seedDemo: (seed) => {
      if (mode !== 'demo') {
        throw new Error('Demo accounts are made in demo mode only');
      }
      return seedDemo(db, `${issuer}/token`, seed);
    },
    async sweep() {
      await store.sweep();
      await db.query('delete from oidc where expires_at <= $1', [clock.now()]);
    },
  };
}
