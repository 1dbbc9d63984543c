/**
 * Staff who log in at an external issuer: `GET /logg-inn/med/:issuer` and the way back. Our directory of accounts decides
 * who gets in; the issuer says who it is. A login that ends nowhere ends on the page `/logg-inn/stans`.
 */
import { Router, type Request, type Response } from 'express';
import type { Account } from '../accounts.ts';
import { type CookieJar, readCookie } from '../cookies.ts';
import type { KeptOnce } from '../keep-once.ts';
import type { SecurityLog } from '../ports.ts';
import { localPath } from '../form-post.ts';
import type { Identities } from './identities.ts';
import { type Claims, isStrong, type Issuer } from './issuer.ts';
import type { LoginClient, PendingLogin } from './login-client.ts';

/** One issuer that people log in at. */
export interface LoginDoor {
  readonly issuer: Issuer;
  readonly client: LoginClient;
}

export interface IssuerLoginDeps {
  readonly doors: readonly LoginDoor[];
  readonly pending: KeptOnce<PendingLogin>;
  readonly identities: Identities;
  readonly cookies: CookieJar;
  readonly publicUrl: string;
  readonly log: SecurityLog;
  /** Open the session of somebody who has proven who they are, and send them on. */
  readonly enter: (request: Request, response: Response, entry: Entry) => Promise<void>;
}

export interface Entry {
  readonly account: Account;
  readonly next: string | undefined;
  /** How they have logged in, for the audit trail. */
  readonly reason: string;
}

/** Why a login ended on the page `/logg-inn/stans`. */
export type StopReason = 'konto' | 'niva' | 'svar' | 'utilgjengelig';

const BASE = '/logg-inn/med';
const PENDING_SECONDS = 600;
export const PENDING_LOGIN = { model: 'PendingIssuerLogin', seconds: PENDING_SECONDS } as const;

/** The name of the cookie that holds a login under way. */
const pendingCookie = ({ session }: CookieJar): string => `${session}-issuer`;

export const loginAddress = (issuer: string): string => `${BASE}/${issuer}`;
export const returnAddress = (issuer: string): string => `${BASE}/${issuer}/retur`;

export function issuerLoginRouter(deps: IssuerLoginDeps): Router {
  const router = Router();
  router.use(BASE, (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  for (const door of deps.doors) {
    router.get(loginAddress(door.issuer.id), (request, response) => begin(deps, door, request, response));
    router.get(returnAddress(door.issuer.id), (request, response) => finish(deps, door, request, response));
  }
  return router;
}

async function begin(
  deps: IssuerLoginDeps,
  door: LoginDoor,
  request: Request,
  response: Response,
): Promise<void> {
  const { cookies, pending } = deps;
  const next = localPath(typeof request.query['neste'] === 'string' ? request.query['neste'] : '');
  try {
    const begun = await door.client.begin();
    const key = await pending.put({ ...begun.pending, next });
    response.append('Set-Cookie', cookies.set(pendingCookie(cookies), key, PENDING_SECONDS));
    response.redirect(302, begun.url.href);
  } catch (cause) {
    await stop(deps, door, response, 'utilgjengelig', reasonOf(cause));
  }
}

async function finish(
  deps: IssuerLoginDeps,
  door: LoginDoor,
  request: Request,
  response: Response,
): Promise<void> {
  const { cookies, publicUrl, pending } = deps;
  const key = readCookie(request.headers, pendingCookie(cookies));
  const begun = key === undefined ? undefined : await pending.take(key);
  response.append('Set-Cookie', cookies.clear(pendingCookie(cookies)));
  if (begun?.issuer !== door.issuer.id) {
    await stop(deps, door, response, 'svar', 'no login is under way in this browser');
    return;
  }
  try {
    const claims = await door.client.finish(begun, new URL(request.originalUrl, `${publicUrl}/`));
    await admit(deps, door, claims, begun.next, request, response);
  } catch (cause) {
    await stop(deps, door, response, 'svar', reasonOf(cause));
  }
}

async function admit(
  deps: IssuerLoginDeps,
  door: LoginDoor,
  claims: Claims,
  next: string | undefined,
  request: Request,
  response: Response,
): Promise<void> {
  const { issuer } = door;
  if (!isStrong(issuer, claims)) {
    await stop(deps, door, response, 'niva', 'not authenticated strongly enough');
    return;
  }
  const account = await accountOf(deps, issuer, claims);
  if (account === undefined) {
    await stop(deps, door, response, 'konto', 'the person has no open account');
    return;
  }
  await deps.enter(request, response, { account, next, reason: issuer.id });
}

/** Linked before; or found by number, and linked from now on. */
async function accountOf(
  { identities, log }: IssuerLoginDeps,
  issuer: Issuer,
  claims: Claims,
): Promise<Account | undefined> {
  const linked = await identities.linked(issuer, claims);
  if (linked !== undefined) {
    return linked;
  }
  const account = await identities.match(issuer, claims);
  if (account === undefined || !(await identities.link(issuer, claims, account.username))) {
    return undefined;
  }
  const subject = `user:${account.username}`;
  await log({ type: 'identity-linked', outcome: 'success', subject, reason: issuer.id });
  return account;
}

async function stop(
  { log }: IssuerLoginDeps,
  { issuer }: LoginDoor,
  response: Response,
  why: StopReason,
  reason: string,
): Promise<void> {
  await log({ type: 'login', outcome: 'failure', subject: `issuer:${issuer.id}`, reason });
  response.redirect(303, `/logg-inn/stans?${new URLSearchParams({ grunn: why, hos: issuer.name })}`);
}

/** Name and code of the failed check; never the message, which may quote a token. */
function reasonOf(cause: unknown): string {
  const { name, code, error } = cause as { name?: string; code?: string; error?: string };
  return [name, code, error].filter((part) => typeof part === 'string').join(' ');
}
