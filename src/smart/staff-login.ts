/**
 * Login, logout and choice of role: the POSTs behind the pages `/logg-inn` and `/velg-rolle`.
 * Every answer is a redirect; what went wrong is in `feil`: `ukjent` (name or password), `sperret` (too many attempts).
 */
import { Router, urlencoded, type Request, type Response } from 'express';
import { checkPassword } from './accounts.ts';
import type { CookieJar } from './cookies.ts';
import { readCookie } from './cookies.ts';
import type { LaunchStore } from './launch-store.ts';
import { loginLimits } from './login-limits.ts';
import type { FindRoles, SecurityLog, SqlClient } from './ports.ts';
import type { IncomingRequest, StaffSession } from './principal.ts';
import { isSameOrigin } from './same-origin.ts';
import type { Sessions } from './sessions.ts';

export interface StaffLoginDeps {
  readonly db: SqlClient;
  readonly sessions: Sessions;
  readonly cookies: CookieJar;
  readonly sessionOf: (request: IncomingRequest) => Promise<StaffSession | undefined>;
  readonly findRoles: FindRoles;
  readonly launches: LaunchStore;
  readonly log: SecurityLog;
}

const LOGIN = '/logg-inn';
const CHOOSE = '/velg-rolle';
const HOME = '/';

/** Routes `POST /logg-inn`, `POST /logg-ut`, `POST /velg-rolle`. */
export function staffLoginRouter(deps: StaffLoginDeps): Router {
  const limits = loginLimits();
  const form = urlencoded({ extended: false, limit: '10kb', parameterLimit: 20 });
  const router = Router();
  router.use([LOGIN, '/logg-ut', CHOOSE], refuseOtherSites, noStore);
  router.post(LOGIN, form, (request, response) => logIn(deps, limits, request, response));
  router.post('/logg-ut', (request, response) => logOut(deps, request, response));
  router.post(CHOOSE, form, (request, response) => chooseRole(deps, request, response));
  return router;
}

async function logIn(
  { db, sessions, cookies, findRoles, launches, log }: StaffLoginDeps,
  limits: ReturnType<typeof loginLimits>,
  request: Request,
  response: Response,
): Promise<void> {
  const name = field(request, 'brukernavn').trim().toLowerCase();
  const next = localPath(field(request, 'neste'));
  const address = request.ip ?? 'unknown';
  const wait = await limits.take(name, address);
  if (wait > 0) {
    await log({ type: 'login', outcome: 'failure', subject: 'user:unknown', reason: 'too many attempts' });
    response.setHeader('Retry-After', String(wait));
    response.redirect(303, withQuery(LOGIN, { feil: 'sperret', neste: next }));
    return;
  }
  const account = await checkPassword(db, name, field(request, 'passord'));
  if (account === undefined) {
    await log({ type: 'login', outcome: 'failure', subject: 'user:unknown', reason: 'name or password' });
    response.redirect(303, withQuery(LOGIN, { feil: 'ukjent', neste: next }));
    return;
  }
  await limits.reset(name, address);
  await endCurrent(sessions, cookies, request);

  const roles = await findRoles(account.practitionerRoles);
  const only = roles.length === 1 ? roles[0]?.id : undefined;
  const pending = readCookie(request.headers, cookies.launch);
  const launch = pending === undefined ? undefined : await launches.claim(pending);
  const token = await sessions.open('staff', { account: account.username, practitionerRole: only, launch });
  await log({ type: 'login', outcome: 'success', subject: `user:${account.username}`, reason: 'password' });
  response.append('Set-Cookie', cookies.set(cookies.session, token));
  response.append('Set-Cookie', cookies.clear(cookies.launch));
  response.redirect(303, only === undefined ? withQuery(CHOOSE, { neste: next }) : (next ?? HOME));
}

async function logOut(
  { sessions, cookies, sessionOf, launches, log }: StaffLoginDeps,
  request: Request,
  response: Response,
) {
  const session = await sessionOf(request);
  if (session !== undefined) {
    await log({
      type: 'logout',
      outcome: 'success',
      subject: `user:${session.account.username}`,
      reason: 'asked for',
    });
    await launches.forget(session.launch);
  }
  await endCurrent(sessions, cookies, request);
  response.append('Set-Cookie', cookies.clear(cookies.session));
  response.setHeader('Clear-Site-Data', '"cache", "storage"');
  response.redirect(303, LOGIN);
}

async function chooseRole(
  { sessions, cookies, sessionOf, log }: StaffLoginDeps,
  request: Request,
  response: Response,
) {
  const token = readCookie(request.headers, cookies.session);
  const session = await sessionOf(request);
  const next = localPath(field(request, 'neste'));
  if (token === undefined || session === undefined) {
    response.redirect(303, withQuery(LOGIN, { neste: next }));
    return;
  }
  const role = session.roles.find(({ id }) => id === field(request, 'rolle'));
  const rotated =
    role === undefined || session.kind === 'launch'
      ? undefined
      : await sessions.rotate(token, { practitionerRole: role.id });
  if (role === undefined || rotated === undefined) {
    response.redirect(303, withQuery(CHOOSE, { feil: 'rolle', neste: next }));
    return;
  }
  await log({
    type: 'role-chosen',
    outcome: 'success',
    subject: `user:${session.account.username}`,
    reason: role.id,
  });
  response.append('Set-Cookie', cookies.set(cookies.session, rotated));
  response.redirect(303, next ?? HOME);
}

/** The session that the browser still holds ends before another begins: nothing set before login survives it. */
async function endCurrent(sessions: Sessions, cookies: CookieJar, request: Request): Promise<void> {
  const token = readCookie(request.headers, cookies.session);
  if (token !== undefined) {
    await sessions.end(token);
  }
}

function refuseOtherSites(request: Request, response: Response, next: () => void): void {
  if (request.method !== 'POST' || isSameOrigin(request.headers)) {
    next();
    return;
  }
  response.status(403).type('text/plain').send('Skjemaet må sendes fra våre egne sider.');
}

function noStore(_request: Request, response: Response, next: () => void): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}

function field(request: Request, name: string): string {
  const value: unknown = (request.body as Record<string, unknown> | undefined)?.[name];
  return typeof value === 'string' ? value : '';
}

/** A path on this server, or undefined: never a way to another site. */
export function localPath(path: string): string | undefined {
  return /^\/(?![/\\])[^\s\\]*$/.test(path) ? path : undefined;
}

function withQuery(path: string, query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}
