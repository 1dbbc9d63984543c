/**
 * Request → Principal: a bearer token (SM-16), or the session cookie of a person at work.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Principal, StaffPrincipal } from '../access/principal.ts';
import type { Clock } from '../fhir/id.ts';
import { forbidden, unauthorized } from '../fhir/outcome.ts';
import { findClient, type OAuthClient } from './clients.ts';
import type { FindRoles, RoleAssignment, SqlClient } from './ports.ts';
import { isSameOrigin } from './same-origin.ts';
import { grantScopes } from './scope-policy.ts';
import type { StoredSession } from './sessions.ts';
import type { AccessToken, VerifyToken } from './tokens.ts';

/** What is needed of an HTTP request, whatever the framework. */
export interface IncomingRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** A live session with its account's roles as they are now. */
export interface StaffSession extends StoredSession {
  /** Every role that the account may choose. */
  readonly roles: readonly RoleAssignment[];
  /** Present once a role is chosen that the account still has. */
  readonly principal: StaffPrincipal | undefined;
}

export interface AuthenticatorOptions {
  readonly db: SqlClient;
  readonly clock: Clock;
  readonly verifyToken: VerifyToken;
  /** The session of a request's cookie. */
  readonly sessionOf: (request: IncomingRequest) => Promise<StaffSession | undefined>;
}

export type Authenticate = (request: IncomingRequest) => Promise<Principal | undefined>;

/** Value of `WWW-Authenticate`, RFC 6750 section 3. */
export const bearerChallenge = (error?: 'invalid_token' | 'insufficient_scope'): string =>
  error === undefined ? 'Bearer' : `Bearer error="${error}"`;

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const CLIENT_CACHE_SECONDS = 60;

/**
 * Who sends the request. Undefined: no credentials at all (the caller answers 401 where they are needed).
 * Throws 401 for a token that is not valid here, 403 for a change that another site's page sent with our cookie.
 */
export function authenticator({ db, clock, verifyToken, sessionOf }: AuthenticatorOptions): Authenticate {
  const clientOf = cachedClients(db, clock);

  return async (request) => {
    const { authorization } = request.headers;
    if (authorization !== undefined) {
      return principalOfToken(authorization);
    }
    const session = await sessionOf(request);
    if (session === undefined) {
      return undefined;
    }
    if (!SAFE_METHODS.has(request.method ?? 'GET') && !isSameOrigin(request.headers)) {
      throw forbidden('The request was not sent by a page of this server.', 'cross-site');
    }
    return session.principal;
  };

  async function principalOfToken(authorization: string): Promise<Principal> {
    const [, credentials] = /^Bearer ([A-Za-z0-9\-._~+/]+=*)$/i.exec(authorization) ?? [];
    const token = credentials === undefined ? undefined : await verifyToken(credentials);
    const client = token === undefined ? undefined : await clientOf(token.clientId);
    if (token === undefined || client === undefined) {
      throw unauthorized('The access token is unknown, expired or meant for another server.', {
        'WWW-Authenticate': bearerChallenge('invalid_token'),
      });
    }
    return toPrincipal(client, token);
  }
}

/** A client's registration, read again after a minute: closing a client takes effect within that. */
function cachedClients(db: SqlClient, clock: Clock): (id: string) => Promise<OAuthClient | undefined> {
  const cache = new Map<string, { readonly client: OAuthClient | undefined; readonly until: number }>();
  return async (id) => {
    const now = clock.now().getTime() / 1000;
    const cached = cache.get(id);
    if (cached !== undefined && cached.until > now) {
      return cached.client;
    }
    const client = await findClient(db, id);
    cache.set(id, { client, until: now + CLIENT_CACHE_SECONDS });
    return client;
  };
}

const toPrincipal = (client: OAuthClient, token: AccessToken): Principal =>
  clientPrincipal(client, token.scopes, token.jti);

/**
 * The client as it is registered now, for what it has asked to be told of, with those of the scopes that it may still have;
 * undefined when it is gone.
 */
export async function standingPrincipal(
  db: SqlClient,
  subject: string,
  scopes: readonly string[],
): Promise<Principal | undefined> {
  const [, id] = /^client:(.+)$/.exec(subject) ?? [];
  const client = id === undefined ? undefined : await findClient(db, id);
  const granted = client === undefined ? [] : grantScopes(scopes.join(' '), client.scopes);
  const isWithoutRegister = client?.kind === 'staff' && client.registers.length === 0;
  return client === undefined || granted.length === 0 || isWithoutRegister
    ? undefined
    : clientPrincipal(client, granted);
}

function clientPrincipal(client: OAuthClient, scopes: readonly string[], token?: string): Principal {
  const common = {
    subject: `client:${client.id}`,
    name: client.name,
    scopes,
    ...(token !== undefined && { token }),
  };
  switch (client.kind) {
    case 'ehr':
      return { ...common, kind: 'ehr', units: client.units };
    case 'analytics':
      return { ...common, kind: 'analytics', registers: client.registers };
    case 'staff':
      return staffClient(client, common);
  }
}

function staffClient(
  client: OAuthClient,
  common: Omit<StaffPrincipal, 'kind' | 'role' | 'register' | 'units'>,
) {
  const [register] = client.registers;
  if (register === undefined) {
    throw unauthorized('The client is registered for no register.', {
      'WWW-Authenticate': bearerChallenge('invalid_token'),
    });
  }
  const role = client.units.length === 0 ? 'SC' : 'LC';
  return { ...common, kind: 'staff', role, register, units: client.units } as const;
}

/** Build the function that reads a session with its roles. */
export function sessionReader(
  read: (token: string) => Promise<StoredSession | undefined>,
  tokenOf: (headers: IncomingHttpHeaders) => string | undefined,
  findRoles: FindRoles,
): (request: IncomingRequest) => Promise<StaffSession | undefined> {
  return async ({ headers }) => {
    const token = tokenOf(headers);
    const session = token === undefined ? undefined : await read(token);
    if (session === undefined) {
      return undefined;
    }
    const roles = await findRoles(session.account.practitionerRoles);
    const role = roles.find(({ id }) => id === session.practitionerRole);
    return { ...session, roles, principal: role === undefined ? undefined : toStaff(session, role) };
  };
}

function toStaff(session: StoredSession, role: RoleAssignment): StaffPrincipal {
  return {
    kind: 'staff',
    subject: `user:${session.account.username}`,
    name: session.account.name,
    scopes: ['user/*.cruds'],
    token: session.id,
    role: session.kind === 'launch' ? 'LU' : role.role,
    register: role.register,
    units: role.unit === undefined ? [] : [role.unit],
    ...(role.practitioner !== undefined && { practitioner: role.practitioner }),
    ...(session.kind === 'launch' && {
      launch: session.launch ?? '',
      ...(session.patient && { patient: session.patient }),
    }),
  };
}
