/** Apps' tokens after they were given: bound to keys, revoked, introspected, used from browsers. */
import { decodeJwt } from 'jose';
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
import { proofFor, proofKey } from './dpop-proofs.ts';
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

describe('A token bound to a key', () => {
  it('works with a proof of that key, each proof once, and not without (DPoP).', async () => {
    const key = await proofKey();
    const { body } = await launchApp(server, {}, key);
    const token = String(body.access_token);
    const request = { method: 'GET', url: `${server.url}/whoami`, token, now: server.clock.now() };
    const proven = async (proof?: string) => ({
      authorization: `DPoP ${token}`,
      dpop: proof ?? (await proofFor(key, request)),
    });
    const proof = await proofFor(key, request);

    expect(body.token_type).toBe('DPoP');
    expect(await whoIs(server, token, await proven(proof))).toMatchObject({ subject: 'user:lu-ane' });
    expect(await whoIs(server, token, await proven(proof))).toBeUndefined();
    expect(await whoIs(server, token)).toBeUndefined();
    expect(await whoIs(server, token, { authorization: `DPoP ${token}` })).toBeUndefined();
    expect(await whoIs(server, token, await proven())).toMatchObject({ subject: 'user:lu-ane' });
  });

  it('is the only one for an app that must prove possession (DPoP).', async () => {
    await registerApp(server, { requiresDpop: true });

    expect(await launchApp(server)).toMatchObject({ status: 400 });
    expect((await launchApp(server, {}, await proofKey())).body.token_type).toBe('DPoP');
  });

  it('does not make a bearer token stronger: an unbound token is refused as DPoP.', async () => {
    const key = await proofKey();
    const { body } = await launchApp(server);
    const token = String(body.access_token);
    const dpop = await proofFor(key, {
      method: 'GET',
      url: `${server.url}/whoami`,
      token,
      now: server.clock.now(),
    });

    expect(await whoIs(server, token, { authorization: `DPoP ${token}`, dpop })).toBeUndefined();
  });

  it('brings one token for one proof at the token endpoint, of 10 parallel uses (BS-02).', async () => {
    const key = await proofKey();
    const proof = await proofFor(key, { method: 'POST', url: `${server.url}/auth/token` });
    const codes = [];
    for (let count = 0; count < 10; count++) {
      codes.push(await authorize(server));
    }

    const answers = await Promise.all(
      codes.map(({ url, verifier }) =>
        post(
          server,
          '/auth/token',
          {
            grant_type: 'authorization_code',
            code: url.searchParams.get('code') ?? '',
            redirect_uri: CALLBACK,
            client_id: APP,
            code_verifier: verifier,
          },
          { DPoP: proof },
        ),
      ),
    );

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.find(({ status }) => status !== 200)?.body.error).toBe('invalid_dpop_proof');
  });
});

describe('Revocation and introspection', () => {
  const introspect = (token: unknown, caller: unknown) =>
    post(server, '/auth/introspect', { token: String(token) }, { authorization: `Bearer ${String(caller)}` });
  const revoke = (token: unknown, client = APP) =>
    post(server, '/auth/token/revocation', { token: String(token), client_id: client });

  it('tell what is active, with its context, to a caller with a bearer token (IN-01).', async () => {
    const { body } = await launchApp(server, { scope: `${SCOPE} offline_access` });
    const answer = await introspect(body.access_token, body.access_token);
    const refreshing = await introspect(body.refresh_token, body.access_token);

    expect(answer.body).toMatchObject({
      active: true,
      client_id: APP,
      scope: body.scope,
      patient: 'p-1',
      sub: 'lu-ane',
      iss: `${server.url}/auth`,
      fhirUser: `${server.url}/fhir/Practitioner/p-ane`,
      exp: decodeJwt(String(body.access_token)).exp,
    });
    expect(refreshing.body).toMatchObject({ active: true, client_id: APP, sub: 'lu-ane' });
  });

  it.each(['garbage', '', 'a.b.c', 'eyJhbGciOiJub25lIn0.e30.'])(
    'say of "%s" that it is not active (IN-01).',
    async (token) => {
      const { body } = await launchApp(server);

      expect(await introspect(token, body.access_token)).toMatchObject({
        status: 200,
        body: { active: false },
      });
    },
  );

  it('tell nothing of another client’s tokens, and nothing to a caller without a token (IN-01).', async () => {
    await registerApp(server, { id: 'app-2' });
    const mine = await launchApp(server);
    const other = await exchange(server, await authorize(server, { client_id: 'app-2' }), {
      client_id: 'app-2',
    });

    expect((await introspect(mine.body.access_token, other.body.access_token)).body).toEqual({
      active: false,
    });
    expect((await introspect(mine.body.access_token, 'none')).status).toBe(401);
  });

  it('end an access token at once, for the resource server and for introspection (IN-02).', async () => {
    const { body } = await launchApp(server);
    const other = await launchApp(server);
    const answer = await revoke(body.access_token);

    expect(answer.status).toBe(200);
    expect(await whoIs(server, body.access_token)).toBeUndefined();
    expect((await introspect(body.access_token, other.body.access_token)).body).toEqual({ active: false });
    expect(await whoIs(server, other.body.access_token)).toBeDefined();
  });

  it('end a refresh token with everything on its grant (IN-02).', async () => {
    const { body } = await launchApp(server, { scope: `${SCOPE} offline_access` });

    expect((await revoke(body.refresh_token)).status).toBe(200);
    expect((await refresh(server, body.refresh_token)).status).toBe(400);
    expect(await whoIs(server, body.access_token)).toBeUndefined();
  });

  it('leave another client’s token alone (IN-02).', async () => {
    await registerApp(server, { id: 'app-2' });
    const { body } = await launchApp(server);

    expect((await revoke(body.access_token, 'app-2')).status).toBe(200);
    expect(await whoIs(server, body.access_token)).toBeDefined();
  });

  it('are a person’s own, too: what is withdrawn is gone at the next request (IN-02).', async () => {
    const { body } = await launchApp(server, { scope: `${SCOPE} offline_access` });
    const { apps } = server.smart;
    const grants = await apps.grantsOf('lu-ane');
    const stranger = await apps.withdraw('lu-kari', grants[0]?.id ?? '');
    const before = await whoIs(server, body.access_token);
    const own = await apps.withdraw('lu-ane', grants[0]?.id ?? '');

    expect(grants[0]).toMatchObject({ clientId: APP, clientName: 'Kurveappen', patient: 'p-1' });
    expect([stranger, own]).toEqual([false, true]);
    expect(before).toBeDefined();
    expect(await whoIs(server, body.access_token)).toBeUndefined();
    expect((await refresh(server, body.refresh_token)).status).toBe(400);
  });

  it('reach every token of a person at once (IN-02).', async () => {
    const { body } = await launchApp(server);
    await server.smart.apps.withdrawAll('lu-ane');

    expect(await whoIs(server, body.access_token)).toBeUndefined();
    expect(await server.smart.apps.grantsOf('lu-ane')).toEqual([]);
  });

  it('are not needed when an account is closed: its apps are out at once, and that is said (IN-01).', async () => {
    await addPerson(server, 'lu-per');
    const caller = (await launchApp(server)).body.access_token;
    server.person = { ...server.person, account: 'lu-per' };
    const { body } = await launchApp(server, { scope: `${SCOPE} offline_access` });
    const before = [
      await introspect(body.access_token, caller),
      await introspect(body.refresh_token, caller),
    ];
    await server.database.db.pool.query("update account set disabled = true where username = 'lu-per'");
    const after = [await introspect(body.access_token, caller), await introspect(body.refresh_token, caller)];

    expect(before.map((answer) => answer.body['active'])).toEqual([true, true]);
    expect(after.map((answer) => answer.body)).toEqual([{ active: false }, { active: false }]);
    expect(await whoIs(server, body.access_token)).toBeUndefined();
  });
});

describe('An app in a browser', () => {
  const preflight = (path: string, origin: string) =>
    fetch(`${server.url}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
  const origin = new URL(CALLBACK).origin;

  it('may call the token endpoint and the API from its own origin alone (SM-05).', async () => {
    const authorized = await authorize(server);
    const fields = {
      grant_type: 'authorization_code',
      code: authorized.url.searchParams.get('code') ?? '',
      redirect_uri: CALLBACK,
      client_id: APP,
      code_verifier: authorized.verifier,
    };
    const foreign = await post(server, '/auth/token', fields, { origin: 'https://evil.example' });
    const own = await post(server, '/auth/token', fields, { origin });

    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    expect(foreign.body.access_token).toBeUndefined();
    expect(own.headers.get('access-control-allow-origin')).toBe(origin);
    expect((await preflight('/fhir/Patient', origin)).headers.get('access-control-allow-origin')).toBe(
      origin,
    );
    expect(
      (await preflight('/fhir/Patient', 'https://evil.example')).headers.get('access-control-allow-origin'),
    ).toBeNull();
  });

  it('may read discovery from anywhere (SM-05).', async () => {
    const evil = 'https://any.example';
    expect((await preflight('/fhir/metadata', evil)).headers.get('access-control-allow-origin')).toBe('*');
    const response = await fetch(`${server.url}/fhir/.well-known/smart-configuration`, {
      headers: { origin: evil },
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('never with our cookies (SM-05).', async () => {
    const { headers } = await preflight('/fhir/Patient', origin);

    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });
});
