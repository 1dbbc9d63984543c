/**
 * Who may open a page about accounts: a person who is logged in; one who has lately shown who they are; a coordinator.
 */
import type { Request, Response } from 'express';
import type { StaffPrincipal } from '../../access/principal.ts';
import { forbidden } from '../../fhir/outcome.ts';
import type { StaffSession } from '../../smart/principal.ts';
import { loginHref, withStaff } from '../respond.tsx';
import type { AccountDeps } from './account-deps.ts';

/** Ways in, and other people's accounts, are changed by those who showed who they are so long ago (ASVS 5.0 7.5.3). */
const FRESH_MS = 5 * 60_000;

/** One's own pages: also before a role is chosen, never in a session that an EHR opened. */
export async function withSession(
  { smart }: AccountDeps,
  request: Request,
  response: Response,
  run: (session: StaffSession) => Promise<void>,
): Promise<void> {
  const session = await smart.sessionOf(request);
  if (session === undefined) {
    response.redirect(303, loginHref(request));
    return;
  }
  if (session.kind !== 'staff') {
    throw forbidden('A session that an EHR has opened has no pages about the account.', 'launch-session');
  }
  await run(session);
}

/** The same, and the person has shown within five minutes who they are; else they are asked to, and come back. */
export function withFreshSession(
  deps: AccountDeps,
  request: Request,
  response: Response,
  run: (session: StaffSession) => Promise<void>,
): Promise<void> {
  return withSession(deps, request, response, async (session) => {
    if (isFresh(session, deps.people.clock.now())) {
      await run(session);
      return;
    }
    response.redirect(303, stepUpHref(request));
  });
}

/** User administration: LC or SC, fresh. Throws 403 for others. */
export function withCoordinator(
  deps: AccountDeps,
  request: Request,
  response: Response,
  run: (principal: StaffPrincipal) => Promise<void>,
): Promise<void> {
  return withStaff(deps.web, request, response, async (principal) => {
    if (principal.role === 'LU' || principal.launch !== undefined) {
      throw forbidden('Accounts are the business of coordinators (LC, SC).', 'not-coordinator');
    }
    await withFreshSession(deps, request, response, () => run(principal));
  });
}

const isFresh = ({ authenticated }: StaffSession, now: Date): boolean =>
  authenticated !== undefined && now.getTime() - Date.parse(authenticated) < FRESH_MS;

/** Pages that forms are sent from, by the beginning of where they are sent to. The browser sends no `Referer`. */
const PAGES: readonly RegExp[] = [
  /^\/brukere\/soknader\/[^/]+/,
  /^\/brukere\/meldinger/,
  /^\/brukere/,
  /^\/min-side\/(?:app|mobil|epost)/,
];

/** Back to the page itself, or to the one that a form was sent from. */
function stepUpHref({ method, originalUrl, path }: Request): string {
  const page = PAGES.map((one) => one.exec(path)?.[0]).find((found) => found !== undefined);
  const from = method === 'GET' ? originalUrl : (page ?? '/min-side');
  return `/bekreft-deg?${new URLSearchParams({ neste: from })}`;
}
