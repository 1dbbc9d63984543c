/**
 * The second step of a login, as posts: `/logg-inn/bekreft` (a code), `/logg-inn/sms` (send one), and the passkey's two
 * JSON calls. What is right opens the session, or renews the one that is there (step-up).
 */
import { json, Router, type Request, type Response } from 'express';
import type { CookieJar } from '../cookies.ts';
import { readCookie } from '../cookies.ts';
import { field, readForm, withQuery } from '../form-post.ts';
import type { SecurityLog } from '../ports.ts';
import type { ShownFactor } from '../sessions.ts';
import type { PendingLogins, StoredPending } from './pending-logins.ts';
import type { Method, SecondStep } from './second-step.ts';

export const SECOND_STEP = '/logg-inn/bekreft';

export interface SecondStepRouterDeps {
  readonly pending: PendingLogins;
  readonly step: SecondStep;
  readonly cookies: CookieJar;
  readonly log: SecurityLog;
  /** Opens or renews the session, sets the cookies; answers where to go. */
  readonly finish: (
    pending: StoredPending,
    factor: ShownFactor,
    request: Request,
    response: Response,
  ) => Promise<string>;
}

type Code = Exclude<Method, 'passkey'>;
const CODES: readonly string[] = ['sms', 'totp', 'recovery'] satisfies readonly Code[];

export function secondStepRouter(deps: SecondStepRouterDeps): Router {
  const router = Router();
  router.post(SECOND_STEP, readForm(), (request, response) => takeCode(deps, request, response));
  router.post('/logg-inn/sms', readForm(), (request, response) => sendCode(deps, request, response));
  router.post('/logg-inn/passnokkel/valg', (request, response) => offer(deps, request, response));
  router.post('/logg-inn/passnokkel', json({ limit: '20kb' }), (request, response) =>
    takePasskey(deps, request, response),
  );
  return router;
}

async function takeCode(deps: SecondStepRouterDeps, request: Request, response: Response): Promise<void> {
  const { pending, step, cookies, log } = deps;
  const key = readCookie(request.headers, cookies.login);
  const found = key === undefined ? undefined : await pending.read(key);
  const method = field(request, 'metode');
  if (key === undefined || found === undefined || !CODES.includes(method)) {
    response.redirect(303, withQuery('/logg-inn', { feil: 'tid' }));
    return;
  }
  const result = await step.check(found, method as Code, field(request, 'kode'));
  const closed = result === 'right' ? await pending.close(key) : undefined;
  if (closed === undefined) {
    await refuse(log, found, method);
    const feil = result === 'late' ? 'sperret' : 'kode';
    response.redirect(303, withQuery(SECOND_STEP, { metode: method, feil }));
    return;
  }
  response.redirect(303, await deps.finish(closed, method as Code, request, response));
}

async function sendCode(
  { pending, step, cookies }: SecondStepRouterDeps,
  request: Request,
  response: Response,
): Promise<void> {
  const key = readCookie(request.headers, cookies.login);
  const found = key === undefined ? undefined : await pending.read(key);
  if (found === undefined) {
    response.redirect(303, withQuery('/logg-inn', { feil: 'tid' }));
    return;
  }
  const wait = await step.sendCode(found);
  response.redirect(
    303,
    withQuery(SECOND_STEP, wait > 0 ? { metode: 'sms', feil: 'mange' } : { metode: 'sms', status: 'sendt' }),
  );
}

async function offer(
  { step, cookies }: SecondStepRouterDeps,
  request: Request,
  response: Response,
): Promise<void> {
  const key = readCookie(request.headers, cookies.login);
  const options = key === undefined ? undefined : await step.passkeyOptions(key);
  if (options === undefined) {
    response.status(404).json({});
    return;
  }
  response.json(options);
}

async function takePasskey(deps: SecondStepRouterDeps, request: Request, response: Response): Promise<void> {
  const { pending, step, cookies, log } = deps;
  const key = readCookie(request.headers, cookies.login);
  const found = key === undefined ? undefined : await pending.read(key);
  if (key === undefined || found === undefined) {
    response.status(401).json({ neste: withQuery('/logg-inn', { feil: 'tid' }) });
    return;
  }
  const isRight = await step.checkPasskey(found, request.body);
  const closed = isRight ? await pending.close(key) : undefined;
  if (closed === undefined) {
    await refuse(log, found, 'passkey');
    response.status(401).json({ neste: withQuery(SECOND_STEP, { feil: 'nokkel' }) });
    return;
  }
  response.json({ neste: await deps.finish(closed, 'passkey', request, response) });
}

const refuse = (log: SecurityLog, { account }: StoredPending, method: string): void | Promise<void> =>
  log({ type: 'login', outcome: 'failure', subject: `user:${account}`, reason: `second factor: ${method}` });
