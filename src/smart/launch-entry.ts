/**
 * The end of a launch: the session that its pages have. That of the mapped account, limited to the patient; else one of whoever
 * is at work here in this browser; else after a login (AP-04).
 */
import type { Request, RequestHandler, Response } from 'express';
import { type CookieJar, readCookie } from './cookies.ts';
import type { Ehr } from './ehr.ts';
import type { EhrGrant } from './ehr-grant.ts';
import { withQuery } from './form-post.ts';
import type { LaunchContext } from './launch-context.ts';
import { LaunchFailure } from './launch-failure.ts';
import { cookieOfSpace, type LaunchSpace, newSpace, rootCookies, spaceOf } from './launch-space.ts';
import type { LaunchStore } from './launch-store.ts';
import { type FindUnitsOf, mappedUser, type MappedUser } from './launch-user.ts';
import type { FindRolesOfHpr, SecurityLog, SqlClient } from './ports.ts';
import type { IncomingRequest, StaffSession } from './principal.ts';
import type { Sessions } from './sessions.ts';

export interface LaunchEntryDeps {
  readonly db: SqlClient;
  readonly launches: LaunchStore;
  readonly sessions: Sessions;
  readonly sessionOf: (request: IncomingRequest) => Promise<StaffSession | undefined>;
  readonly cookies: CookieJar;
  readonly findRolesOfHpr: FindRolesOfHpr;
  readonly findUnitsOf: FindUnitsOf;
  readonly log: SecurityLog;
}

/** The page that shows patient and forms. */
export const LAUNCH_PAGE = '/skjema/launch';
const LOGIN = '/logg-inn';
const CHOOSE = '/velg-rolle';
/** As long as the context of a launch is kept. */
const LAUNCH_COOKIE_SECONDS = 10 * 3600;

/** A launch that the EHR has agreed to. */
export interface ArrivedLaunch {
  readonly ehr: Ehr;
  readonly grant: EhrGrant;
  readonly context: LaunchContext;
  readonly isFramed: boolean;
}

export async function enterLaunch(
  deps: LaunchEntryDeps,
  { ehr, grant, context, isFramed }: ArrivedLaunch,
  request: Request,
  response: Response,
): Promise<void> {
  const mapped = await mappedUser(deps, ehr, context.user);
  const launch = await deps.launches.finish(
    { ...context, user: { ...context.user, account: mapped?.account } },
    ehr.writeBack === undefined ? undefined : grant,
  );
  await tell(deps, ehr, context, mapped);
  const space = newSpace(ehr, isFramed);
  const put = (line: string): void => {
    response.append('Set-Cookie', cookieOfSpace(line, space, deps.cookies));
  };
  put(deps.cookies.set(deps.cookies.launch, launch, LAUNCH_COOKIE_SECONDS));
  const session =
    mapped === undefined ? await ofWhoIsHere(deps, request, launch) : await ofMapped(deps, mapped, launch);
  if (session === undefined) {
    response.redirect(303, loginOf(space));
    return;
  }
  put(deps.cookies.set(deps.cookies.session, session));
  const mustChoose = mapped !== undefined && mapped.roles.length > 1;
  response.redirect(
    303,
    `${space.root}${mustChoose ? withQuery(CHOOSE, { neste: LAUNCH_PAGE }) : LAUNCH_PAGE}`,
  );
}

function tell(
  { log }: LaunchEntryDeps,
  ehr: Ehr,
  { user }: LaunchContext,
  mapped: MappedUser | undefined,
): void | Promise<void> {
  const [role] = mapped?.roles ?? [];
  const who = mapped === undefined ? 'not mapped' : `${user.fhirUser ?? ''} by HPR number ${user.hpr ?? ''}`;
  return log({
    type: 'launch',
    outcome: 'success',
    subject: `user:${mapped?.account ?? 'unknown'}`,
    reason: `${ehr.fhirBase}, ${who}`,
    ...(role !== undefined && { role }),
  });
}

function ofMapped({ sessions }: LaunchEntryDeps, mapped: MappedUser, launch: string): Promise<string> {
  const [only, ...others] = mapped.roles;
  return sessions.open('launch', {
    account: mapped.account,
    launch,
    mappedRoles: mapped.roles.map(({ id }) => id),
    ...(others.length === 0 && { practitionerRole: only?.id }),
  });
}

/** A session beside that of somebody who is at work here, for this launch. */
async function ofWhoIsHere(
  { sessions, sessionOf }: LaunchEntryDeps,
  request: IncomingRequest,
  launch: string,
): Promise<string | undefined> {
  const current = await sessionOf(request);
  if (current?.kind !== 'staff' || current.hurdle !== undefined) {
    return undefined;
  }
  const { account, practitionerRole, authenticated, factor, agent } = current;
  return sessions.open('staff', {
    account: account.username,
    launch,
    practitionerRole,
    authenticated,
    factor,
    agent,
  });
}

/** In a tab one logs in where everybody does, with every way there is; in a frame inside of it. */
const loginOf = ({ root, isFramed }: LaunchSpace): string =>
  isFramed
    ? `${root}${withQuery(LOGIN, { neste: LAUNCH_PAGE })}`
    : withQuery(LOGIN, { neste: `${root}${LAUNCH_PAGE}` });

/** Pages of a launch that need no session. */
const OPEN = /^\/(?:logg-inn|logg-ut|sprak|web)(?:\/|\?|$)/;

/**
 * In a launch without a session: that of who has logged in meanwhile in this browser, or the page that says how to go on. Mount
 * behind `launchSpaces`.
 */
export function launchSessions(deps: LaunchEntryDeps): RequestHandler {
  return async (request, response, next) => {
    const space = spaceOf(response);
    if (space === undefined || OPEN.test(request.url) || (await deps.sessionOf(request)) !== undefined) {
      next();
      return;
    }
    const { cookies, launches } = deps;
    const carried = readCookie(request.headers, cookies.launch);
    const launch = carried === undefined ? undefined : await launches.claim(carried);
    const atRoot = { headers: { ...request.headers, cookie: rootCookies(response) } };
    const session =
      launch === undefined || request.method !== 'GET' ? undefined : await ofWhoIsHere(deps, atRoot, launch);
    if (session === undefined) {
      throw new LaunchFailure('session-ended', space.ehr, 'the session of the launch has ended');
    }
    response.append('Set-Cookie', cookies.set(cookies.session, session));
    response.redirect(303, request.originalUrl);
  };
}
