/**
 * Token introspection: https://hl7.org/fhir/smart-app-launch/STU2.2/token-introspection.html (RFC 7662)
 * Our own, because the library refuses both signed tokens and callers with a bearer token. A client may ask about its own
 * tokens; of everything else it learns only that it is not active (IN-01).
 */
import { Router, urlencoded, type NextFunction, type Request, type Response } from 'express';
import type Provider from 'oidc-provider';
import type { AppAccount } from './app-account.ts';
import { findClient } from './clients.ts';
import { findToken, type IssuedToken } from './issued-tokens.ts';
import type { SqlClient } from './ports.ts';
import type { ReadPresentedToken } from './presented-token.ts';
import { bearerChallenge } from './principal.ts';
import type { VerifyToken } from './tokens.ts';

export interface IntrospectionOptions {
  readonly path: string;
  readonly issuer: string;
  readonly db: SqlClient;
  readonly verifyToken: VerifyToken;
  readonly readToken: ReadPresentedToken;
  readonly provider: () => Provider;
  /** The person of that name with the grant of that id; undefined when either does not stand. */
  readonly findPerson: (username: string, grantId: string | undefined) => Promise<AppAccount | undefined>;
}

type Answer = Readonly<Record<string, unknown>>;

const INACTIVE: Answer = { active: false };

/** Route `POST <path>`. */
export function introspectionRouter(options: IntrospectionOptions): Router {
  const router = Router();
  router.post(
    options.path,
    urlencoded({ extended: false, limit: '20kb' }),
    async (request: Request, response: Response) => {
      response.setHeader('Cache-Control', 'no-store');
      const caller = await options.readToken(request);
      if (caller === undefined) {
        response.setHeader('WWW-Authenticate', bearerChallenge('invalid_token'));
        response.status(401).json({ error: 'invalid_token' });
        return;
      }
      const { token } = (request.body ?? {}) as { token?: unknown };
      const isText = typeof token === 'string' && !token.includes('\0');
      response.json(isText ? await describe(options, token, caller.clientId) : INACTIVE);
    },
    (cause: unknown, _request: Request, response: Response, next: NextFunction) => {
      const { status = 500 } = cause as { readonly status?: number };
      if (status >= 500 || response.headersSent) {
        next(cause);
        return;
      }
      response
        .status(status)
        .json({ error: 'invalid_request', error_description: 'the form cannot be read' });
    },
  );
  return router;
}

async function describe(options: IntrospectionOptions, token: string, clientId: string): Promise<Answer> {
  return token.split('.').length === 3
    ? describeAccess(options, token, clientId)
    : describeRefresh(options, token, clientId);
}

/** What is signed, and still in the table of those that are out. */
async function describeAccess(
  options: IntrospectionOptions,
  token: string,
  clientId: string,
): Promise<Answer> {
  const { db, issuer, verifyToken } = options;
  const verified = await verifyToken(token);
  const issued = verified === undefined ? undefined : await findToken(db, verified.jti);
  return verified === undefined || issued?.clientId !== clientId || !(await isStanding(options, issued))
    ? INACTIVE
    : {
        active: true,
        ...answer(issued, issuer),
        ...(verified.jkt === undefined
          ? { token_type: 'Bearer' }
          : { token_type: 'DPoP', cnf: { jkt: verified.jkt } }),
      };
}

const answer = (
  { scope, clientId, account, exp, jti, answer: context }: IssuedToken,
  issuer: string,
): Answer => ({
  ...context,
  scope,
  client_id: clientId,
  sub: account ?? clientId,
  exp,
  jti,
  iss: issuer,
});

/** Are client, account, role and grant still there? The resource server asks the same at every request. */
async function isStanding(
  { db, findPerson }: IntrospectionOptions,
  { clientId, account, grantId }: Pick<IssuedToken, 'clientId' | 'account' | 'grantId'>,
): Promise<boolean> {
  const client = await findClient(db, clientId);
  if (client === undefined || client.kind !== 'app') {
    return client !== undefined;
  }
  const person = account === undefined ? undefined : await findPerson(account, grantId);
  return person?.grant !== undefined && person.role !== undefined;
}

async function describeRefresh(
  options: IntrospectionOptions,
  token: string,
  clientId: string,
): Promise<Answer> {
  const { provider, issuer } = options;
  const found = await provider().RefreshToken.find(token);
  const isLive = found !== undefined && found.isValid && found.clientId === clientId;
  const grant =
    isLive && found.grantId !== undefined ? await provider().Grant.find(found.grantId) : undefined;
  const holder = { clientId, account: found?.accountId, grantId: found?.grantId };
  return grant === undefined || found === undefined || !(await isStanding(options, holder))
    ? INACTIVE
    : {
        active: true,
        scope: found.scope,
        client_id: clientId,
        sub: found.accountId,
        exp: found.exp,
        iss: issuer,
      };
}
