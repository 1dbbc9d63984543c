/**
 * Client assertions that the client has not made, or that break a rule (BS-01 – BS-06): https://www.rfc-editor.org/rfc/rfc7523
 * Through the whole authorisation server, most of them without a connection.
 */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { decodeJwt, type JWK } from 'jose';
import { makeKey, publicJwk } from '../../../src/smart/signing-keys.ts';
import { type Forgery, forgeries, signedToken } from '../../support/forgeries.ts';
import { askInProcess } from '../../support/in-process.ts';
import { ASSERTION_TYPE, assertion, postToken } from './client-assertions.ts';
import { type SmartServer, startSmartServer } from './smart-server.ts';

let server: SmartServer;
let key: JWK;
let forgersKey: JWK;
let other: string;

beforeAll(async () => {
  server = await startSmartServer();
  [key, forgersKey] = await Promise.all([makeKey('ES384', 'es-1'), makeKey('ES384', 'es-2')]);
  await server.register({ id: 'ehr', jwks: { keys: [publicJwk(key)] }, jwksUri: undefined });
  // the forger is a client, too: its own assertions are good
  await server.register({ id: 'forger', jwks: { keys: [publicJwk(forgersKey)] }, jwksUri: undefined });
  other = await used();
});
afterAll(() => server[Symbol.asyncDispose]());

const genuine = (changes: object = {}): Promise<string> =>
  assertion(server.url, 'ehr', key, { claims: { ...changes } });

/** One that has brought its token already. */
async function used(): Promise<string> {
  const text = await genuine();
  expect((await ask(text)).status).toBe(200);
  return text;
}

interface Answer {
  readonly status: number;
  readonly error: unknown;
  readonly hasToken: boolean;
}

const formOf = (clientAssertion: string): string =>
  new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: clientAssertion,
    scope: 'system/*.rs',
  }).toString();

async function ask(clientAssertion: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { status, text } = await askInProcess(server.handler, {
    method: 'POST',
    url: '/auth/token',
    headers: {
      host: new URL(server.url).host,
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    body: formOf(clientAssertion),
  });
  const body = JSON.parse(text) as Record<string, unknown>;
  return { status, error: body['error'], hasToken: 'access_token' in body };
}

/** Of an assertion that has not been used: what refuses it is not that it was. */
async function forging(): Promise<fc.Arbitrary<Forgery>> {
  const now = Math.floor(Date.now() / 1000);
  const all = forgeries({
    token: await genuine(),
    other,
    publicKeys: [publicJwk(key)],
    ownKey: forgersKey,
    wishes: [
      { jti: randomUUID() },
      { exp: now + 250, jti: randomUUID() },
      { iss: 'ehr', sub: 'ehr', jti: randomUUID() },
      { aud: [`${server.url}/auth/token`, `${server.url}/auth`], jti: randomUUID() },
    ],
  });
  return all.filter(({ token }) => !token.includes('\0')); // such a form is refused before anybody looks at it
}

describe('A client assertion', () => {
  it('is refused in each of 3 000 forged and spoilt forms, and taken as it was made (BS-04, BS-06).', async () => {
    const untouched = await genuine();

    await fc.assert(
      fc.asyncProperty(await forging(), async ({ token }) => {
        const answer = await ask(token);
        expect([answer.hasToken, answer.error]).toEqual([false, 'invalid_client']);
        expect([400, 401]).toContain(answer.status);
      }),
      { numRuns: 3_000 },
    );

    expect(await ask(untouched)).toMatchObject({ status: 200, hasToken: true });
  }, 240_000);

  it('is refused over HTTP in each of 200 forged and spoilt forms, and taken as it was made (BS-06).', async () => {
    await fc.assert(
      fc.asyncProperty(await forging(), async ({ token }) => {
        expect((await postToken(server.url, { client_assertion: token })).body).toEqual({
          error: 'invalid_client',
          error_description: 'client authentication failed',
        });
      }),
      { numRuns: 200 },
    );

    expect((await postToken(server.url, { client_assertion: await genuine() })).status).toBe(200);
  }, 60_000);

  it('counts once, however it is signed or spelled again (BS-02).', async () => {
    const first = await genuine();
    const claims = decodeJwt(first);
    const header = { alg: 'ES384', kid: 'es-1', typ: 'JWT' };
    const again = [
      first,
      signedToken(header, claims, key), // another signature of the same words
      signedToken({ typ: 'JWT', kid: 'es-1', alg: 'ES384' }, { ...claims, exp: (claims.exp ?? 0) + 1 }, key),
      signedToken(header, { ...claims, aud: `${server.url}/auth` }, key),
      `${first}=`,
    ];

    expect(await ask(first)).toMatchObject({ status: 200 });
    for (const text of again) {
      expect(await ask(text)).toMatchObject({ error: 'invalid_client', hasToken: false });
    }
  });

  it('for another server is refused whatever is said about who we are (BS-01, BS-06).', async () => {
    const headers = {
      host: 'other.example',
      'x-forwarded-host': 'other.example',
      'x-forwarded-proto': 'http',
    };
    const foreign = await genuine({ aud: 'http://other.example/auth/token' });
    const own = await genuine();

    expect(await ask(foreign, headers)).toMatchObject({ error: 'invalid_client', hasToken: false });
    expect(await ask(own, headers)).toMatchObject({ status: 200, hasToken: true });
  });

  const seconds = (): number => Math.floor(Date.now() / 1000);
  it.each<[string, () => object, object]>([
    ['for another server', () => ({ aud: 'https://other.example/auth/token' }), {}],
    [
      'for this server and another',
      () => ({ aud: [`${server.url}/auth/token`, 'https://other.example'] }),
      {},
    ],
    ['for the FHIR base', () => ({ aud: `${server.url}/fhir` }), {}],
    ['for nobody', () => ({ aud: undefined }), {}],
    ['for a list of nobody', () => ({ aud: [] }), {}],
    ['by another client than it is about', () => ({ iss: 'forger' }), {}],
    ['about another client', () => ({ sub: 'forger' }), {}],
    ['about two clients', () => ({ sub: ['ehr', 'forger'] }), {}],
    ['that has ended', () => ({ exp: seconds() - 30 }), {}],
    ['that ends in ten minutes', () => ({ exp: seconds() + 600 }), {}],
    ['that never ends', () => ({ exp: undefined }), {}],
    ['that ends in words', () => ({ exp: 'tomorrow' }), {}],
    ['that is not valid yet', () => ({ nbf: seconds() + 60 }), {}],
    ['without a jti', () => ({ jti: undefined }), {}],
    ['with an empty jti', () => ({ jti: '' }), {}],
    ['with a jti that is no text', () => ({ jti: 7 }), {}],
    ['with a jti that no text can be', () => ({ jti: 'a\0b' }), {}],
    ['by a client that no text can be', () => ({ iss: 'a\0b', sub: 'a\0b' }), {}],
    ['that must be understood in another way', () => ({}), { crit: ['x'], x: 1 }],
    ['of the type of an access token', () => ({}), { typ: 'at+jwt' }],
  ])('signed by the client’s own key is refused %s (BS-01, BS-06).', async (_name, claims, header) => {
    const text = signedToken(
      { alg: 'ES384', kid: 'es-1', typ: 'JWT', ...header },
      { ...decodeJwt(await genuine()), jti: randomUUID(), ...claims() },
      key,
    );

    expect(await ask(text)).toMatchObject({ error: 'invalid_client', hasToken: false });
  });
});

describe('An access token at the API', () => {
  it('is refused over HTTP in each of 200 forged and spoilt forms, and taken as it was issued (SM-16).', async () => {
    const tokenOf = async (): Promise<string> =>
      String((await postToken(server.url, { client_assertion: await genuine() })).body['access_token']);
    const token = await tokenOf();
    const { keys } = (await (await fetch(`${server.url}/auth/jwks`)).json()) as { keys: JWK[] };
    const whoami = (text: string) =>
      fetch(`${server.url}/whoami`, { headers: { authorization: `Bearer ${encodeURI(text)}` } });

    await fc.assert(
      fc.asyncProperty(
        forgeries({
          token,
          other: await tokenOf(),
          publicKeys: keys,
          ownKey: await makeKey('ES256', 'forger-1'),
          wishes: [{ scope: 'system/*.cruds' }, { client_id: 'forger' }],
        }),
        async ({ token: forged }) => {
          expect((await whoami(forged)).status).toBe(401);
        },
      ),
      { numRuns: 200 },
    );

    expect((await whoami(token)).status).toBe(200);
  }, 60_000);
});
