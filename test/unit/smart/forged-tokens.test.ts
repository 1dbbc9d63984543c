/**
 * Access tokens that nobody here has issued, 10 000 of them (SM-16): https://www.rfc-editor.org/rfc/rfc8725
 * The functions under test are those that stand before the API, ours and that for external issuers.
 */
import fc from 'fast-check';
import { createLocalJWKSet, type JWK } from 'jose';
import { issuerMetadata } from '../../../src/smart/issuers/metadata.ts';
import type { Issuer } from '../../../src/smart/issuers/issuer.ts';
import { TokenRefused, verifyIssuerToken } from '../../../src/smart/issuers/verify-token.ts';
import { makeKey, publicJwk, type SigningKeys } from '../../../src/smart/signing-keys.ts';
import { tokenVerifier, type VerifyToken } from '../../../src/smart/tokens.ts';
import { clockAt } from '../../support/clock.ts';
import { forgeries, signedToken } from '../../support/forgeries.ts';

const ISSUER = 'https://ryggrad.example/auth';
const AUDIENCE = 'https://ryggrad.example/fhir';
const NOW = '2026-11-21T10:00:00Z';
const seconds = Date.parse(NOW) / 1000;
const clock = clockAt(NOW);

let key: JWK;
let idKey: JWK;
let ownKey: JWK;

beforeAll(async () => {
  [key, idKey, ownKey] = await Promise.all([
    makeKey('ES256', 'access-token-1'),
    makeKey('RS256', 'id-token-1'),
    makeKey('ES256', 'forger-1'),
  ]);
});

const HEADER = { alg: 'ES256', typ: 'at+jwt', kid: 'access-token-1' };
const CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'ehr',
  client_id: 'ehr',
  jti: 'jti-1',
  iat: seconds - 10,
  exp: seconds + 290,
  scope: 'system/Patient.rs',
};
const WISHES = [
  { scope: 'system/*.cruds' },
  { sub: 'lc-kari', grant: 'grant-1' },
  { client_id: 'analytics' },
  { exp: seconds + 1e9 },
  { jti: 'never-revoked' },
  { aud: [AUDIENCE, 'https://other.example'] },
  { cnf: { jkt: 'x' } },
];

const ours = (): VerifyToken => {
  const keys: SigningKeys = {
    accessToken: key,
    idToken: idKey,
    ehrClient: key,
    cookieSecret: 'x',
    accessTokens: [key],
    all: [key, idKey],
  };
  return tokenVerifier({ issuer: ISSUER, audience: AUDIENCE, keys: { current: () => keys }, clock });
};
const genuine = (claims: object = {}, header: object = {}): string =>
  signedToken({ ...HEADER, ...header }, { ...CLAIMS, ...claims }, key);

describe('An access token', () => {
  it('is refused in each of 10 000 forged and spoilt forms, and taken as it was issued (SM-16).', async () => {
    const token = genuine();
    const verify = ours();
    let tried = 0;

    await fc.assert(
      fc.asyncProperty(
        forgeries({
          token,
          other: genuine({ jti: 'jti-2', scope: 'system/*.cruds' }),
          publicKeys: [key, idKey].map(publicJwk),
          ownKey,
          wishes: WISHES,
        }),
        async ({ token: forged }) => {
          tried++;
          expect(await verify(forged)).toBeUndefined();
        },
      ),
      { numRuns: 10_000 },
    );

    expect(tried).toBe(10_000);
    // the control: the same function, new and used
    expect(await ours()(token)).toMatchObject({ jti: 'jti-1', clientId: 'ehr' });
    expect(await verify(token)).toMatchObject({ jti: 'jti-1', scopes: ['system/Patient.rs'] });
  }, 120_000);

  it.each<[string, object, object]>([
    ['for another server', { aud: 'https://other.example/fhir' }, {}],
    ['for our authorisation server', { aud: ISSUER }, {}],
    ['for nobody', { aud: undefined }, {}],
    ['for our server with a slash', { aud: `${AUDIENCE}/` }, {}],
    ['by another issuer', { iss: 'https://other.example/auth' }, {}],
    ['by nobody', { iss: undefined }, {}],
    ['that has ended', { exp: seconds }, {}],
    ['without an end', { exp: undefined }, {}],
    ['with an end in words', { exp: '2099-01-01' }, {}],
    ['that is not valid yet', { nbf: seconds + 60 }, {}],
    ['without a jti', { jti: undefined }, {}],
    ['without a client', { client_id: undefined }, {}],
    ['of the type of an id_token', {}, { typ: 'JWT' }],
    ['without a type', {}, { typ: undefined }],
    ['that must be understood in another way', {}, { crit: ['x'], x: 1 }],
  ])('signed by our own key is refused %s (SM-16).', async (_name, claims, header) => {
    expect(await ours()(genuine(claims, header))).toBeUndefined();
  });

  it('signed by our key for id_tokens is refused (SM-16, ASVS 9.2.2).', async () => {
    const idToken = signedToken({ ...HEADER, alg: 'RS256', kid: 'id-token-1' }, CLAIMS, idKey);

    expect(await ours()(idToken)).toBeUndefined();
  });
});

describe('A token of an external issuer', () => {
  const issuer = { id: 'other', issuer: 'https://issuer.example' } as Issuer;
  const api = { audience: 'nhn:ryggrad', algorithms: ['ES256'] } as unknown as NonNullable<Issuer['api']>;
  const claims = { ...CLAIMS, iss: 'https://issuer.example', aud: 'nhn:ryggrad' };

  it('is refused in each of 2 000 forged and spoilt forms, and taken as it was issued (HI-01).', async () => {
    const metadata = { ...issuerMetadata(issuer, clock), key: createLocalJWKSet({ keys: [publicJwk(key)] }) };
    const token = signedToken(HEADER, claims, key);
    const verify = (text: string) => verifyIssuerToken(text, { issuer, api, metadata, clock });

    await fc.assert(
      fc.asyncProperty(
        forgeries({
          token,
          other: signedToken(HEADER, { ...claims, jti: 'jti-2' }, key),
          publicKeys: [publicJwk(key)],
          ownKey,
          wishes: WISHES,
        }),
        async ({ token: forged }) => {
          await expect(verify(forged)).rejects.toBeInstanceOf(TokenRefused);
        },
      ),
      { numRuns: 2_000 },
    );

    expect(await verify(token)).toMatchObject({ jti: 'jti-1' });
  }, 60_000);
});
