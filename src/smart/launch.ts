/**
 * Launch from an EHR, and with one that the user has picked: `GET /launch` and `GET /launch/callback`.
 * https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
 * The EHR's user and patient prefill a form; they give no right here beyond that of the mapped account (AP-04).
 * What fails is thrown as a LaunchFailure, with the page's headers set.
 */
import { hash } from 'node:crypto';
import { Router, type Request, type Response } from 'express';
import type { Clock } from '../fhir/id.ts';
import type { CookieJar } from './cookies.ts';
import { readCookie } from './cookies.ts';
import type { Ehr } from './ehr.ts';
import type { EhrClient } from './ehr-client.ts';
import { enterLaunch, type LaunchEntryDeps } from './launch-entry.ts';
import { LaunchFailure } from './launch-failure.ts';
import { fetchLaunchContext } from './launch-fetch.ts';
import { allowFrame, beforeHeaders, isInFrame, placed } from './launch-space.ts';

export interface LaunchDeps extends LaunchEntryDeps {
  readonly clock: Clock;
  readonly ehrs: readonly Ehr[];
  readonly client: EhrClient;
  readonly publicUrl: string;
}

/** The page where the user picks an EHR (AP-03). */
export const PICK_PAGE = '/fra-journal';
const PENDING_SECONDS = 600;

export function launchRouter(deps: LaunchDeps): Router {
  const router = Router();
  router.use('/launch', (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  const told = (handler: typeof begin) => async (request: Request, response: Response) => {
    try {
      await handler(deps, request, response);
    } catch (cause) {
      throw await refused(deps, cause);
    }
  };
  router.get('/launch', told(begin));
  router.get('/launch/callback', told(finish));
  return router;
}

/** AP-01: the settings are asked before anything is sent anywhere. */
async function begin(deps: LaunchDeps, request: Request, response: Response): Promise<void> {
  const { iss } = request.query;
  const launch = typeof request.query.launch === 'string' ? request.query.launch : undefined;
  if (iss === undefined && launch === undefined) {
    response.redirect(303, PICK_PAGE);
    return;
  }
  const ehr = deps.ehrs.find(({ fhirBase }) => fhirBase === iss);
  if (ehr === undefined) {
    throw new LaunchFailure('unknown-ehr', undefined, 'iss is not one of the EHRs of the settings');
  }
  const isFramed = mayFrame(ehr, request, response);
  const { url, asked } = await deps.client.authorize(ehr, launch);
  const key = await deps.launches.begin({ ...asked, isFramed });
  const line = deps.cookies.set(nameOf(deps.cookies, asked.state), key, PENDING_SECONDS);
  response.append('Set-Cookie', placed(line, '/launch', isFramed));
  response.redirect(302, url.href);
}

async function finish(deps: LaunchDeps, request: Request, response: Response): Promise<void> {
  const { iss, state } = request.query;
  mayFrame(
    deps.ehrs.find(({ fhirBase }) => fhirBase === iss),
    request,
    response,
  );
  const name = typeof state === 'string' ? nameOf(deps.cookies, state) : undefined;
  const key = name === undefined ? undefined : readCookie(request.headers, name);
  const pending = key === undefined ? undefined : await deps.launches.take(key);
  const ehr = deps.ehrs.find(({ fhirBase }) => fhirBase === pending?.fhirBase);
  if (name === undefined || pending === undefined || ehr === undefined) {
    throw new LaunchFailure('expired', undefined, 'no such launch is under way in this browser');
  }
  const isFramed = pending.isFramed === true && mayFrame(ehr, request, response);
  response.append('Set-Cookie', placed(deps.cookies.clear(name), '/launch', isFramed));
  const callback = new URL(request.originalUrl, `${deps.publicUrl}/`);
  const grant = await deps.client.exchange(ehr, pending, callback);
  const context = await fetchLaunchContext(ehr, grant, deps.clock.now());
  await enterLaunch(deps, { ehr, grant, context, isFramed }, request, response);
}

/** One cookie for each launch under way: several begin at once in the tabs of a browser. */
function nameOf({ launch }: CookieJar, state: string): string {
  const bare = launch.startsWith('__Host-') ? launch.replace('__Host-', '__Secure-') : launch;
  return `${bare}-${hash('sha256', state, 'base64url').slice(0, 12)}`;
}

/** Is it in a frame of that EHR, which may have it? Whatever becomes of it then, the frame shows it. */
function mayFrame(ehr: Ehr | undefined, request: Request, response: Response): boolean {
  if (ehr === undefined || ehr.frameOrigins.length === 0 || !isInFrame(request)) {
    return false;
  }
  beforeHeaders(response, () => allowFrame(response, { ehr, isFramed: true }));
  return true;
}

/** The audit trail knows why; the user is told what to do. */
async function refused({ log }: LaunchDeps, cause: unknown): Promise<unknown> {
  if (cause instanceof LaunchFailure) {
    const subject = cause.ehr?.fhirBase ?? 'unknown';
    const reason = `${cause.kind}: ${cause.message}`;
    await log({ type: 'launch-refused', outcome: 'failure', subject, reason });
  }
  return cause;
}
