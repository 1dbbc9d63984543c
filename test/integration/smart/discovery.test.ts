/** What apps find before they ask: https://hl7.org/fhir/smart-app-launch/STU2.2/conformance.html (SM-01 – SM-05, BR-01) */
import { type SmartServer, startSmartServer } from './smart-server.ts';

let server: SmartServer;

beforeAll(async () => {
  server = await startSmartServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const ANY_ORIGIN = { origin: 'https://any.example' };
const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${server.url}${path}`, { headers });
const json = async (path: string, headers: Record<string, string> = {}) =>
  (await (await get(path, headers)).json()) as Record<string, unknown>;

describe('The OpenID configuration', () => {
  it('lies under the issuer, with what is required, and RS256 (SM-14).', async () => {
    const response = await get('/auth/.well-known/openid-configuration', ANY_ORIGIN);
    const document = (await response.json()) as Record<string, unknown>;

    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('access-control-allow-origin')).not.toBeNull();
    expect(document).toMatchObject({
      issuer: `${server.url}/auth`,
      jwks_uri: `${server.url}/auth/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      code_challenge_methods_supported: ['S256'],
    });
  });

  it('says the same as the smart-configuration, where both say something (SM-02, SM-14).', async () => {
    const openId = await json('/auth/.well-known/openid-configuration');
    const smart = await json('/fhir/.well-known/smart-configuration');
    const sorted = (value: unknown): unknown => (Array.isArray(value) ? [...value].toSorted() : value);
    const both = Object.keys(smart).filter((name) => name in openId && name !== 'scopes_supported');

    expect(both).toEqual(
      expect.arrayContaining([
        'issuer',
        'jwks_uri',
        'authorization_endpoint',
        'token_endpoint',
        'revocation_endpoint',
        'pushed_authorization_request_endpoint',
        'grant_types_supported',
        'token_endpoint_auth_signing_alg_values_supported',
      ]),
    );
    expect(both.map((name) => [name, sorted(openId[name])])).toEqual(
      both.map((name) => [name, sorted(smart[name])]),
    );
  });

  it('says where we are, whatever a request says about it.', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };

    expect(JSON.stringify(await json('/auth/.well-known/openid-configuration', headers))).not.toContain(
      'evil',
    );
  });
});

describe('The keys', () => {
  it('are bare public JWKs, each with kid, use and alg, for any origin (SM-14).', async () => {
    const response = await get('/auth/jwks', ANY_ORIGIN);
    const { keys } = (await response.json()) as { keys: Record<string, unknown>[] };

    expect(response.headers.get('access-control-allow-origin')).not.toBeNull();
    expect(keys.map(({ kty, alg, use }) => [kty, alg, use])).toEqual([
      ['EC', 'ES256', 'sig'],
      ['RSA', 'RS256', 'sig'],
    ]);
    expect(keys.every(({ kid }) => typeof kid === 'string')).toBe(true);
    expect(keys.flatMap(Object.keys).filter((name) => /^(?:d|p|q|dp|dq|qi|k|x5c)$/.test(name))).toEqual([]);
  });
});

describe('The smart-configuration over HTTP', () => {
  it('tells a launching app what to use, in strings (SM-01, SM-02, SM-04).', async () => {
    const document = await json('/fhir/.well-known/smart-configuration', { accept: 'text/html' });
    const capabilities = document['capabilities'] as unknown[];

    expect(capabilities.filter((one) => typeof one !== 'string')).toEqual([]);
    expect(capabilities).toContain('sso-openid-connect');
    expect(document).toMatchObject({ issuer: `${server.url}/auth`, jwks_uri: `${server.url}/auth/jwks` });
    expect(document['grant_types_supported']).toContain('authorization_code');
    expect(document['code_challenge_methods_supported']).not.toContain('plain');
  });

  it('names addresses that are there.', async () => {
    const document = await json('/fhir/.well-known/smart-configuration');
    const posted = [
      'token_endpoint',
      'introspection_endpoint',
      'revocation_endpoint',
      'pushed_authorization_request_endpoint',
    ];
    const statuses = await Promise.all(
      posted.map(async (name) => (await fetch(String(document[name]), { method: 'POST' })).status),
    );

    expect(statuses.filter((status) => status === 404 || status >= 500)).toEqual([]);
    expect((await fetch(String(document['jwks_uri']))).status).toBe(200);
    expect((await fetch(String(document['user_access_brand_bundle']))).status).toBe(200);
    expect((await fetch(String(document['authorization_endpoint']))).status).toBe(400);
  });
});

describe('The brand bundle', () => {
  it('is read by any origin, and only once: weak ETag, then 304 (BR-01).', async () => {
    const first = await get('/brands.json', ANY_ORIGIN);
    const etag = first.headers.get('etag') ?? '';
    const again = await get('/brands.json', { ...ANY_ORIGIN, 'if-none-match': etag });
    const other = await get('/brands.json', { 'if-none-match': 'W/"other"' });

    expect(first.headers.get('content-type')).toMatch(/^application\/fhir\+json/);
    expect(etag).toMatch(/^W\/"/);
    expect([first, again].map((one) => one.headers.get('access-control-allow-origin'))).toEqual(['*', '*']);
    expect([first.status, again.status, other.status]).toEqual([200, 304, 200]);
    expect(again.headers.get('etag')).toBe(etag);
    expect(await first.json()).toMatchObject({
      resourceType: 'Bundle',
      timestamp: expect.any(String) as unknown,
    });
  });
});
