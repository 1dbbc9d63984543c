/**
 * Login, logout, choice of role, and showing again who one is: the POSTs behind `/logg-inn`, `/velg-rolle`, `/bekreft-deg`.
 * Every answer is a redirect; what went wrong is in `feil`: `ukjent` (name or password), `sperret` (too many attempts),
 * `utlopt` (a sent password is too old), `faktor` (a second factor is needed, and none is set up), `tid` (took too long).
 */
import { Router, type Request, type Response } from 'express';
import type { Clock } from '../fhir/id.ts';
import { dayInOslo } from '../sdc/expression.ts';
import type { SecretBox } from '../storage/secret-box.ts';
import { type Account, checkPassword, findAccount } from './accounts.ts';
import type { CookieJar } from './cookies.ts';
import { readCookie } from './cookies.ts';
import { field, localPath, noStore, readForm, refuseOtherSites, withQuery } from './form-post.ts';
import type { LaunchStore } from './launch-store.ts';
import { browserOf, KNOWN_BROWSER_SECONDS, knownBrowser } from './login/known-browser.ts';
import { PENDING_MINUTES, type PendingLogin, type PendingLogins } from './login/pending-logins.ts';
import type { SecondStep } from './login/second-step.ts';
import { SECOND_STEP, secondStepRouter } from './login/second-step-router.ts';
import type { Attempt, LoginLimits } from './login-limits.ts';
import { daysLeft } from './people/dates.ts';
import type { FindRoles, SecurityLog, SqlClient } from './ports.ts';
import { hurdleOf, type IncomingRequest, type StaffSession } from './principal.ts';
import type { Sessions, ShownFactor } from './sessions.ts';

export interface StaffLoginDeps {
  readonly db: SqlClient;
  readonly clock: Clock;
  readonly box: SecretBox;
  readonly sessions: Sessions;
  readonly pending: PendingLogins;
  readonly step: SecondStep;
  readonly limits: LoginLimits;
  readonly secondFactor: 'required' | 'optional';
  readonly cookies: CookieJar;
  readonly sessionOf: (request: IncomingRequest) => Promise<StaffSession | undefined>;
  readonly findRoles: FindRoles;
  readonly launches: LaunchStore;
  readonly log: SecurityLog;
}

const LOGIN = '/logg-inn';
const CHOOSE = '/velg-rolle';
const STEP_UP = '/bekreft-deg';
const HOME = '/';
const LONGEST_AGENT = 200;

/** Routes `POST /logg-inn` and below, `/logg-ut`, `/velg-rolle`, `/bekreft-deg`. */
export function staffLoginRouter(deps: StaffLoginDeps): Router {
  const { pending, step, cookies, log } = deps;
  const router = Router();
  router.use([LOGIN, '/logg-ut', CHOOSE, STEP_UP], refuseOtherSites, noStore);
  router.post(LOGIN, readForm(), (request, response) => logIn(deps, request, response));
  router.post('/logg-ut', (request, response) => logOut(deps, request, response));
  router.post(CHOOSE, readForm(), (request, response) => chooseRole(deps, request, response));
  router.post(STEP_UP, readForm(), (request, response) => stepUp(deps, request, response));
  router.use(
    secondStepRouter({
      pending,
      step,
      cookies,
      log,
      finish: ({ account, purpose, next }, factor, request, response) =>
        purpose === 'login'
          ? enter(deps, account, { factor, next }, request, response)
          : renew(deps, account, { factor, next }, request, response),
    }),
  );
  return router;
}

async function logIn(deps: StaffLoginDeps, request: Request, response: Response): Promise<void> {
  const next = localPath(field(request, 'neste'));
  const refuse = (feil: string): void => response.redirect(303, withQuery(LOGIN, { feil, neste: next }));
  const account = await passwordOf(deps, field(request, 'brukernavn'), request, response);
  if (typeof account === 'string') {
    refuse(account);
    return;
  }
  const methods = await deps.step.methodsOf(account);
  if (methods.length > 0) {
    const to = await ask(deps, { account: account.username, purpose: 'login', next }, methods[0], response);
    response.redirect(303, to);
    return;
  }
  if (deps.secondFactor === 'required' && !account.mustChangePassword) {
    await deps.log({
      type: 'login',
      outcome: 'failure',
      subject: `user:${account.username}`,
      reason: 'no second factor is set up',
    });
    refuse('faktor');
    return;
  }
  response.redirect(303, await enter(deps, account.username, { factor: 'none', next }, request, response));
}

/** The account of a right password; otherwise what to say. */
async function passwordOf(
  { db, box, clock, cookies, limits, log }: StaffLoginDeps,
  name: string,
  request: Request,
  response: Response,
): Promise<Account | 'ukjent' | 'sperret' | 'utlopt'> {
  const attempt: Attempt = {
    name,
    address: request.ip ?? '',
    browser: browserOf(box, name, readCookie(request.headers, cookies.known)),
  };
  const fail = async (reason: string): Promise<void> => {
    const known = await findAccount(db, name);
    await log({ type: 'login', outcome: 'failure', subject: `user:${known?.username ?? 'unknown'}`, reason });
  };
  const wait = await limits.take(attempt);
  if (wait > 0) {
    await fail('too many attempts');
    response.setHeader('Retry-After', String(wait));
    return 'sperret';
  }
  const account = await checkPassword(db, name, field(request, 'passord'), clock.now());
  if (account === undefined || account === 'late') {
    await fail(account === 'late' ? 'the first password is too old' : 'name or password');
    return account === 'late' ? 'utlopt' : 'ukjent';
  }
  await limits.reset(attempt);
  return account;
}

/** Keep the login, and go on to the second step; the code by SMS is on its way when it is the only thing there is. */
async function ask(
  { pending, step, cookies }: StaffLoginDeps,
  login: PendingLogin,
  first: string | undefined,
  response: Response,
): Promise<string> {
  const key = await pending.open(login);
  response.append('Set-Cookie', cookies.set(cookies.login, key, PENDING_MINUTES * 60));
  if (first !== 'sms') {
    return SECOND_STEP;
  }
  const found = await pending.read(key);
  const wait = found === undefined ? 0 : await step.sendCode(found);
  return withQuery(SECOND_STEP, wait > 0 ? { metode: 'sms', feil: 'mange' } : { metode: 'sms' });
}

export interface Entry {
  readonly factor: ShownFactor;
  readonly next: string | undefined;
  /** How the person has logged in, for the audit trail; absent: with the password, and the factor. */
  readonly reason?: string;
}

/**
 * A new session for the account; answers where to go. The page with the choice of role is for who has several, for who is
 * held up, and for who is to be told that the only one ends soon.
 */
export async function enter(
  { db, clock, box, sessions, secondFactor, cookies, findRoles, launches, log }: StaffLoginDeps,
  username: string,
  { factor, next, reason = factor === 'none' ? 'password' : `password, ${factor}` }: Entry,
  request: Request,
  response: Response,
): Promise<string> {
  await endCurrent(sessions, cookies, request);
  const account = await findAccount(db, username);
  const roles = await findRoles(account?.practitionerRoles ?? []);
  const only = roles.length === 1 ? roles[0] : undefined;
  const carried = readCookie(request.headers, cookies.launch);
  const launch = carried === undefined ? undefined : await launches.claim(carried);
  const token = await sessions.open('staff', {
    account: username,
    practitionerRole: only?.id,
    launch,
    factor,
    authenticated: clock.now().toISOString(),
    agent: request.headers['user-agent']?.slice(0, LONGEST_AGENT),
  });
  const known = only === undefined ? {} : { role: only };
  await log({ type: 'login', outcome: 'success', subject: `user:${username}`, reason, ...known });
  response.append('Set-Cookie', cookies.set(cookies.session, token));
  response.append('Set-Cookie', cookies.clear(cookies.launch));
  response.append('Set-Cookie', cookies.clear(cookies.login));
  response.append(
    'Set-Cookie',
    cookies.set(cookies.known, knownBrowser(box, username), KNOWN_BROWSER_SECONDS),
  );
  const hurdle = account && hurdleOf({ kind: 'staff', factor, account }, secondFactor);
  const isEnding = daysLeft(only?.until, dayInOslo(clock.now())) !== undefined;
  return only === undefined || hurdle !== undefined || isEnding
    ? withQuery(CHOOSE, { neste: next })
    : (next ?? HOME);
}

/** Show again who one is, before something that needs it (ASVS 5.0 7.5.3): the password, and what the login asks for. */
async function stepUp(deps: StaffLoginDeps, request: Request, response: Response): Promise<void> {
  const next = localPath(field(request, 'neste'));
  const session = await deps.sessionOf(request);
  if (session?.kind !== 'staff') {
    response.redirect(303, withQuery(LOGIN, { neste: next }));
    return;
  }
  const { username } = session.account;
  const account = await passwordOf(deps, username, request, response);
  if (typeof account === 'string') {
    response.redirect(303, withQuery(STEP_UP, { feil: account, neste: next }));
    return;
  }
  const methods = await deps.step.methodsOf(account);
  response.redirect(
    303,
    methods.length === 0
      ? await renew(deps, username, { factor: 'none', next }, request, response)
      : await ask(deps, { account: username, purpose: 'step-up', next }, methods[0], response),
  );
}

/** The session of the browser goes on under a new token, as of now; only if it is the same person's. */
async function renew(
  { sessions, cookies, clock, sessionOf, log }: StaffLoginDeps,
  username: string,
  { factor, next }: Entry,
  request: Request,
  response: Response,
): Promise<string> {
  const token = readCookie(request.headers, cookies.session);
  const session = await sessionOf(request);
  const rotated =
    token === undefined || session?.account.username !== username
      ? undefined
      : await sessions.rotate(token, { factor, authenticated: clock.now().toISOString() });
  response.append('Set-Cookie', cookies.clear(cookies.login));
  if (rotated === undefined) {
    return withQuery(LOGIN, { neste: next });
  }
  const reason = factor === 'none' ? 'password' : `password, ${factor}`;
  await log({ type: 'step-up', outcome: 'success', subject: `user:${username}`, reason });
  response.append('Set-Cookie', cookies.set(cookies.session, rotated));
  return next ?? HOME;
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
    role === undefined || (session.kind === 'launch' && session.practitionerRole !== undefined)
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
    role,
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
