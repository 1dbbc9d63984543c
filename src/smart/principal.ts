/**
 * Request → Principal: a bearer token (SM-16), or the session cookie of a person at work.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Principal, StaffPrincipal } from '../access/principal.ts';
import type { Clock } from '../fhir/id.ts';
import { forbidden, unauthorized } from '../fhir/outcome.ts';
import type { AppAccount } from './app-account.ts';
import { appPrincipal } from './app-principal.ts';
import { findClient, type OAuthClient } from './clients.ts';
import type { FindRoles, RoleAssignment, SqlClient } from './ports.ts';
import { isSameOrigin } from './same-origin.ts';
import { grantScopes } from './scope-policy.ts';
import { launchId } from './launch-store.ts';
import type { StoredSession } from './sessions.ts';
import type { ReadPresentedToken } from './presented-token.ts';
import type { AccessToken } from './tokens.ts';

/** What is needed of an HTTP request, whatever the framework. */
export interface IncomingRequest {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Path and query as the client wrote them. */
  readonly originalUrl?: string | undefined;
}

/** A live session with its account's roles as they are now. */
export interface StaffSession extends StoredSession {
  /** Every role that the account may choose. */
  readonly roles: readonly RoleAssignment[];
  /** Present once a role is chosen that the account still has, and nothing is in the way. */
  readonly principal: StaffPrincipal | undefined;
  /** What must be done first: choose a password of one's own, or have a second factor. */
  readonly hurdle: Hurdle | undefined;
}

export type Hurdle = 'password' | 'factor';

export interface AuthenticatorOptions {
  readonly db: SqlClient;
  readonly clock: Clock;
  readonly readToken: ReadPresentedToken;
  /** The person of that name with the grant of that id; undefined when either does not stand. */
  readonly findPerson: (username: string, grantId: string | undefined) => Promise<AppAccount | undefined>;
  /** The session of a request's cookie. */
  readonly sessionOf: (request: IncomingRequest) => Promise<StaffSession | undefined>;
}

export type Authenticate = (request: IncomingRequest) => Promise<Principal | undefined>;

/** Value of `WWW-Authenticate`, RFC 6750 section 3; tokens that are bound to a key are refused in the same words. */
export const bearerChallenge = (error?: 'invalid_token' | 'insufficient_scope'): string =>
  error === undefined ? 'Bearer' : `Bearer error="${error}"`;

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const CLIENT_CACHE_SECONDS = 60;

/**
 * Who sends the request. Undefined: no credentials at all (the caller answers 401 where they are needed).
 * Throws 401 for a token that is not valid here, 403 for a change that another site's page sent with our cookie.
 */
export function authenticator(options: AuthenticatorOptions): Authenticate {
  const { db, clock, readToken, findPerson, sessionOf } = options;
  const clientOf = cachedClients(db, clock);

  return async (request) => {
    if (request.headers.authorization !== undefined) {
      return principalOfToken(request);
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

  async function principalOfToken(request: IncomingRequest): Promise<Principal> {
    const token = await readToken(request);
    const client = token === undefined ? undefined : await clientOf(token.clientId);
    const principal =
      token === undefined || client === undefined ? undefined : await toPrincipal(client, token);
    if (principal === undefined) {
      throw unauthorized('The access token is unknown, expired or meant for another server.', {
        'WWW-Authenticate': bearerChallenge('invalid_token'),
      });
    }
    return principal;
  }

  async function toPrincipal(client: OAuthClient, token: AccessToken): Promise<Principal | undefined> {
    return client.kind === 'app'
      ? appPrincipal(client, token, await findPerson(token.subject, token.grant))
      : clientPrincipal(client, token.scopes, token.jti);
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
  // no scope is none: a request without any text would be for all that is registered
  const granted =
    client === undefined || scopes.length === 0 ? [] : grantScopes(scopes.join(' '), client.scopes);
  const isWithoutRegister = client?.kind === 'staff' && client.registers.length === 0;
  return client === undefined || granted.length === 0 || isWithoutRegister
    ? undefined
    : clientPrincipal(client, granted);
}

/** Undefined for an app: it acts for people, never for itself. */
function clientPrincipal(
  client: OAuthClient,
  scopes: readonly string[],
  token?: string,
): Principal | undefined {
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
      return {
        ...common,
        kind: 'analytics',
        registers: client.registers,
        ...(client.purpose !== undefined && { purpose: client.purpose }),
      };
    case 'staff':
      return staffClient(client, common);
    case 'app':
      return undefined;
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
  secondFactor: 'required' | 'optional',
): (request: IncomingRequest) => Promise<StaffSession | undefined> {
  return async ({ headers }) => {
    const token = tokenOf(headers);
    const session = token === undefined ? undefined : await read(token);
    if (session === undefined) {
      return undefined;
    }
    const roles = (await findRoles(session.account.practitionerRoles)).filter(
      ({ id }) => session.mappedRoles?.includes(id) ?? true,
    );
    const role = roles.find(({ id }) => id === session.practitionerRole);
    const hurdle = hurdleOf(session, secondFactor);
    const isOpen = role !== undefined && hurdle === undefined;
    return { ...session, roles, hurdle, principal: isOpen ? toStaff(session, role) : undefined };
  };
}

/**
 * What must be done first. The EHR has vouched for the person of a launch session, an external issuer for one who has
 * logged in there.
 */
export function hurdleOf(
  session: Pick<StoredSession, 'kind' | 'factor' | 'account'>,
  secondFactor: 'required' | 'optional',
): Hurdle | undefined {
  if (session.kind === 'launch' || session.factor === 'issuer') {
    return undefined;
  }
  const isWithoutFactor = session.factor === undefined || session.factor === 'none';
  if (secondFactor === 'required' && isWithoutFactor) {
    return 'factor';
  }
  return session.account.mustChangePassword ? 'password' : undefined;
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
    ...(session.launch !== undefined && {
      carries: { launch: session.launch, id: launchId(session.launch), patient: session.patient },
    }),
  };
}
