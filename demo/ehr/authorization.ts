/**
 * The authorisation side of the simulated EHR: https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
 * One registered app (this registry), one clinician who is always logged in; everything else is checked as a real one would.
 */
import { hash, randomBytes, randomUUID } from 'node:crypto';
import { createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT, type JWK } from 'jose';
import type { Clock } from '../../src/fhir/id.ts';

export interface RegisteredApp {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly jwksUri: string;
}

export interface AuthorizationOptions {
  /** FHIR base of the EHR; also its issuer. */
  readonly base: string;
  readonly tokenEndpoint: string;
  readonly app: RegisteredApp;
  readonly clock: Clock;
  /** More that the token response tells of a launch: `appContext`, `fhirContext`, `intent`. */
  readonly context?: () => Readonly<Record<string, unknown>>;
  /** Scopes that this EHR grants at most; default: all it is asked for. */
  readonly grantable?: (scope: string) => boolean;
}

/** What a launch or an access token is about. */
export interface Context {
  readonly patient: string;
  readonly encounter: string;
}

export interface AccessGrant extends Context {
  readonly scopes: readonly string[];
}

/** An OAuth error answer. */
export class OAuthError extends Error {
  readonly code: string;
  constructor(code: string, description: string) {
    super(description);
    this.code = code;
  }
}

export interface DemoAuthorization {
  readonly publicKeys: readonly JWK[];
  /** Make a launch value for a patient; good once. */
  launch(context: Context): string;
  /**
   * A standalone launch whose patient is not chosen yet: the request in full, for the page that asks (launch/patient).
   * https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#requesting-context-with-scopes
   */
  mustChoose(query: URLSearchParams): boolean;
  /** Where to send the browser back to. Throws when client or redirect address are not the registered ones. */
  authorize(query: URLSearchParams): URL;
  /** The token response; throws OAuthError. */
  token(form: URLSearchParams): Promise<Record<string, unknown>>;
  /** What a bearer token may do here, or undefined. */
  grantOf(accessToken: string): AccessGrant | undefined;
}

const CODE_SECONDS = 60;
const TOKEN_SECONDS = 300;
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const FHIR_USER = 'Practitioner/lege-1';

interface Code extends AccessGrant {
  readonly challenge: string;
  readonly nonce: string | null;
  readonly until: number;
}

export async function demoAuthorization(options: AuthorizationOptions): Promise<DemoAuthorization> {
  const { base, app, clock, tokenEndpoint } = options;
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const appKeys = createRemoteJWKSet(new URL(app.jwksUri));
  const launches = new Map<string, Context>();
  const codes = new Map<string, Code>();
  const tokens = new Map<string, AccessGrant & { readonly until: number }>();
  const usedAssertions = new Set<string>();
  const now = (): number => clock.now().getTime() / 1000;

  const authenticate = async (form: URLSearchParams): Promise<void> => {
    if (form.get('client_assertion_type') !== ASSERTION_TYPE) {
      throw new OAuthError('invalid_client', 'client authentication failed');
    }
    try {
      const { payload } = await jwtVerify(form.get('client_assertion') ?? '', appKeys, {
        algorithms: ['ES384', 'RS384'],
        issuer: app.clientId,
        subject: app.clientId,
        audience: tokenEndpoint,
        requiredClaims: ['exp', 'jti'],
      });
      if (usedAssertions.has(payload.jti as string)) {
        throw new Error('used before');
      }
      usedAssertions.add(payload.jti as string);
    } catch (cause) {
      throw Object.assign(new OAuthError('invalid_client', 'client authentication failed'), { cause });
    }
  };

  const idToken = (nonce: string | null): Promise<string> =>
    new SignJWT({ fhirUser: `${base}/${FHIR_USER}`, ...(nonce !== null && { nonce }) })
      .setProtectedHeader({ alg: 'RS256', kid: 'ehr-1' })
      .setIssuer(base)
      .setAudience(app.clientId)
      .setSubject('lege-1')
      .setIssuedAt()
      .setExpirationTime('5m')
      .sign(privateKey);

  return {
    publicKeys: [{ ...(await exportJWK(publicKey)), kid: 'ehr-1', alg: 'RS256', use: 'sig' }],
    launch(context) {
      const launch = randomBytes(16).toString('base64url');
      launches.set(launch, context);
      return launch;
    },
    mustChoose: (query) =>
      isRegistered(app, query) &&
      !query.has('launch') &&
      !query.has('patient') &&
      !query.has('no') &&
      (query.get('scope') ?? '').split(' ').includes('launch/patient'),
    authorize(query) {
      if (!isRegistered(app, query)) {
        throw new OAuthError('invalid_request', 'unknown client or redirect address');
      }
      const back = new URL(app.redirectUri);
      back.searchParams.set('state', query.get('state') ?? '');
      back.searchParams.set('iss', base);
      try {
        const context = query.has('launch') ? takeLaunch(launches, query) : chosen(query);
        requireRequest(query, base);
        const code = randomBytes(24).toString('base64url');
        codes.set(code, {
          ...context,
          scopes: grantedScopes(query, options.grantable),
          challenge: query.get('code_challenge') ?? '',
          nonce: query.get('nonce'),
          until: now() + CODE_SECONDS,
        });
        back.searchParams.set('code', code);
      } catch (error) {
        if (!(error instanceof OAuthError)) {
          throw error;
        }
        back.searchParams.set('error', error.code);
        back.searchParams.set('error_description', error.message);
      }
      return back;
    },
    async token(form) {
      if (form.get('grant_type') !== 'authorization_code') {
        throw new OAuthError('unsupported_grant_type', 'only authorization_code is supported');
      }
      await authenticate(form);
      const code = codes.get(form.get('code') ?? '');
      codes.delete(form.get('code') ?? '');
      if (code === undefined || code.until <= now() || form.get('redirect_uri') !== app.redirectUri) {
        throw new OAuthError('invalid_grant', 'the code is unknown, used or expired');
      }
      if (hash('sha256', form.get('code_verifier') ?? '', 'base64url') !== code.challenge) {
        throw new OAuthError('invalid_grant', 'the code verifier does not fit');
      }
      const { scopes, patient, encounter, nonce } = code;
      const accessToken = randomBytes(24).toString('base64url');
      tokens.set(accessToken, { scopes, patient, encounter, until: now() + TOKEN_SECONDS });
      return {
        access_token: accessToken,
        token_type: 'Bearer',
        expires_in: TOKEN_SECONDS,
        scope: scopes.join(' '),
        patient,
        encounter,
        need_patient_banner: true,
        ...options.context?.(),
        ...(scopes.includes('openid') && { id_token: await idToken(nonce) }),
        jti: randomUUID(),
      };
    },
    grantOf(accessToken) {
      const grant = tokens.get(accessToken);
      return grant === undefined || grant.until <= now() ? undefined : grant;
    },
  };
}

const isRegistered = ({ clientId, redirectUri }: RegisteredApp, query: URLSearchParams): boolean =>
  query.get('client_id') === clientId && query.get('redirect_uri') === redirectUri;

/** What the user has chosen on the page of a standalone launch. */
function chosen(query: URLSearchParams): Context {
  const patient = query.get('patient');
  if (patient === null || query.has('no')) {
    throw new OAuthError('access_denied', 'the user said no');
  }
  return { patient, encounter: `${patient}-opphold` };
}

function takeLaunch(launches: Map<string, Context>, query: URLSearchParams): Context {
  const launch = query.get('launch') ?? '';
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

function grantedScopes(
  query: URLSearchParams,
  grantable: (scope: string) => boolean = () => true,
): readonly string[] {
  return (query.get('scope') ?? '').split(' ').filter((scope) => scope !== '' && grantable(scope));
}
