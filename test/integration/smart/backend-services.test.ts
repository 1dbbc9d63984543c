/** Backend services: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html (BS-01 – BS-06, SC-07, SM-12, SM-16) */
import { createServer } from 'node:http';
import { jest } from '@jest/globals';
import { decodeJwt, decodeProtectedHeader, SignJWT, type JWK } from 'jose';
import { createTestDatabase } from '../../support/database.ts';
import { removeClient } from '../../../src/smart/clients.ts';
import { makeKey, publicJwk } from '../../../src/smart/signing-keys.ts';
import {
  ASSERTION_TYPE,
  assertion,
  postToken,
  requestToken,
  type AssertionChanges,
} from './client-assertions.ts';
import { listen, startSmartServer, type SmartServer } from './smart-server.ts';

let server: SmartServer;
let es384: JWK;
let rs384: JWK;

beforeAll(async () => {
  server = await startSmartServer();
  es384 = await makeKey('ES384', 'es-1');
  rs384 = await makeKey('RS384', 'rs-1');
  await server.register({
    id: 'ehr',
    jwks: { keys: [publicJwk(es384), publicJwk(rs384)] },
    jwksUri: undefined,
  });
  await server.register({
    id: 'narrow',
    jwks: { keys: [publicJwk(es384)] },
    jwksUri: undefined,
    scopes: ['system/Patient.rs', 'system/Observation.cruds'],
  });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('The token endpoint', () => {
  it.each(['ES384', 'RS384'])('accepts an assertion signed with %s (BS-01).', async (alg) => {
    const answer = await requestToken(server.url, 'ehr', alg === 'ES384' ? es384 : rs384, 'system/*.rs');

    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'system/*.rs' });
    expect(answer.body.refresh_token).toBeUndefined();
  });

  it('forbids caching of tokens in both headers (SM-12).', async () => {
    const answer = await requestToken(server.url, 'ehr', es384, 'system/*.rs');

    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('pragma')).toBe('no-cache');
  });

  it('signs an ES256 access token of five minutes for the FHIR base.', async () => {
    const { body } = await requestToken(server.url, 'ehr', es384, 'system/*.rs');

    const token = body.access_token as string;
    expect(decodeProtectedHeader(token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
    const claims = decodeJwt(token);
    expect(claims).toMatchObject({ iss: `${server.url}/auth`, aud: `${server.url}/fhir`, client_id: 'ehr' });
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(300);
  });

  it('also accepts the issuer as audience, and the newer assertion type.', async () => {
    const answer = await requestToken(server.url, 'ehr', es384, 'system/*.rs', {
      header: { typ: 'client-authentication+jwt' },
      claims: { aud: `${server.url}/auth` },
    });

    expect(answer.status).toBe(200);
  });

  it('gives one token for 30 parallel posts of one assertion (BS-02).', async () => {
    const used = await assertion(server.url, 'ehr', es384);

    const answers = await Promise.all(
      Array.from({ length: 30 }, () =>
        postToken(server.url, { client_assertion: used, scope: 'system/*.rs' }),
      ),
    );

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.error === 'invalid_client')).toHaveLength(29);
  });

  it('reads a client’s keys from its registered URL (BS-03).', async () => {
    // inside jest's module sandbox the library cannot see Node's fetch dispatcher, and says so
    const notice = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    const keys = { keys: [publicJwk(es384)] };
    const keyServer = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'max-age=86400' });
      response.end(JSON.stringify(keys));
    });
    const keyUrl = await listen(keyServer);
    await server.register({ id: 'by-url', jwks: undefined, jwksUri: `${keyUrl}/jwks` });

    const first = await requestToken(server.url, 'by-url', es384, 'system/*.rs');
    const sameJku = await requestToken(server.url, 'by-url', es384, 'system/*.rs', {
      header: { jku: `${keyUrl}/jwks` },
    });
    keyServer.close();
    notice.mockRestore();

    expect(first.status).toBe(200);
    expect(sameJku.status).toBe(200);
  });

  it('sees within a minute what a client changes at its address, and uses no key that is not there (BS-03).', async () => {
    const [first, next] = [await makeKey('ES384', 'es-1'), await makeKey('ES384', 'es-2')];
    let keys = [first];
    const keyServer = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ keys: keys.map(publicJwk) }));
    });
    const jwksUri = `${await listen(keyServer)}/jwks`;
    await server.register({ id: 'renewing', jwks: undefined, jwksUri });
    const statusWith = async (key: JWK): Promise<number> =>
      (await requestToken(server.url, 'renewing', key, 'system/*.rs')).status;
    const seen = [await statusWith(first)];
    keys = [next];
    server.clock.advance({ seconds: 60 });
    seen.push(await statusWith(first), await statusWith(next));
    keyServer.closeAllConnections();
    await new Promise((resolve) => keyServer.close(resolve));
    server.clock.advance({ seconds: 60 });
    seen.push(await statusWith(next)); // nobody is let in by keys that cannot be read
    server.clock.set(new Date().toISOString());

    expect(seen).toEqual([200, 401, 200, 401]);
  });

  const INVALID: Record<string, (other: JWK) => AssertionChanges> = {
    'a bad signature': (other) => ({ key: { ...other, kid: 'es-1' } }),
    'an unknown kid': () => ({ header: { kid: 'nobody' } }),
    'no kid': () => ({ header: { kid: undefined } }),
    'no typ': () => ({ header: { typ: undefined } }),
    'a foreign jku': () => ({ header: { jku: 'https://evil.example/jwks' } }),
    'an expired assertion': () => ({ claims: { exp: Math.floor(Date.now() / 1000) - 60 } }),
    'exp ten minutes ahead': () => ({ claims: { exp: Math.floor(Date.now() / 1000) + 600 } }),
    'no exp': () => ({ claims: { exp: undefined } }),
    'no jti': () => ({ claims: { jti: undefined } }),
    'another audience': () => ({ claims: { aud: 'https://other.example/token' } }),
    'an issuer that is not the client': () => ({ claims: { iss: 'narrow' } }),
    'an unknown client': () => ({ claims: { iss: 'nobody', sub: 'nobody' } }),
    'no sub': () => ({ claims: { sub: undefined } }),
  };

  it.each(Object.keys(INVALID))(
    'refuses %s as invalid_client, and does not say why (BS-04, BS-06).',
    async (name) => {
      const other = await makeKey('ES384', 'es-1');

      const answer = await requestToken(server.url, 'ehr', es384, 'system/*.rs', INVALID[name]!(other));

      expect([400, 401]).toContain(answer.status);
      expect(answer.body).toEqual({
        error: 'invalid_client',
        error_description: 'client authentication failed',
      });
      expect(answer.headers.get('pragma')).toBe('no-cache');
      expect(server.events.at(-1)).toMatchObject({ type: 'client-authentication', outcome: 'failure' });
    },
  );

  it('refuses the key of another client (BS-06).', async () => {
    const stranger = await makeKey('ES384', 'stranger-1');
    await server.register({ id: 'stranger', jwks: { keys: [publicJwk(stranger)] }, jwksUri: undefined });

    const answer = await requestToken(server.url, 'ehr', stranger, 'system/*.rs');

    expect(answer.body.error).toBe('invalid_client');
  });

  it.each(['none', 'HS256'])('refuses an assertion with alg %s (BS-06).', async (alg) => {
    const claims = decodeJwt(await assertion(server.url, 'ehr', es384));
    const secret = new TextEncoder().encode('a secret that somebody might guess');
    const signed =
      alg === 'none'
        ? `${encode({ alg, kid: 'es-1', typ: 'JWT' })}.${encode(claims)}.`
        : await new SignJWT(claims).setProtectedHeader({ alg, kid: 'es-1', typ: 'JWT' }).sign(secret);

    const answer = await postToken(server.url, { client_assertion: signed, scope: 'system/*.rs' });

    expect(answer.body.error).toBe('invalid_client');
  });

  it('refuses another grant type, and another assertion type (BS-06).', async () => {
    const wrongGrant = await postToken(server.url, {
      grant_type: 'password',
      client_assertion: await assertion(server.url, 'ehr', es384),
    });
    const wrongType = await postToken(server.url, {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer',
      client_assertion: await assertion(server.url, 'ehr', es384),
    });
    const noAssertion = await postToken(server.url, {
      client_id: 'ehr',
      client_assertion_type: ASSERTION_TYPE,
    });

    expect(wrongGrant.body.error).toBe('unsupported_grant_type');
    expect(wrongType.body.error).toBe('invalid_client');
    expect(noAssertion.body.error).toBe('invalid_client');
  });

  it('gives the registered scopes to a client that asks for none (SC-07).', async () => {
    const answer = await requestToken(server.url, 'narrow', es384);

    expect(answer.body.scope).toBe('system/Patient.rs system/Observation.cruds');
  });

  it('leaves out what is not registered, and keeps v1 spelling (SC-01, SC-07).', async () => {
    const answer = await requestToken(
      server.url,
      'narrow',
      es384,
      'system/Patient.read system/Condition.rs openid',
    );

    expect(answer.body.scope).toBe('system/Patient.read');
  });

  it('grants a query scope verbatim (SC-04).', async () => {
    const scope =
      'system/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory';

    const answer = await requestToken(server.url, 'narrow', es384, scope);

    expect(answer.body.scope).toBe(scope);
  });

  it('answers invalid_scope when nothing asked for is registered (SC-07).', async () => {
    const answer = await requestToken(server.url, 'narrow', es384, 'system/Condition.rs user/Patient.rs');

    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe('invalid_scope');
    expect(answer.body.access_token).toBeUndefined();
  });

  it('gives no token that is not in the audit trail (AU-01).', async () => {
    server.keepsEvents = false;
    const given = await requestToken(server.url, 'ehr', es384, 'system/*.rs');
    const refused = await requestToken(server.url, 'nobody', es384, 'system/*.rs');
    server.keepsEvents = true;
    const after = await requestToken(server.url, 'ehr', es384, 'system/*.rs');

    expect([given.status, refused.status, after.status]).toEqual([503, 503, 200]);
    expect(given.body).toEqual({
      error: 'temporarily_unavailable',
      error_description: 'nothing can be written down',
    });
    expect(given.headers.get('retry-after')).toBe('5');
    expect(server.events.at(-1)).toMatchObject({ type: 'token-issued', subject: 'client:ehr' });
  });

  it('refuses a resource that is not the FHIR base.', async () => {
    const answer = await postToken(server.url, {
      client_assertion: await assertion(server.url, 'ehr', es384),
      resource: 'https://other.example/fhir',
    });

    expect(answer.body.error).toBe('invalid_target');
  });
});

describe('An access token', () => {
  const whoami = (token: string) =>
    fetch(`${server.url}/whoami`, { headers: { authorization: `Bearer ${token}` } });

  it('makes its client the principal, with the granted scopes.', async () => {
    const { body } = await requestToken(server.url, 'narrow', es384, 'system/Patient.rs');

    const principal = await (await whoami(body.access_token as string)).json();

    expect(principal).toMatchObject({
      kind: 'ehr',
      subject: 'client:narrow',
      scopes: ['system/Patient.rs'],
      units: ['dep-1'],
    });
  });

  it('is refused with a challenge when it is changed, foreign or no token at all (SM-16).', async () => {
    const { body } = await requestToken(server.url, 'ehr', es384, 'system/*.rs');
    const [head, , tail] = (body.access_token as string).split('.') as [string, string, string];
    const forged = `${head}.${encode({ ...decodeJwt(body.access_token as string), scope: 'system/*.cruds' })}.${tail}`;

    for (const token of [forged, await assertion(server.url, 'ehr', es384), 'nonsense']) {
      const answer = await whoami(token);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
    }
  });

  it('ends after five minutes, also when it was seen before (SM-16).', async () => {
    const { body } = await requestToken(server.url, 'ehr', es384, 'system/*.rs');
    const issued = decodeJwt(body.access_token as string);
    server.clock.set(new Date((issued.iat ?? 0) * 1000).toISOString());
    const before = await whoami(body.access_token as string);

    server.clock.advance({ seconds: 301 });
    const after = await whoami(body.access_token as string);
    server.clock.set(new Date().toISOString());

    expect([before.status, after.status]).toEqual([200, 401]);
  });

  it('is worth nothing a minute after its client was taken away.', async () => {
    await server.register({ id: 'short', jwks: { keys: [publicJwk(es384)] }, jwksUri: undefined });
    const { body } = await requestToken(server.url, 'short', es384, 'system/*.rs');
    const before = await whoami(body.access_token as string);

    await removeClient(server.database.db.pool, 'short');
    server.clock.advance({ seconds: 61 });
    const after = await whoami(body.access_token as string);

    expect([before.status, after.status]).toEqual([200, 401]);
  });

  it('can be introspected by its own client alone (IN-01).', async () => {
    const own = (await requestToken(server.url, 'ehr', es384, 'system/*.rs')).body.access_token as string;
    const foreign = (await requestToken(server.url, 'narrow', es384)).body.access_token as string;
    const introspect = async (token: string) => {
      const response = await fetch(`${server.url}/auth/introspect`, {
        method: 'POST',
        headers: { authorization: `Bearer ${own}` },
        body: new URLSearchParams({ token }),
      });
      return response.json();
    };

    expect(await introspect(own)).toMatchObject({ active: true, scope: 'system/*.rs', client_id: 'ehr' });
    expect(await introspect(foreign)).toEqual({ active: false });
    expect(await introspect('garbage')).toEqual({ active: false });
  });
});

describe('The keys of the server', () => {
  it('are the same for processes that start together on an empty database.', async () => {
    await using database = await createTestDatabase();
    const servers = await Promise.all([1, 2, 3].map(() => startSmartServer({ database })));

    const sets = await Promise.all(servers.map(async ({ url }) => (await fetch(`${url}/auth/jwks`)).json()));
    await Promise.all(servers.map((one) => one[Symbol.asyncDispose]()));

    expect(sets[1]).toEqual(sets[0]);
    expect(sets[2]).toEqual(sets[0]);
  });
});

describe('The authorisation server', () => {
  it.each(['/auth/nowhere', '/auth/reg', '/auth/interaction/x', '/auth/me', '/auth/session/end'])(
    'has nothing at %s.',
    async (path) => {
      expect((await fetch(`${server.url}${path}`)).status).toBe(404);
    },
  );

  it('logs nobody in at its authorisation endpoint as long as no app is registered for that.', async () => {
    const query = new URLSearchParams({
      client_id: 'ehr',
      response_type: 'code',
      redirect_uri: 'https://a.example/',
    });

    const answer = await fetch(`${server.url}/auth/auth?${query}`, { redirect: 'manual' });

    expect([answer.status, answer.headers.get('location')]).toEqual([400, null]);
  });
});

describe('The smart-configuration', () => {
  it('is public JSON with absolute addresses, whatever is accepted (SM-01, SM-02).', async () => {
    const response = await fetch(`${server.url}/fhir/.well-known/smart-configuration`, {
      headers: { accept: 'text/html' },
    });
    const body = (await response.json()) as Record<string, unknown>;

    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(body).toMatchObject({
      token_endpoint: `${server.url}/auth/token`,
      grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    });
    expect(body.code_challenge_methods_supported).toEqual(['S256']);
  });
});

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
