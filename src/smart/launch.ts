/**
 * Launch from an EHR: `GET /launch` and `GET /launch/callback`.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
 * The EHR's user and patient prefill a form; they give no right here beyond that of the mapped account (AP-04).
 */
import { Router, type Request, type Response } from 'express';
import type { Clock } from '../fhir/id.ts';
import type { CookieJar } from './cookies.ts';
import { readCookie } from './cookies.ts';
import type { EhrClient } from './ehr-client.ts';
import type { Ehr, LaunchContext } from './launch-context.ts';
import { fetchLaunchContext } from './launch-fetch.ts';
import type { LaunchStore, PendingLaunch } from './launch-store.ts';
import type { FindRolesOfHpr, SecurityLog, SqlClient } from './ports.ts';
import type { IncomingRequest, StaffSession } from './principal.ts';
import type { Sessions } from './sessions.ts';
import { findAccountByRoles } from './accounts.ts';

export interface LaunchDeps {
  readonly db: SqlClient;
  readonly clock: Clock;
  readonly ehrs: readonly Ehr[];
  readonly client: EhrClient;
  readonly launches: LaunchStore;
  readonly sessions: Sessions;
  readonly sessionOf: (request: IncomingRequest) => Promise<StaffSession | undefined>;
  readonly cookies: CookieJar;
  readonly findRolesOfHpr: FindRolesOfHpr;
  readonly publicUrl: string;
  readonly log: SecurityLog;
}

/** The page that shows the prefilled form. */
const LAUNCH_PAGE = '/skjema/launch';
const LAUNCH_COOKIE_SECONDS = 1800;

const MESSAGES = {
  'unknown-ehr': 'Dette journalsystemet er ikke registrert her. Ingen forespørsel er sendt til det.',
  'ehr-silent': 'Journalsystemet svarte ikke som ventet. Prøv å åpne skjemaet fra journalen på nytt.',
  'no-launch': 'Oppstarten er utløpt eller tilhører en annen nettleser. Åpne skjemaet fra journalen på nytt.',
  refused:
    'Journalsystemet ga ikke tilgang, eller svaret lot seg ikke bekrefte. Åpne skjemaet fra journalen på nytt.',
  'no-patient': 'Journalsystemet oppga ingen pasient. Velg en pasient i journalen, og åpne skjemaet derfra.',
} as const;

export function launchRouter(deps: LaunchDeps): Router {
  const router = Router();
  router.use('/launch', (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  router.get('/launch', (request, response) => begin(deps, request, response));
  router.get('/launch/callback', (request, response) => finish(deps, request, response));
  return router;
}

/** AP-01: the allow-list is asked before anything is sent anywhere. */
async function begin(deps: LaunchDeps, request: Request, response: Response): Promise<void> {
  const ehr = deps.ehrs.find(({ fhirBase }) => fhirBase === request.query.iss);
  const launch = typeof request.query.launch === 'string' ? request.query.launch : undefined;
  if (ehr === undefined) {
    await refuse(deps, response, 'unknown-ehr', 'unknown', 'iss is not in the allow-list');
    return;
  }
  try {
    const { url, pending } = await deps.client.authorize(ehr, launch);
    const key = await deps.launches.begin(pending);
    response.append('Set-Cookie', deps.cookies.set(deps.cookies.launch, key, LAUNCH_COOKIE_SECONDS));
    response.redirect(302, url.href);
  } catch (cause) {
    await refuse(deps, response, 'ehr-silent', ehr.fhirBase, String(cause));
  }
}

async function finish(deps: LaunchDeps, request: Request, response: Response): Promise<void> {
  const key = readCookie(request.headers, deps.cookies.launch);
  const pending = key === undefined ? undefined : await deps.launches.take(key);
  const ehr = deps.ehrs.find(({ fhirBase }) => fhirBase === pending?.fhirBase);
  if (pending === undefined || ehr === undefined) {
    await refuse(deps, response, 'no-launch', 'unknown', 'no launch is pending in this browser');
    return;
  }
  const context = await receive(deps, ehr, pending, new URL(request.originalUrl, `${deps.publicUrl}/`));
  if ('failure' in context) {
    await refuse(deps, response, context.failure, ehr.fhirBase, context.reason);
    return;
  }
  await enter(deps, ehr, context, request, response);
}

async function receive(
  { client, clock }: LaunchDeps,
  ehr: Ehr,
  pending: PendingLaunch,
  callback: URL,
): Promise<LaunchContext | { readonly failure: keyof typeof MESSAGES; readonly reason: string }> {
  try {
    const grant = await client.exchange(ehr, pending, callback);
    const context = await fetchLaunchContext(ehr, grant, clock.now());
    return context ?? { failure: 'no-patient', reason: 'no patient was granted, or it could not be read' };
  } catch (cause) {
    return { failure: 'refused', reason: reasonOf(cause) };
  }
}

/**
 * Mapped user: a session of that account, limited to this patient. Somebody already at work here: their session carries
 * the launch. Otherwise: log in first.
 */
async function enter(
  deps: LaunchDeps,
  ehr: Ehr,
  fetched: LaunchContext,
  request: Request,
  response: Response,
) {
  const { launches, sessions, cookies, log } = deps;
  const mapped = await mappedRole(deps, ehr, fetched);
  const launch = await launches.finish({ ...fetched, user: { ...fetched.user, account: mapped?.account } });
  const subject = `user:${mapped?.account ?? 'unknown'}`;
  await log({ type: 'launch', outcome: 'success', subject, reason: ehr.fhirBase });

  const token = readCookie(request.headers, cookies.session);
  const session =
    mapped === undefined
      ? await carry(deps, request, token, launch)
      : await replace(sessions, token, mapped, launch);
  if (session === undefined) {
    response.append('Set-Cookie', cookies.set(cookies.launch, launch, LAUNCH_COOKIE_SECONDS));
    response.redirect(303, `/logg-inn?${new URLSearchParams({ neste: LAUNCH_PAGE })}`);
    return;
  }
  response.append('Set-Cookie', cookies.set(cookies.session, session));
  response.append('Set-Cookie', cookies.clear(cookies.launch));
  response.redirect(303, LAUNCH_PAGE);
}

async function replace(
  sessions: Sessions,
  token: string | undefined,
  mapped: { readonly account: string; readonly practitionerRole: string },
  launch: string,
): Promise<string> {
  if (token !== undefined) {
    await sessions.end(token);
  }
  return sessions.open('launch', { ...mapped, launch });
}

async function carry(
  { sessions, sessionOf }: LaunchDeps,
  request: Request,
  token: string | undefined,
  launch: string,
): Promise<string | undefined> {
  const current = await sessionOf(request);
  return token === undefined || current?.kind !== 'staff' ? undefined : sessions.rotate(token, { launch });
}

/** AP-04: the EHR's user by HPR number → the role in the EHR's register, and the account that has it. */
async function mappedRole(
  { db, findRolesOfHpr }: LaunchDeps,
  ehr: Ehr,
  { user }: LaunchContext,
): Promise<{ readonly account: string; readonly practitionerRole: string } | undefined> {
  const roles = user.hpr === undefined ? [] : await findRolesOfHpr(user.hpr);
  const role = roles.find(({ register, unit }) => register === ehr.register && unit !== undefined);
  const account = role === undefined ? undefined : await findAccountByRoles(db, [role.id]);
  return role === undefined || account === undefined
    ? undefined
    : { account: account.username, practitionerRole: role.id };
}

async function refuse(
  { log }: LaunchDeps,
  response: Response,
  message: keyof typeof MESSAGES,
  subject: string,
  reason: string,
): Promise<void> {
  await log({ type: 'launch-refused', outcome: 'failure', subject, reason });
  response
    .status(message === 'ehr-silent' ? 502 : 400)
    .type('text/plain; charset=utf-8')
    .send(MESSAGES[message]);
}

/** Name and code of the failed check; never the message, which may quote a token. */
function reasonOf(cause: unknown): string {
  const { name, code, error } = cause as { name?: string; code?: string; error?: string };
  return [name, code, error].filter((part) => typeof part === 'string').join(' ');
}
