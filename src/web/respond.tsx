/**
 * Answering with a page: whole documents, errors in words, and the way to the login.
 */
import type { Request, Response } from 'express';
import { renderToStaticMarkup } from 'react-dom/server';
import type { StaffPrincipal } from '../access/principal.ts';
import { FhirError } from '../fhir/outcome.ts';
import type { Language } from '../sdc/language.ts';
import { VersionConflict, type WebDeps } from './deps.ts';
import { PAGE_HEADERS } from './headers.ts';
import { languageOf } from './language.ts';
import { LaunchFailure } from '../smart/launch-failure.ts';
import { isInFrame, rooted, spaceOf } from '../smart/launch-space.ts';
import { ErrorPage } from './pages/error.tsx';
import { LaunchFailurePage } from './pages/launch-failure.tsx';
import { launchTexts } from './ui/launch-texts.ts';
import { pageTexts } from './ui/page-texts.ts';
import { ruleText } from './ui/rule-texts.ts';
import { Shell, type ShellProps } from './ui/shell.tsx';

export type PageProps = Omit<ShellProps, 'assets'> & { readonly status?: number };

/** Draw a page, and send it when the audit trail knows what is on it. */
export function sendPage(deps: WebDeps, response: Response, page: PageProps): void {
  const html = rooted(drawn(deps, page), response);
  sendSettled(deps, response, () => {
    response
      .status(page.status ?? 200)
      .type('html')
      .send(html);
  });
}

/** Send when the audit trail knows what the request was shown; when it cannot be told, nothing is shown. */
export function sendSettled(deps: WebDeps, response: Response, send: () => void): void {
  if (deps.settle === undefined) {
    send();
    return;
  }
  deps.settle().then(send, (cause: unknown) => {
    response.locals['error'] = cause;
    const lang = languageOf(response.req);
    const frame = { lang, isDemo: false } as const;
    const children = <ErrorPage status={500} requestId={requestIdOf(response, 500)} />;
    const title = pageTexts[lang]['error-500'];
    response
      .status(500)
      .type('html')
      .send(rooted(drawn(deps, { frame, title, width: 'narrow', children }), response));
  });
}

function drawn({ assets }: WebDeps, { status: _status, ...props }: PageProps): string {
  return `<!doctype html>${renderToStaticMarkup(<Shell {...props} assets={assets} />)}`;
}

/** Send what went wrong: a status, or an error of the system. What is not meant for users stays in the log. */
export async function sendError(
  deps: WebDeps,
  request: Request,
  response: Response,
  error: unknown,
): Promise<void> {
  if (error instanceof LaunchFailure) {
    sendLaunchFailure(deps, request, response, error);
    return;
  }
  const status = statusOf(error);
  const frame = await deps
    .sessionOf(request)
    .then((principal) => deps.frame(request, principal))
    .catch(() => ({ lang: languageOf(request), isDemo: false }));
  const t = pageTexts[frame.lang];
  if (status >= 500) {
    response.locals['error'] = error;
  }
  response.set(PAGE_HEADERS);
  sendPage(deps, response, {
    frame,
    status,
    title: t[status === 404 ? 'error-404' : 'error-500'],
    width: 'narrow',
    children: (
      <ErrorPage
        status={status}
        message={messageOf(error, frame.lang)}
        requestId={requestIdOf(response, status)}
      />
    ),
  });
}

/** Why a launch from an EHR did not lead in, and what to do. Nobody is logged in on this page. */
function sendLaunchFailure(
  deps: WebDeps,
  request: Request,
  response: Response,
  failure: LaunchFailure,
): void {
  const lang = languageOf(request);
  const space = spaceOf(response);
  const isFramed = space?.isFramed ?? isInFrame(request);
  // the ways on lead out of the launch, which is over
  delete response.locals['launchSpace'];
  response.set(PAGE_HEADERS);
  sendPage(deps, response, {
    frame: { lang, isDemo: false },
    status: failure.status,
    title: launchTexts[lang].failures[failure.kind].title,
    width: 'narrow',
    children: <LaunchFailurePage kind={failure.kind} ehr={failure.ehr?.name[lang]} isFramed={isFramed} />,
  });
}

function statusOf(error: unknown): number {
  if (typeof error === 'number') {
    return error;
  }
  if (error instanceof VersionConflict) {
    return 412;
  }
  if (error instanceof FhirError) {
    return error.status;
  }
  const status = (error as { status?: unknown } | undefined)?.status;
  return typeof status === 'number' && status >= 400 && status < 500 ? 400 : 500;
}

/** Rules of a register are written for users; other errors are told by their kind alone. */
const messageOf = (error: unknown, lang: Language): string | undefined =>
  error instanceof FhirError && (error.status === 409 || error.status === 422)
    ? error.issues.map(({ rule = '', diagnostics }) => ruleText(lang, rule) ?? diagnostics).join(' ')
    : undefined;

const requestIdOf = (response: Response, status: number): string | undefined =>
  status >= 500 ? (response.locals['requestId'] as string | undefined) : undefined;

/**
 * Run with the person behind the request and what the pages need for this request alone; without a person, send to the
 * login, and back here afterwards.
 */
export async function withStaff(
  deps: WebDeps,
  request: Request,
  response: Response,
  run: (principal: StaffPrincipal, deps: WebDeps) => Promise<void>,
): Promise<void> {
  const principal = await deps.sessionOf(request);
  if (principal !== undefined) {
    await visiting(deps, response, principal, (own) => run(principal, own));
    return;
  }
  const isLoggedIn = (await deps.roles(request)) !== undefined;
  response.redirect(303, isLoggedIn ? `/velg-rolle?${nextOf(request)}` : loginHref(request));
}

/** Whatever way the work ends, the audit trail knows at the end what was shown on it. */
export async function visiting(
  deps: WebDeps,
  response: Response,
  principal: StaffPrincipal,
  run: (deps: WebDeps) => Promise<void>,
): Promise<void> {
  const requestId = response.locals['requestId'] as string | undefined;
  const own = deps.forRequest?.(requestId ?? '', principal, languageOf(response.req)) ?? deps;
  try {
    await run(own);
  } finally {
    await own.settle?.();
  }
}

/** The login, and the way back to the page that was asked for. */
export const loginHref = (request: Request): string => `/logg-inn?${nextOf(request)}`;

const nextOf = (request: Request): string =>
  new URLSearchParams({ neste: request.method === 'GET' ? request.originalUrl : '/' }).toString();

/** A path on this server; undefined for anything that could lead elsewhere. */
export const localPath = (path: string | undefined): string | undefined =>
  path !== undefined && /^\/(?![/\\])[^\s\\]*$/.test(path) ? path : undefined;
