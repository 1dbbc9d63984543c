/**
 * The hospital's authorisation server: https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html and
 * https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html. A clinician is always logged in; all else is checked as a
 * real one would.
 */
import { hash, randomBytes, randomUUID } from 'node:crypto';
import { createRemoteJWKSet, exportJWK, generateKeyPair, type JWK, jwtVerify, SignJWT } from 'jose';
import { isGrantable } from './scopes.ts';

export interface RegisteredApp {
  readonly clientId: string;
  readonly redirectUri: string;
  /** Its public keys; absent: a public app, which has PKCE alone. */
  readonly jwksUri?: string;
}

export interface AuthorizationOptions {
  /** FHIR base; also the issuer. */
  readonly base: string;
  readonly tokenEndpoint: string;
  readonly apps: readonly RegisteredApp[];
  readonly clock: { now(): Date };
  /** Scopes that are granted at most; default: all that the server knows. */
  readonly grantable?: (scope: string) => boolean;
  /** More that the token response tells of a launch: `intent`, `fhirContext`. */
  readonly context?: () => Readonly<Record<string, unknown>>;
}

/** What a launch is about. */
export interface Context {
  readonly patient: string;
  readonly encounter?: string;
  /** Id of the Practitioner who is logged in. */
  readonly practitioner?: string;
}

/** What an access token may do. */
export interface AccessGrant {
  readonly scopes: readonly string[];
  readonly patient?: string;
  readonly encounter?: string;
  readonly practitioner?: string;
  readonly clientId: string;
}

/** An OAuth error answer. */
export class OAuthError extends Error {
  readonly code: string;
  constructor(code: string, description: string, options?: ErrorOptions) {
    super(description, options);
    this.code = code;
  }
}

/** Where the browser goes, or that somebody must choose a patient first. */
export type Authorized = { readonly to: URL } | { readonly choose: string };

export interface Authorization {
  readonly publicKeys: readonly JWK[];
  /** Make a launch value; good once. */
  launch(context: Context): string;
  /** Throws OAuthError when client or redirect address are not registered; other faults go back to the app. */
  authorize(query: URLSearchParams): Authorized;
  /** Somebody has chosen, for an app that is launched by itself; undefined: the request is not known. */
  chosen(request: string, context: Context): URL | undefined;
  /** Somebody has said no. */
  denied(request: string): URL | undefined;
  /** The token response; throws OAuthError. */
  token(form: URLSearchParams): Promise<Record<string, unknown>>;
  /** What a bearer token may do, or undefined. */
  grantOf(accessToken: string): AccessGrant | undefined;
  /** Let every token end now. */
  expireTokens(): number;
}

const CODE_SECONDS = 60;
const TOKEN_SECONDS = 300;
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

interface Asked {
  readonly app: RegisteredApp;
  readonly scopes: readonly string[];
  readonly challenge: string;
  readonly nonce: string | null;
  readonly state: string;
}

interface Code extends Asked {
  readonly context: Context;
  readonly until: number;
}

export async function authorization(options: AuthorizationOptions): Promise<Authorization> {
  const { base, apps, clock } = options;
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const launches = new Map<string, Context>();
  const waiting = new Map<string, Asked>();
  const codes = new Map<string, Code>();
  const tokens = new Map<string, AccessGrant & { readonly until: number }>();
  const authenticate = clientAuthentication(options);
  const now = (): number => clock.now().getTime() / 1000;

  const back = (asked: Pick<Asked, 'app' | 'state'>, answer: Readonly<Record<string, string>>): URL => {
    const url = new URL(asked.app.redirectUri);
    url.search = new URLSearchParams({ state: asked.state, iss: base, ...answer }).toString();
    return url;
  };
  const withCode = (asked: Asked, context: Context): URL => {
    const code = random();
    codes.set(code, { ...asked, context, until: now() + CODE_SECONDS });
    return back(asked, { code });
  };
  const idToken = (clientId: string, practitioner: string, nonce: string | null): Promise<string> =>
    new SignJWT({ fhirUser: `${base}/Practitioner/${practitioner}`, ...(nonce !== null && { nonce }) })
      .setProtectedHeader({ alg: 'RS256', kid: 'ehr-1' })
      .setIssuer(base)
      .setAudience(clientId)
      .setSubject(practitioner)
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);
  const give = (grant: AccessGrant): Record<string, unknown> => {
    const accessToken = random();
    tokens.set(accessToken, { ...grant, until: now() + TOKEN_SECONDS });
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: TOKEN_SECONDS,
      scope: grant.scopes.join(' '),
    };
  };

  async function byCode(form: URLSearchParams): Promise<Record<string, unknown>> {
    const code = codes.get(form.get('code') ?? '');
    codes.delete(form.get('code') ?? '');
    const app = await authenticate(form, code?.app);
    if (
      code === undefined ||
      code.app !== app ||
      code.until <= now() ||
      form.get('redirect_uri') !== app.redirectUri
    ) {
      throw new OAuthError('invalid_grant', 'the code is unknown, used or expired');
    }
    if (hash('sha256', form.get('code_verifier') ?? '', 'base64url') !== code.challenge) {
      throw new OAuthError('invalid_grant', 'the code verifier does not fit');
    }
    const { scopes, context, nonce } = code;
    const { patient, encounter, practitioner = 'lege-1' } = context;
    return {
      ...give({ scopes, ...context, practitioner, clientId: app.clientId }),
      patient,
      ...(encounter !== undefined && { encounter }),
      need_patient_banner: true,
      ...options.context?.(),
      ...(scopes.includes('openid') && { id_token: await idToken(app.clientId, practitioner, nonce) }),
      jti: randomUUID(),
    };
  }

  async function byClient(form: URLSearchParams): Promise<Record<string, unknown>> {
    const app = await authenticate(form, undefined);
    const scopes = granted(form.get('scope') ?? '', options).filter((scope) => scope.startsWith('system/'));
    if (scopes.length === 0) {
      throw new OAuthError('invalid_scope', 'a system asks for system scopes');
    }
    return give({ scopes, clientId: app.clientId });
  }

  const grants: Readonly<Record<string, (form: URLSearchParams) => Promise<Record<string, unknown>>>> = {
    authorization_code: byCode,
    client_credentials: byClient,
  };

  return {
    publicKeys: [{ ...(await exportJWK(publicKey)), kid: 'ehr-1', alg: 'RS256', use: 'sig' }],
    launch(context) {
      const launch = random();
      launches.set(launch, context);
      return launch;
    },
    authorize(query) {
      const app = apps.find(({ clientId }) => clientId === query.get('client_id'));
      if (app === undefined || query.get('redirect_uri') !== app.redirectUri) {
        throw new OAuthError('invalid_request', 'unknown client or redirect address');
      }
      const state = query.get('state') ?? '';
      try {
        requireRequest(query, base);
        const asked: Asked = {
          app,
          state,
          scopes: granted(query.get('scope') ?? '', options),
          challenge: query.get('code_challenge') ?? '',
          nonce: query.get('nonce'),
        };
        if (query.has('launch')) {
          return { to: withCode(asked, takeLaunch(launches, query.get('launch') ?? '')) };
        }
        if (!asked.scopes.includes('launch/patient')) {
          throw new OAuthError('invalid_request', 'neither launch nor launch/patient is given');
        }
        const request = random();
        waiting.set(request, asked);
        return { choose: request };
      } catch (error) {
        if (!(error instanceof OAuthError)) {
          throw error;
        }
        return { to: back({ app, state }, { error: error.code, error_description: error.message }) };
      }
    },
    chosen(request, context) {
      const asked = waiting.get(request);
      waiting.delete(request);
      return asked === undefined ? undefined : withCode(asked, context);
    },
    denied(request) {
      const asked = waiting.get(request);
      waiting.delete(request);
      return asked === undefined
        ? undefined
        : back(asked, { error: 'access_denied', error_description: 'the user said no' });
    },
    async token(form) {
      const grant = grants[form.get('grant_type') ?? ''];
      if (grant === undefined) {
        throw new OAuthError('unsupported_grant_type', 'only authorization_code and client_credentials');
      }
      return grant(form);
    },
    grantOf(accessToken) {
      const grant = tokens.get(accessToken);
      return grant === undefined || grant.until <= now() ? undefined : grant;
    },
    expireTokens() {
      const { size } = tokens;
      tokens.clear();
      return size;
    },
  };
}

const random = (): string => randomBytes(24).toString('base64url');

const granted = (asked: string, { grantable = () => true }: AuthorizationOptions): readonly string[] =>
  asked.split(' ').filter((scope) => isGrantable(scope) && grantable(scope));

/** Who the client is, by its signed assertion; a public app is the one that its code was given to. */
function clientAuthentication({ apps, tokenEndpoint }: AuthorizationOptions) {
  const keys = new Map(
    apps.flatMap(({ clientId, jwksUri }) =>
      jwksUri === undefined
        ? []
        : [[clientId, createRemoteJWKSet(new URL(jwksUri), { cooldownDuration: 0 })] as const],
    ),
  );
  const used = new Set<string>();
  return async (form: URLSearchParams, expected: RegisteredApp | undefined): Promise<RegisteredApp> => {
    if (
      expected !== undefined &&
      expected.jwksUri === undefined &&
      form.get('client_id') === expected.clientId
    ) {
      return expected;
    }
    try {
      const assertion = form.get('client_assertion') ?? '';
      const clientId = issuerOf(assertion);
      const app = apps.find((one) => one.clientId === clientId);
      const own = keys.get(clientId);
      if (form.get('client_assertion_type') !== ASSERTION_TYPE || app === undefined || own === undefined) {
        throw new Error('no assertion of a registered client');
      }
      const { payload } = await jwtVerify(assertion, own, {
        algorithms: ['ES384', 'RS384'],
        issuer: clientId,
        subject: clientId,
        audience: tokenEndpoint,
        requiredClaims: ['exp', 'jti'],
      });
      if (used.has(payload.jti as string)) {
        throw new Error('used before');
      }
      used.add(payload.jti as string);
      return app;
    } catch (cause) {
      throw new OAuthError('invalid_client', 'client authentication failed', { cause });
    }
  };
}

function issuerOf(jwt: string): string {
  const payload = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8')) as {
    iss?: unknown;
  };
  return String(payload.iss);
}

function takeLaunch(launches: Map<string, Context>, launch: string): Context {
  const context = launches.get(launch);
  launches.delete(launch);
  if (context === undefined) {
    throw new OAuthError('invalid_request', 'the launch is unknown or used');
  }
  return context;
}

function requireRequest(query: URLSearchParams, base: string): void {
  if (query.get('response_type') !== 'code') {
    throw new OAuthError('unsupported_response_type', 'only code is supported');
  }
  if (query.get('aud') !== base) {
    throw new OAuthError('invalid_request', 'aud is not this FHIR server');
  }
  if (query.get('code_challenge_method') !== 'S256' || (query.get('code_challenge') ?? '') === '') {
    throw new OAuthError('invalid_request', 'PKCE with S256 is required');
  }
}
