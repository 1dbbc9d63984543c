/**
 * Token introspection: https://hl7.org/fhir/smart-app-launch/STU2.2/token-introspection.html (RFC 7662)
 * Our own, because the library refuses both JWT tokens and callers with a bearer token. A client may ask about its own
 * tokens; of everything else it learns only that it is not active (IN-01).
 */
import { Router, urlencoded, type Request, type Response } from 'express';
import { bearerChallenge } from './principal.ts';
import type { VerifyToken } from './tokens.ts';

/** Route `POST <path>`. */
export function introspectionRouter(path: string, issuer: string, verifyToken: VerifyToken): Router {
  const router = Router();
  router.post(
    path,
    urlencoded({ extended: false, limit: '20kb' }),
    async (request: Request, response: Response) => {
      response.setHeader('Cache-Control', 'no-store');
      const caller = await verifyToken(
        /^Bearer (\S+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '',
      );
      if (caller === undefined) {
        response.setHeader('WWW-Authenticate', bearerChallenge('invalid_token'));
        response.status(401).json({ error: 'invalid_token' });
        return;
      }
      const { token } = (request.body ?? {}) as { token?: unknown };
      const subject = typeof token === 'string' ? await verifyToken(token) : undefined;
      if (subject === undefined || subject.clientId !== caller.clientId) {
        response.json({ active: false });
        return;
      }
      const { clientId, scopes, exp, jti } = subject;
      response.json({
        active: true,
        scope: scopes.join(' '),
        client_id: clientId,
        sub: clientId,
        exp,
        jti,
        iss: issuer,
        token_type: 'Bearer',
      });
    },
  );
  return router;
}
