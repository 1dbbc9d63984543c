/**
 * Standalone launch of third parties' apps: https://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html
 * The person at the consent page says yes at once (smart-server.ts); the pages themselves are in test/browser.
 */
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { makeKey, publicJwk } from '../../../src/smart/signing-keys.ts';
import {
  addPerson,
  APP,
  authorize,
  CALLBACK,
  exchange,
  launchApp,
  post,
  registerApp,
  refresh,
  SCOPE,
  whoIs,
} from './app-client.ts';
import { assertion, ASSERTION_TYPE } from './client-assertions.ts';
import { type SmartServer, startSmartServer } from './smart-server.ts';

let server: SmartServer;

beforeAll(async () => {
  server = await startSmartServer();
  await addPerson(server);
});
beforeEach(async () => {
  await registerApp(server);
  server.person = { account: 'lu-ane', practitionerRole: 'role-lu', patient: 'p-1' };
});
afterAll(() => server[Symbol.asyncDispose]());

const answerOf = ({ url }: { url: URL }) => new URLSearchParams(url.search || url.hash.slice(1));
const errorOf = (answered: { url: URL }) => answerOf(answered).get('error');

describe('The authorisation endpoint', () => {
  it.each(['GET', 'POST'] as const)('takes a request by %s and echoes the state (SM-10).', async (method) => {
    const { url } = await authorize(server, {}, method);

    expect(`${url.origin}${url.pathname}`).toBe(CALLBACK);
    expect(url.searchParams.get('state')).toBe('a state');
    expect(url.searchParams.get('iss')).toBe(`${server.url}/auth`);
    expect(url.searchParams.get('code')).toEqual(expect.any(String));
  });

  it.each([
    ['no aud', { aud: undefined }, 'invalid_request'],
    ['another aud', { aud: 'https://other.example/fhir' }, 'invalid_request'],
    ['no PKCE', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['plain PKCE', { code_challenge_method: 'plain' }, 'invalid_request'],
    ['scopes that are not registered', { scope: 'patient/*.cud system/*.rs' }, 'invalid_scope'],
    ['the implicit flow', { response_type: 'token' }, 'unsupported_response_type'],
    ['no page to ask on', { prompt: 'none' }, 'login_required'],
  ])('answers %s with an error at the app (SM-10).', async (_name, changes, error) => {
    const answered = await authorize(server, changes);

    expect(answered.url.href.startsWith(CALLBACK)).toBe(true);
    expect(errorOf(answered)).toBe(error);
    expect(answerOf(answered).get('state')).toBe('a state');
    expect(answerOf(answered).get('code')).toBeNull();
  });

  it.each([
    ['another address', `${CALLBACK}/more`],
    ['a query more', `${CALLBACK}?x=1`],
    ['another port', 'http://127.0.0.1:10/callback'],
    ['a name in the address', 'http://app@127.0.0.1:9/callback'],
  ])('sends nobody to %s (SM-11).', async (_name, redirect) => {
    const { url, status } = await authorize(server, { redirect_uri: redirect });

    expect(status).toBe(400);
    expect(url.origin).toBe(server.url);
  });

  it('tells the app when the person says no.', async () => {
    server.person = { ...server.person, saysNo: true };

    expect(errorOf(await authorize(server))).toBe('access_denied');
  });

  it('takes pushed requests from everyone, and nothing else from those who must (SM-10).', async () => {
    await registerApp(server, { requiresPar: true });
    const verifier = 'v'.repeat(43);
    const pushed = await post(server, '/auth/request', {
      response_type: 'code',
      client_id: APP,
      redirect_uri: CALLBACK,
      scope: `${SCOPE} offline_access`,
      state: 'pushed',
      aud: `${server.url}/fhir`,
      code_challenge: await authorizeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const direct = await authorize(server);
    const { url } = await authorize(server, {
      request_uri: String(pushed.body.request_uri),
      response_type: undefined,
      redirect_uri: undefined,
      scope: undefined,
      state: undefined,
      aud: undefined,
      code_challenge: undefined,
      code_challenge_method: undefined,
    });
    const token = await exchange(server, { url, verifier });

    expect(pushed.status).toBe(201);
    expect(errorOf(direct)).toBe('invalid_request');
    expect(url.href).toContain('state=pushed');
    expect(url.searchParams.get('error_description')).toBeNull();
    expect(token.body).toMatchObject({ patient: 'p-1', refresh_token: expect.any(String) as unknown });
  });
});

const authorizeChallenge = async (verifier: string): Promise<string> =>
  Buffer.from(await crypto.subtle.digest('SHA-256', Buffer.from(verifier))).toString('base64url');

describe('The token endpoint', () => {
  it('answers with the whole list of scopes, the patient, and headers against caches (SM-12, SM-13).', async () => {
    const { status, headers, body } = await launchApp(server);

    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('pragma')).toBe('no-cache');
    expect(body).toMatchObject({
      token_type: 'Bearer',
      expires_in: 300,
      patient: 'p-1',
      need_patient_banner: true,
    });
    expect(String(body.scope).split(' ').toSorted()).toEqual(SCOPE.split(' ').toSorted());
    expect(body.refresh_token).toBeUndefined();
  });

  it('gives an id_token that everybody can verify, with the person as fhirUser (SM-14).', async () => {
    const { body } = await launchApp(server, { nonce: 'n-1' });

    const keys = createRemoteJWKSet(new URL(`${server.url}/auth/jwks`));
    const { payload, protectedHeader } = await jwtVerify(String(body.id_token), keys, {
      issuer: `${server.url}/auth`,
      audience: APP,
    });
    expect(protectedHeader.alg).toBe('RS256');
    expect(payload).toMatchObject({
      sub: 'lu-ane',
      nonce: 'n-1',
      fhirUser: `${server.url}/fhir/Practitioner/p-ane`,
    });
  });

  it('tells when the person showed who they are, and not when they agreed (SM-14).', async () => {
    const authenticated = new Date(Date.now() - 3_600_000).toISOString();
    server.person = { ...server.person, authenticated };
    const { body } = await launchApp(server, { max_age: '7200' });

    expect(decodeJwt(String(body.id_token)).auth_time).toBe(Math.floor(Date.parse(authenticated) / 1000));
  });

  it.each([
    ['prompt=login', { prompt: 'login' }],
    ['max_age=60', { max_age: '60' }],
    ['max_age=0', { max_age: '0' }],
  ])(
    'gives nothing for %s until the person has shown again who they are (SM-14).',
    async (_name, changes) => {
      server.person = { ...server.person, authenticated: new Date(Date.now() - 600_000).toISOString() };
      const held = await authorize(server, changes);
      server.person = { ...server.person, authenticated: new Date().toISOString() };
      const after = await launchApp(server, changes);

      expect([held.status, held.url.pathname]).toEqual([401, expect.stringMatching(/^\/gi-tilgang\//)]);
      expect(held.url.searchParams.get('code')).toBeNull();
      expect(after.status).toBe(200);
    },
  );

  it('speaks for the person at the resource server, with what was given and no more (SC-06).', async () => {
    server.person = { ...server.person, scopes: ['openid', 'launch/patient', 'patient/Observation.rs'] };
    const { body } = await launchApp(server);

    expect(String(body.scope).split(' ').toSorted()).toEqual([
      'launch/patient',
      'openid',
      'patient/Observation.rs',
    ]);
    expect(await whoIs(server, body.access_token)).toMatchObject({
      kind: 'staff',
      subject: 'user:lu-ane',
      app: APP,
      role: 'LU',
      units: ['dep-1'],
      scopes: ['patient/Observation.rs'],
      scopePatient: 'p-1',
    });
  });

  it('gives nothing to an app when nothing is left ticked, not what is registered for it (SC-06).', async () => {
    server.person = { ...server.person, scopes: [] };
    const { body } = await launchApp(server);

    expect(String(body.scope ?? '')).toBe('');
    expect(body.patient).toBeUndefined();
    expect((await whoIs(server, body.access_token))?.['scopes'] ?? []).toEqual([]);
  });

  it('gives no patient scope without a patient (SM-13).', async () => {
    server.person = { account: 'lu-ane', practitionerRole: 'role-lu' };
    const { body } = await launchApp(server);

    expect(body.patient).toBeUndefined();
    expect(String(body.scope).split(' ').toSorted()).toEqual(['fhirUser', 'openid', 'user/Practitioner.rs']);
  });

  it.each([
    ['another verifier', { code_verifier: 'x'.repeat(43) }],
    ['no verifier', { code_verifier: undefined }],
    ['another redirect', { redirect_uri: `${CALLBACK}/more` }],
    ['another client', { client_id: 'app-2' }],
    ['no code', { code: undefined }],
  ])('gives nothing for %s (SM-10, SM-11).', async (_name, changes) => {
    await registerApp(server, { id: 'app-2' });
    const { status, body } = await exchange(server, await authorize(server), changes);

    expect(status).toBe(400);
    expect(body.access_token).toBeUndefined();
  });

  it('takes a code once; the second use ends what the first was given (SM-11).', async () => {
    const authorized = await authorize(server, { scope: `${SCOPE} offline_access` });
    const first = await exchange(server, authorized);
    const before = await whoIs(server, first.body.access_token);
    const second = await exchange(server, authorized);

    expect(before).toMatchObject({ subject: 'user:lu-ane' });
    expect(second).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await whoIs(server, first.body.access_token)).toBeUndefined();
    expect((await refresh(server, first.body.refresh_token)).status).toBe(400);
  });

  it('gives at most one of 20 parallel redemptions of a code, and that grant is revoked (SM-11).', async () => {
    const authorized = await authorize(server);

    const answers = await Promise.all(Array.from({ length: 20 }, () => exchange(server, authorized)));

    const given = answers.filter(({ status }) => status === 200);
    expect(given.length).toBeLessThanOrEqual(1);
    for (const { body } of given) {
      expect(await whoIs(server, body.access_token)).toBeUndefined();
    }
  });

  it('takes no code that is older than a minute (SM-11).', async () => {
    const authorized = await authorize(server);
    await server.database.db.pool.query(
      `update oidc set expires_at = now() - interval '1 second', payload = payload || '{"exp": 1}' where model = 'AuthorizationCode'`,
    );

    expect((await exchange(server, authorized)).body.error).toBe('invalid_grant');
  });

  it('stores codes for a minute at most (SM-11).', async () => {
    await authorize(server);
    const { rows } = await server.database.db.pool.query(
      `select max(extract(epoch from expires_at - now()))::int as seconds from oidc where model = 'AuthorizationCode'`,
    );

    expect(rows[0]).toEqual({ seconds: expect.any(Number) as unknown });
    expect((rows[0] as { seconds: number }).seconds).toBeLessThanOrEqual(60);
  });
});

describe('A confidential app', () => {
  it('authenticates by a signed assertion, which counts once (BS-02).', async () => {
    const key = await makeKey('ES384', 'app-key-1');
    await registerApp(server, { isPublic: false, jwks: { keys: [publicJwk(key)] } });
    const proof = (): Promise<string> => assertion(server.url, APP, key);
    const used = await proof();
    const asClient = (client_assertion: string) => ({
      client_assertion_type: ASSERTION_TYPE,
      client_assertion,
    });

    const good = await exchange(server, await authorize(server), asClient(used));
    const again = await exchange(server, await authorize(server), asClient(used));
    const none = await exchange(server, await authorize(server));
    const fresh = await exchange(server, await authorize(server), asClient(await proof()));

    expect(good).toMatchObject({ status: 200, body: { patient: 'p-1' } });
    expect(again).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(none).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(fresh.status).toBe(200);
  });
});

describe('Refreshing', () => {
  const offline = { scope: `${SCOPE} offline_access` };

  it('needs offline_access or online_access, and the registration of the former (SM-15).', async () => {
    expect((await launchApp(server)).body.refresh_token).toBeUndefined();
    expect((await launchApp(server, offline)).body.refresh_token).toEqual(expect.any(String));

    await registerApp(server, { scopes: ['patient/*.rs', 'user/*.rs'] });
    const { body } = await launchApp(server, offline);
    expect(body.refresh_token).toBeUndefined();
    expect(body.scope).not.toContain('offline_access');
  });

  it('gives the same patient and scopes, less when less is asked for, and never more (SM-15).', async () => {
    const { body } = await launchApp(server, offline);
    const same = await refresh(server, body.refresh_token);
    const less = await refresh(server, same.body.refresh_token, { scope: 'patient/Observation.rs' });
    const more = await refresh(server, less.body.refresh_token, { scope: 'patient/Condition.rs' });

    expect(String(same.body.scope).split(' ').toSorted()).toEqual(offline.scope.split(' ').toSorted());
    expect(same.body.patient).toBe('p-1');
    expect(same.body).toMatchObject({ token_type: 'Bearer', expires_in: 300 });
    expect([same.headers.get('cache-control'), same.headers.get('pragma')]).toEqual(['no-store', 'no-cache']);
    expect(less.body.scope).toBe('patient/Observation.rs');
    expect(more).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
  });

  it('needs no name of a public app: the token says whose it is (SM-15).', async () => {
    const { body } = await launchApp(server, offline);
    const next = await refresh(server, body.refresh_token, { client_id: undefined });
    const replay = await refresh(server, body.refresh_token, { client_id: undefined });
    const unknown = await refresh(server, 'nobody-has-this', { client_id: undefined });

    expect(next).toMatchObject({ status: 200, body: { patient: 'p-1', scope: body.scope } });
    expect(replay).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(unknown).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('gives a confidential app nothing that does not authenticate, named or not (SM-15, BS-02).', async () => {
    const key = await makeKey('ES384', 'app-key-2');
    await registerApp(server, { isPublic: false, jwks: { keys: [publicJwk(key)] } });
    const proof = async () => ({
      client_assertion_type: ASSERTION_TYPE,
      client_assertion: await assertion(server.url, APP, key),
    });
    const { body } = await exchange(server, await authorize(server, offline), await proof());
    const nameless = await refresh(server, body.refresh_token, { client_id: undefined });
    const named = await refresh(server, body.refresh_token);
    const proven = await refresh(server, body.refresh_token, { client_id: undefined, ...(await proof()) });

    expect([nameless.status, named.status, proven.status]).toEqual([401, 401, 200]);
  });

  it('reads no endless request.', async () => {
    const answer = await refresh(server, 'x'.repeat(100_000), { client_id: undefined });

    expect(answer).toMatchObject({ status: 413, body: { error: 'invalid_request' } });
  });

  it('rotates; an old token that comes back ends everything (SM-15).', async () => {
    const { body } = await launchApp(server, offline);
    const next = await refresh(server, body.refresh_token);
    const replay = await refresh(server, body.refresh_token);

    expect(next.body.refresh_token).not.toBe(body.refresh_token);
    expect(replay).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await refresh(server, next.body.refresh_token)).status).toBe(400);
    expect(await whoIs(server, next.body.access_token)).toBeUndefined();
  });

  it('gives at most one of 20 parallel uses of a refresh token (SM-15).', async () => {
    const { body } = await launchApp(server, offline);

    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(server, body.refresh_token)));

    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
  });

  it('does not move the end (SM-15).', async () => {
    await server.database.db.pool.query(`delete from oidc where model = 'RefreshToken'`);
    const { body } = await launchApp(server, offline);
    await server.database.db.pool.query(
      `update oidc
          set payload = payload || jsonb_build_object('iiat', floor(extract(epoch from now()))::int - 29 * 86400)
        where model = 'RefreshToken'`,
    );
    await refresh(server, body.refresh_token);
    const { rows } = await server.database.db.pool.query(
      `select floor(max(extract(epoch from expires_at - now())))::int as seconds from oidc where model = 'RefreshToken' and consumed_at is null`,
    );

    expect((rows[0] as { seconds: number }).seconds).toBeLessThanOrEqual(86_400);
  });

  it('by online_access ends when the person is logged in nowhere (SM-15).', async () => {
    const { sessions } = server.smart.login;
    const session = await sessions.open('staff', { account: 'lu-ane', practitionerRole: 'role-lu' });
    const { body } = await launchApp(server, { scope: `${SCOPE} online_access` });
    const online = await refresh(server, body.refresh_token);
    await sessions.end(session);
    const after = await refresh(server, online.body.refresh_token);

    expect(online.status).toBe(200);
    expect(after).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
});
