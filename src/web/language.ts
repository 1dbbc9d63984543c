/**
 * The language that somebody reads the pages in: bokmål, until another is chosen with the switch of the frame. The choice is
 * kept in a cookie of its own, so it holds before the login, too, and after the session.
 */
import express, { Router, type Request } from 'express';
import { type CookieJar, cookieJar, readCookie } from '../smart/cookies.ts';
import { field, localPath } from '../smart/form-post.ts';
import type { Language } from '../sdc/language.ts';

export const LANGUAGES: readonly Language[] = ['nb', 'nn', 'en'];
export const LANGUAGE_ADDRESS = '/sprak';
const YEAR_SECONDS = 365 * 24 * 3600;
const NAME = 'ryggrad-language';

/** What the reader has chosen; bokmål for everything else. `Accept-Language` is not asked: registers are Norwegian. */
export function languageOf({ headers }: Pick<Request, 'headers'>): Language {
  const chosen = readCookie(headers, `__Host-${NAME}`) ?? readCookie(headers, NAME);
  return LANGUAGES.find((language) => language === chosen) ?? 'nb';
}

/** The address of the page that a request shows, to come back to; undefined for the answer to a post. */
export const pageAddress = ({ method, originalUrl }: Request): string | undefined =>
  method === 'GET' ? originalUrl : undefined;

/** The switch: remember the language, and back to the page. */
export function languageRoutes(cookies: CookieJar = cookieJar('http://localhost')): Router {
  const name = cookies.session.startsWith('__Host-') ? `__Host-${NAME}` : NAME;
  const router = Router();
  router.post(
    LANGUAGE_ADDRESS,
    express.urlencoded({ extended: false, limit: '10kb', parameterLimit: 5 }),
    (request, response) => {
      const language = LANGUAGES.find((one) => one === field(request, 'sprak')) ?? 'nb';
      response.append('Set-Cookie', cookies.set(name, language, YEAR_SECONDS));
      response.redirect(303, localPath(field(request, 'tilbake')) ?? '/');
    },
  );
  return router;
}
