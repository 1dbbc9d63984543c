/**
 * Headers that every answer starts with (LM-05). They allow nothing: no cache keeps the answer, no page frames it, nothing in
 * it runs. A route that serves pages or public files says what it allows; a route that forgets to, errs on the safe side.
 * https://owasp.org/www-project-secure-headers/
 */
import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** What a browser may do with an answer of the API: show it, by itself; also a file that somebody stored. */
export const API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Answers that are the same for everybody and tell of nobody. */
const PUBLIC = /^\/auth\/jwks$/;

export function answerHeaders(publicUrl: string): RequestHandler {
  const safe = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        // named, so that the authorisation server can add the one script of `response_mode=form_post`
        'script-src': ["'none'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    frameguard: { action: 'deny' },
    hsts: publicUrl.startsWith('https:'),
  });
  return (request, response, next) => {
    response.set({
      'Cache-Control': PUBLIC.test(request.path) ? 'public, max-age=300' : 'no-store',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    });
    safe(request, response, next);
  };
}
