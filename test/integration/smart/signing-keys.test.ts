/** The keys of tokens are renewed while everything goes on: published, signing, kept, gone (RFC 7517, ASVS 13.3.4). */
import { jest } from '@jest/globals';
import { createRemoteJWKSet, decodeProtectedHeader, type JWK, jwtVerify } from 'jose';
import { listTokenKeys, rotateTokenKeys } from '../../../src/cli-signing-keys.ts';
import {
  loadSigningKeys,
  makeKey,
  publicJwk,
  replaceSigningKeys,
  rotateSigningKeys,
  signingKeyStates,
} from '../../../src/smart/signing-keys.ts';
import { tokenVerifier } from '../../../src/smart/tokens.ts';
import { clockAt, type TestClock } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { signedToken } from '../../support/forgeries.ts';
import { addPerson, launchApp, registerApp } from './app-client.ts';
import { requestToken } from './client-assertions.ts';
import { type SmartServer, startSmartServer } from './smart-server.ts';

const NOW = '2026-11-21T10:00:00Z';
const kidsOf = (keys: readonly JWK[]): readonly (string | undefined)[] => keys.map(({ kid }) => kid);

describe('A key ring', () => {
  let database: TestDatabase;
  let clock: TestClock;

  beforeEach(async () => {
    database = await createTestDatabase();
    clock = clockAt(NOW);
  });
  afterEach(() => database[Symbol.asyncDispose]());

  it('publishes a new key at once, signs with it after ten minutes, and keeps the one before for a day.', async () => {
    const { pool } = database.db;
    const ring = await loadSigningKeys(pool, clock);
    const seen: (readonly (string | undefined)[])[] = [kidsOf(ring.current().accessTokens)];
    const names = await rotateSigningKeys(pool, clock.now());
    for (const seconds of [1, 9 * 60, 60, 24 * 3600]) {
      clock.advance({ seconds });
      await ring.refresh();
      seen.push(kidsOf(ring.current().accessTokens));
    }

    expect(names).toEqual(['access-token-2', 'id-token-2']);
    expect(seen).toEqual([
      ['access-token-1'],
      ['access-token-1', 'access-token-2'],
      ['access-token-1', 'access-token-2'],
      ['access-token-2', 'access-token-1'],
      ['access-token-2'],
    ]);
  });

  it('takes what the key before has signed for as long as that is published, and what the next has signed already.', async () => {
    const { pool } = database.db;
    const ring = await loadSigningKeys(pool, clock);
    const first = ring.current().accessToken;
    await rotateSigningKeys(pool, clock.now());
    await ring.refresh();
    const [, next] = ring.current().accessTokens as [JWK, JWK];
    const verify = tokenVerifier({ issuer: 'i', audience: 'a', keys: ring, clock });
    const tokenBy = (jwk: JWK, jti: string): string =>
      signedToken(
        { alg: 'ES256', typ: 'at+jwt', kid: jwk.kid },
        { iss: 'i', aud: 'a', sub: 's', client_id: 'c', jti, exp: Date.parse(NOW) / 1000 + 7 * 86_400 },
        jwk,
      );
    const during = [await verify(tokenBy(first, '1')), await verify(tokenBy(next, '2'))];
    clock.advance({ seconds: 86_400 + 601 });
    await ring.refresh();
    const after = [await verify(tokenBy(first, '3')), await verify(tokenBy(next, '4'))];

    expect(during.map((token) => token?.jti)).toEqual(['1', '2']);
    expect(after.map((token) => token?.jti)).toEqual([undefined, '4']);
    expect(await verify(tokenBy(await makeKey('ES256', 'access-token-2'), '5'))).toBeUndefined();
  });

  it('drops long superseded keys with the next rotation, and knows what each key does.', async () => {
    const { pool } = database.db;
    expect(await signingKeyStates(pool, clock.now())).toEqual([]); // no server has started here yet
    await loadSigningKeys(pool, clock);
    await rotateSigningKeys(pool, clock.now());
    const states = async () =>
      (await signingKeyStates(pool, clock.now()))
        .filter(({ kid }) => kid.startsWith('access'))
        .map(({ kid, state }) => `${kid} ${state}`);
    const seen = [await states()];
    clock.advance({ seconds: 600 });
    seen.push(await states());
    clock.advance({ seconds: 86_400 });
    seen.push(await states());
    await rotateSigningKeys(pool, clock.now());
    seen.push(await states());

    expect(seen).toEqual([
      ['access-token-2 published', 'access-token-1 signs'],
      ['access-token-2 signs', 'access-token-1 kept'],
      ['access-token-2 signs', 'access-token-1 superseded'],
      ['access-token-3 published', 'access-token-2 signs'],
    ]);
  });

  it('is replaced at once when somebody may have it: what it has signed is worth nothing.', async () => {
    const { pool } = database.db;
    const ring = await loadSigningKeys(pool, clock);
    const verify = tokenVerifier({ issuer: 'i', audience: 'a', keys: ring, clock });
    const { accessToken, ehrClient, cookieSecret } = ring.current();
    const claims = { iss: 'i', aud: 'a', sub: 's', client_id: 'c', exp: Date.parse(NOW) / 1000 + 300 };
    const token = (jti: string, jwk: JWK): string =>
      signedToken({ alg: 'ES256', typ: 'at+jwt', kid: jwk.kid }, { ...claims, jti }, jwk);
    const known = token('1', accessToken);
    const before = await verify(known);
    await replaceSigningKeys(pool, clock.now());
    await ring.refresh();

    expect(before?.jti).toBe('1');
    expect(await verify(token('2', accessToken))).toBeUndefined();
    expect(await verify(known)).toBeUndefined();
    expect((await verify(token('3', ring.current().accessToken)))?.jti).toBe('3');
    expect(kidsOf(ring.current().all)).toEqual(['access-token-2', 'id-token-2']);
    expect(ring.current()).toMatchObject({ ehrClient, cookieSecret });
  });

  it('is the same for processes that rotate at once.', async () => {
    const { pool } = database.db;
    const rings = await Promise.all([1, 2].map(() => loadSigningKeys(pool, clock)));
    await Promise.all(rings.map(() => rotateSigningKeys(pool, clock.now())));
    await Promise.all(rings.map((ring) => ring.refresh()));

    expect(rings.map((ring) => kidsOf(ring.current().all))).toEqual(
      rings.map(() => ['access-token-1', 'access-token-2', 'id-token-1', 'id-token-2']),
    );
    expect(rings[0]?.current().all).toEqual(rings[1]?.current().all);
  });
});

describe('A server whose keys are renewed', () => {
  let server: SmartServer;

  beforeAll(async () => {
    server = await startSmartServer();
    await addPerson(server);
    await registerApp(server);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const published = async (): Promise<readonly JWK[]> =>
    ((await (await fetch(`${server.url}/auth/jwks`)).json()) as { keys: JWK[] }).keys;
  /** A server reads its keys again within a minute, when it is asked for something. */
  async function publishedWith(kid: string): Promise<readonly JWK[]> {
    for (let attempt = 0; attempt < 50; attempt++) {
      const keys = await published();
      if (kidsOf(keys).includes(kid)) {
        return keys;
      }
    }
    throw new Error(`${kid} is not published`);
  }

  it('publishes both in its JWKS, without private parts, and signs with the next when its time has come.', async () => {
    const key = await makeKey('ES384', 'es-1');
    await server.register({ id: 'ehr', jwks: { keys: [publicJwk(key)] }, jwksUri: undefined });
    const kidOf = (token: unknown) => decodeProtectedHeader(String(token)).kid;
    const before = (await requestToken(server.url, 'ehr', key)).body.access_token;
    await rotateSigningKeys(server.database.db.pool, server.clock.now());
    server.clock.advance({ seconds: 61 });
    const keys = await publishedWith('access-token-2');
    const during = (await requestToken(server.url, 'ehr', key)).body.access_token;
    server.clock.advance({ seconds: 600 });
    await published();
    let after = (await requestToken(server.url, 'ehr', key)).body.access_token;
    for (let attempt = 0; attempt < 50 && kidOf(after) === 'access-token-1'; attempt++) {
      after = (await requestToken(server.url, 'ehr', key)).body.access_token;
    }
    const { body } = await launchApp(server);
    const jwks = createRemoteJWKSet(new URL(`${server.url}/auth/jwks`));

    expect([before, during, after].map(kidOf)).toEqual([
      'access-token-1',
      'access-token-1',
      'access-token-2',
    ]);
    expect(kidsOf(keys).toSorted()).toEqual(['access-token-1', 'access-token-2', 'id-token-1', 'id-token-2']);
    expect(keys.filter((one) => 'd' in one)).toEqual([]);
    // everything that is out is verified by what is published
    for (const token of [before, during, after]) {
      expect((await jwtVerify(String(token), jwks)).payload['client_id']).toBe('ehr');
    }
    expect((await jwtVerify(String(body.id_token), jwks)).protectedHeader.kid).toBe('id-token-2');
  });
});

describe('The commands for the keys of tokens', () => {
  it('make new ones, and say what each does.', async () => {
    await using database = await createTestDatabase();
    process.env['DATABASE_URL'] = database.url;
    const lines: string[] = [];
    const written = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      lines.push(String(text).trimEnd());
      return true;
    });
    try {
      await loadSigningKeys(database.db.pool, clockAt('2026-01-01T00:00:00Z'));
      expect(await rotateTokenKeys([])).toBe(0);
      expect(await listTokenKeys([])).toBe(0);
      await expect(rotateTokenKeys(['now'])).rejects.toThrow(/Usage/);
    } finally {
      written.mockRestore();
      delete process.env['DATABASE_URL'];
    }

    expect(lines).toEqual([
      expect.stringMatching(/^access-token-2 and id-token-2 are published now, and sign from \d{4}-/),
      expect.stringMatching(/stay published until/),
      expect.stringMatching(/^access-token-2 {2}published/),
      expect.stringMatching(/^access-token-1 {2}signs/),
      expect.stringMatching(/^id-token-2 {2}published/),
      expect.stringMatching(/^id-token-1 {2}signs/),
    ]);
  });
});
