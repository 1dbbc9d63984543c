/**
 * Every launch has pages of its own, so that several go on at once in the tabs of one browser, each with its session:
 * `/oppstart/<ehr>/<number>/…` in a tab, `/ramme/<ehr>/<number>/…` in the EHR's frame. Below that path everything is as it is
 * at the root; cookies are the launch's own. Pages in a frame may be framed by that EHR's origins, and by nobody else's; their
 * cookies are kept apart for that EHR (https://developer.mozilla.org/docs/Web/Privacy/Guides/Privacy_sandbox/Partitioned_cookies).
 */
import { randomBytes } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { CookieJar } from './cookies.ts';
import type { Ehr } from './ehr.ts';

export interface LaunchSpace {
  /** Path of everything in it, without a slash at the end. */
  readonly root: string;
  readonly ehr: Ehr;
  readonly isFramed: boolean;
}

const PATH = /^\/(oppstart|ramme)\/([a-z][a-z0-9-]*)\/([\w-]{8,40})(?=\/|\?|$)/;
/** What other systems ask for has no place in a launch. */
const ELSEWHERE = /^\/(?:auth|launch|oppstart|ramme|demo|\.well-known)(?:\/|\?|$)/;
/** Addresses that are the same in every space: they lead out of it, or are public files. */
const OUTSIDE = '(?!/|web/|fhir/|auth/|launch|oppstart/|ramme/|demo/)';

export const newSpace = (ehr: Ehr, isFramed: boolean): LaunchSpace => ({
  root: `/${isFramed ? 'ramme' : 'oppstart'}/${ehr.id}/${randomBytes(9).toString('base64url')}`,
  ehr,
  isFramed,
});

/** The space of a request; undefined at the root. */
export const spaceOf = (response: Response): LaunchSpace | undefined =>
  response.locals['launchSpace'] as LaunchSpace | undefined;

/** Does the browser show the answer inside another page? https://www.w3.org/TR/fetch-metadata/#sec-fetch-dest-header */
export const isInFrame = ({ headers }: Pick<Request, 'headers'>): boolean =>
  headers['sec-fetch-dest'] === 'iframe' || headers['sec-fetch-dest'] === 'frame';

/** HTML with its addresses below the space. React escapes `"` in texts, so that what is replaced is an attribute. */
export function rooted(html: string, response: Response): string {
  const space = spaceOf(response);
  return space === undefined
    ? html
    : html
        .replace('<html ', `<html data-root="${space.root}" `)
        .replaceAll(
          new RegExp(` (href|action|formaction|formAction)="/${OUTSIDE}`, 'g'),
          ` $1="${space.root}/`,
        );
}

/** Mount first of all: gives the handlers behind it what they would have seen at the root, and answers from the space. */
export function launchSpaces(ehrs: readonly Ehr[], cookies: CookieJar): RequestHandler {
  return (request, response, next) => {
    const [root = '', place, id] = PATH.exec(request.url) ?? [];
    const ehr = ehrs.find((one) => one.id === id);
    const rest = request.url.slice(root.length);
    if (root === '' || ehr === undefined || ELSEWHERE.test(rest)) {
      next();
      return;
    }
    enter({ root, ehr, isFramed: place === 'ramme' }, cookies, request, response);
    request.url = rest.startsWith('/') ? rest : `/${rest}`;
    request.originalUrl = request.url;
    next();
  };
}

function enter(space: LaunchSpace, cookies: CookieJar, request: Request, response: Response): void {
  response.locals['launchSpace'] = space;
  response.locals['rootCookies'] = request.headers.cookie ?? '';
  request.headers.cookie = inward(request.headers.cookie ?? '', cookies);
  beforeHeaders(response, () => {
    const location = response.getHeader('location');
    if (typeof location === 'string') {
      response.setHeader('location', location.replace(new RegExp(`^/${OUTSIDE}`), `${space.root}/`));
    }
    const set = [response.getHeader('set-cookie') ?? []].flat().map(String);
    if (set.length > 0) {
      response.setHeader(
        'set-cookie',
        set.map((line) => outward(line, space, cookies)),
      );
    }
    allowFrame(response, space);
  });
}

/** The EHR's pages may show this one, if the launch began in a frame there; nobody else's may. */
export function allowFrame(
  response: Response,
  { ehr, isFramed }: Pick<LaunchSpace, 'ehr' | 'isFramed'>,
): void {
  if (!isFramed || ehr.frameOrigins.length === 0) {
    return;
  }
  const ancestors = `frame-ancestors ${ehr.frameOrigins.join(' ')}`;
  const policy = String(response.getHeader('content-security-policy') ?? "default-src 'none'");
  response.setHeader(
    'content-security-policy',
    /frame-ancestors[^;]*/.test(policy)
      ? policy.replace(/frame-ancestors[^;]*/, ancestors)
      : `${policy}; ${ancestors}`,
  );
  response.removeHeader('x-frame-options');
}

/** Run once, right before the headers are sent. */
export function beforeHeaders(response: Response, change: () => void): void {
  const writeHead = response.writeHead.bind(response) as (...args: unknown[]) => Response;
  let isDone = false;
  response.writeHead = ((...args: unknown[]) => {
    if (!isDone) {
      isDone = true;
      change();
    }
    return writeHead(...args);
  }) as Response['writeHead'];
}

/** In a space a cookie has another name and path: those of the root come along with each request, too. */
const ownName = (name: string): string =>
  `${name.startsWith('__Host-') ? '__Secure-' : ''}o.${name.replace('__Host-', '')}`;

const managed = ({ session, launch, login, forgotten, known }: CookieJar): readonly string[] => [
  session,
  launch,
  login,
  forgotten,
  known,
];

/** What the handlers see: the launch's cookies under the names of the root's, and nothing of the root's. */
function inward(header: string, cookies: CookieJar): string {
  const names = new Map(managed(cookies).map((name) => [ownName(name), name]));
  const hidden = new Set(names.values());
  return header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => !hidden.has(pair.split('=', 1)[0] ?? ''))
    .map((pair) => {
      const [name = ''] = pair.split('=', 1);
      const inner = names.get(name);
      return inner === undefined ? pair : `${inner}${pair.slice(name.length)}`;
    })
    .join('; ');
}

/** A `Set-Cookie` of a handler, as the browser is to keep it for the space. */
function outward(line: string, space: LaunchSpace, cookies: CookieJar): string {
  const [name = ''] = line.split('=', 1);
  return managed(cookies).includes(name)
    ? placed(`${ownName(name)}${line.slice(name.length)}`, space.root, space.isFramed)
    : line;
}

/** `Set-Cookie` for one path; in a frame, for the page around it alone. Browsers take `Secure` from this machine over http, too. */
export function placed(line: string, path: string, isFramed: boolean): string {
  const moved = line.replace('Path=/;', `Path=${path};`);
  return isFramed
    ? `${moved.replace('SameSite=Lax', 'SameSite=None; Partitioned').replace('; Secure', '')}; Secure`
    : moved;
}

/** `Set-Cookie` for a space, written from outside of it. */
export const cookieOfSpace = (line: string, space: LaunchSpace, cookies: CookieJar): string =>
  outward(line, space, cookies);

/** `Cookie` as the browser sent it, the root's included. */
export const rootCookies = (response: Response): string => String(response.locals['rootCookies'] ?? '');
