/** Whatever is sent to the authorisation server: an error in its words, never one of ours, and nothing given. */
import fc from 'fast-check';
import { CALLBACK, registerApp } from './app-client.ts';
import { ASSERTION_TYPE } from './client-assertions.ts';
import { askInProcess } from '../../support/in-process.ts';
import { type SmartServer, startSmartServer } from './smart-server.ts';

let server: SmartServer;

beforeAll(async () => {
  server = await startSmartServer();
  await registerApp(server);
});
afterAll(() => server[Symbol.asyncDispose]());

const NAMES = [
  'grant_type',
  'client_id',
  'client_assertion',
  'client_assertion_type',
  'client_secret',
  'refresh_token',
  'code',
  'code_verifier',
  'code_challenge',
  'code_challenge_method',
  'redirect_uri',
  'response_type',
  'response_mode',
  'scope',
  'state',
  'aud',
  'resource',
  'prompt',
  'max_age',
  'request',
  'request_uri',
  'launch',
  'token',
  'claims',
  '__proto__',
  'constructor',
] as const;
const KNOWN = [
  'app-1',
  'nobody',
  'authorization_code',
  'refresh_token',
  'client_credentials',
  ASSERTION_TYPE,
  CALLBACK,
  'code',
  'S256',
  'patient/*.rs',
  'openid fhirUser launch/patient patient/*.rs',
  'eyJhbGciOiJub25lIn0.e30.',
  'urn:ietf:params:oauth:request_uri:x',
  'none login consent',
  '{"id_token":{"acr":{"essential":true}}}',
];
const value = fc.oneof(
  fc.constantFrom(...KNOWN),
  fc.constantFrom(
    '',
    '\0',
    'a\0b',
    '\ud800',
    '%',
    '%zz',
    '-1',
    '1e999',
    "'; drop table oidc; --",
    'x'.repeat(9000),
  ),
  fc.string({ unit: 'binary', maxLength: 30 }),
);
const fields = fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 12 });
const header = fc.oneof(
  fc.constant({}),
  fc.record({
    authorization: fc.constantFrom('Bearer x', 'Basic eDp5', 'Basic !', 'DPoP a.b.c', 'Bearer', ' '),
  }),
  fc.record({ dpop: fc.constantFrom('', 'a.b.c', 'x', 'eyJhbGciOiJub25lIn0.e30.') }),
  fc.record({ cookie: fc.constantFrom('_interaction=x', '_session=%00', 'a=b; =; ;') }),
);
const PATHS = [
  '/auth/token',
  '/auth/auth',
  '/auth/request',
  '/auth/token/revocation',
  '/auth/introspect',
  '/auth/auth/nobody',
  '/auth/jwks',
  '/auth/%00',
  '/gi-tilgang/%00',
] as const;

/** Encoded by hand: half a surrogate has no encoding, and a server may be sent one all the same. */
const formOf = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, text]) => `${name}=${encodeURIComponent(text.toWellFormed())}`).join('&');

describe('The authorisation server', () => {
  it('answers any request with an answer or an error of its own, and gives no token.', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...PATHS),
        fc.constantFrom('GET', 'POST', 'PUT', 'OPTIONS'),
        fields,
        header,
        fc.constantFrom(
          'application/x-www-form-urlencoded',
          'application/x-www-form-urlencoded; charset=utf-16',
          'application/x-www-form-urlencoded; charset=nothing',
          'application/json',
          'multipart/form-data',
        ),
        async (path, method, pairs, headers, contentType) => {
          const form = formOf(pairs);
          const answer = await askInProcess(server.handler, {
            method,
            url: method === 'GET' ? `${path}?${form}` : path,
            headers: { host: new URL(server.url).host, 'content-type': contentType, ...headers },
            ...(method !== 'GET' && { body: form }),
          });

          expect([path, method, answer.status < 500]).toEqual([path, method, true]);
          expect(answer.text).not.toMatch(/access_token"|at .*\.ts:\d+|node_modules|PostgreSQL|syntax error/);
        },
      ),
      { numRuns: 2_000 },
    );
  }, 240_000);

  it.each([
    ['a client without a name', { client_id: '\0' }],
    ['a refresh token of nobody', { refresh_token: 'a\0b' }],
    ['a code of nobody', { grant_type: 'authorization_code', client_id: 'app-1', code: '\0' }],
    ['a client that is two', 'client_id=app-1&client_id=app-2'],
  ])('refuses %s at the token endpoint.', async (_name, given) => {
    const body =
      typeof given === 'string'
        ? `grant_type=refresh_token&refresh_token=x&${given}`
        : new URLSearchParams({ grant_type: 'refresh_token', ...given }).toString();
    const response = await fetch(`${server.url}/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });

    expect([400, 401]).toContain(response.status);
    expect(await response.json()).toMatchObject({ error: expect.any(String) as unknown });
  });

  it('refuses to go on with a login that is gone, whatever client is named beside it.', async () => {
    const response = await fetch(`${server.url}/auth/auth/nobody?client_id=app-1`);

    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: 'invalid_request' });
  });
});
