/** HelseID's tokens for systems at our API: norwegian-fhir 4.2; HI-01. */
import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { proofFor, type ProofKey, proofKey } from '../smart/dpop-proofs.ts';
import { type IssuerServer, ORGANISATION, startIssuerServer } from './issuer-server.ts';
import { detailsOf, systemToken } from './tokens.ts';

let server: IssuerServer;

beforeAll(async () => {
  server = await startIssuerServer();
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(() => {
  server.events.length = 0;
});

const target = (): string => `${server.url}/whoami`;

/** Claims of a good token that is bound to `key`. */
const claimsFor = ({ jkt }: ProofKey): Record<string, unknown> => {
  const now = Math.floor(server.clock.now().getTime() / 1000);
  return {
    iss: server.helseId.issuer,
    aud: 'nhn:ryggrad',
    client_id: 'ehr-at-helseid',
    scope: 'nhn:ryggrad/lever',
    iat: now,
    nbf: now,
    exp: now + 60,
    jti: randomBytes(8).toString('hex'),
    cnf: { jkt },
    'helseid://claims/client/claims/orgnr_parent': '998877661',
    'helseid://claims/client/claims/orgnr_child': ORGANISATION,
  };
};

const goodProof = (key: ProofKey, token: string): Promise<string> =>
  proofFor(key, { method: 'GET', url: target(), token, now: server.clock.now() });

const ask = (token: string, proof?: string, scheme = 'DPoP'): Promise<Response> =>
  fetch(target(), {
    headers: { authorization: `${scheme} ${token}`, ...(proof !== undefined && { DPoP: proof }) },
  });

/** 401 with a challenge that says as little as the body; the reason is in the trail. */
async function expectRefusal(response: Response, reason: string): Promise<void> {
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toMatch(
    /^DPoP error="invalid_(token|dpop_proof)", algs="ES256 /,
  );
  expect(await response.json()).toEqual({
    message: 'The access token is unknown, expired or meant for another server.',
  });
  expect(server.events).toEqual([
    { type: 'token-refused', outcome: 'failure', subject: 'issuer:helseid', reason },
  ]);
}

describe('A token that HelseID gave a system', () => {
  it('lets the organisation in that the assertion names, with what its scope opens (HI-01).', async () => {
    const { token, keys } = await systemToken(server);
    const key = await asProofKey(keys);

    const answer = await ask(token, await goodProof(key, token));

    expect(await answer.json()).toEqual({
      kind: 'ehr',
      subject: `issuer:helseid:ehr-at-helseid:${ORGANISATION}`,
      name: 'ehr-at-helseid',
      scopes: ['system/*.cruds'],
      token: expect.any(String) as string,
      units: ['org-hospital'],
    });
  });

  it('reads the registers of its scope, when that is a scope of analysis.', async () => {
    const { token, keys } = await systemToken(server, { scope: 'nhn:ryggrad/analyse' });

    const answer = await ask(token, await goodProof(await asProofKey(keys), token));

    expect(await answer.json()).toMatchObject({
      kind: 'analytics',
      registers: ['r1'],
      scopes: ['system/*.rs'],
    });
  });

  it('opens nothing without a scope of ours: 403.', async () => {
    const { token, keys } = await systemToken(server, { scope: 'nhn:other/x' });

    const answer = await ask(token, await goodProof(await asProofKey(keys), token));

    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([
      403,
      'DPoP error="insufficient_scope"',
    ]);
    expect(server.events).toMatchObject([{ type: 'token-refused', reason: 'no scope of this server' }]);
  });

  it('is refused for an organisation that is not known here.', async () => {
    const { token, keys } = await systemToken(server, { organisation: 'NO:ORGNR:987654325:987654325' });

    const answer = await ask(token, await goodProof(await asProofKey(keys), token));

    await expectRefusal(answer, 'the organisation of the token is not known here');
  });
});

describe('The stand-in', () => {
  it('refuses the organisation in two places, as HelseID does.', async () => {
    const parameters = { authorization_details: JSON.stringify(detailsOf('NO:ORGNR:998877661:')) };

    await expect(systemToken(server, { parameters })).rejects.toMatchObject({
      error: 'access_denied',
      error_description: expect.stringContaining('HID-DOUBLE-STRUCTURE') as string,
    });
  });

  it('refuses an assertion that lives for more than 60 seconds.', async () => {
    const assertion = { exp: Math.floor(Date.now() / 1000) + 120 };

    await expect(systemToken(server, { assertion })).rejects.toMatchObject({ error: 'invalid_client' });
  });
});

describe('A token is refused', () => {
  const now = (): number => Math.floor(server.clock.now().getTime() / 1000);
  const faults: readonly (readonly [string, () => Record<string, unknown>, string])[] = [
    ['when it has expired', () => ({ exp: now() - 10 }), 'ERR_JWT_EXPIRED exp'],
    ['before its time', () => ({ nbf: now() + 60 }), 'ERR_JWT_CLAIM_VALIDATION_FAILED nbf'],
    ['without an end', () => ({ exp: undefined }), 'ERR_JWT_CLAIM_VALIDATION_FAILED exp'],
    ['for another audience', () => ({ aud: 'nhn:other' }), 'ERR_JWT_CLAIM_VALIDATION_FAILED aud'],
    [
      'for several audiences',
      () => ({ aud: ['nhn:ryggrad', 'nhn:other'] }),
      'the token is meant for several audiences',
    ],
    ['without a client', () => ({ client_id: undefined }), 'ERR_JWT_CLAIM_VALIDATION_FAILED client_id'],
    ['without a key', () => ({ cnf: undefined }), 'the token is bound to no key'],
    ['without an organisation', () => noOrganisation, 'the organisation of the token is not known here'],
    [
      'with scopes of two kinds',
      () => ({ scope: 'nhn:ryggrad/lever nhn:ryggrad/analyse' }),
      'the scopes are of several kinds',
    ],
    [
      'for a person it does not name',
      () => ({ scope: 'nhn:ryggrad/bruker' }),
      'a person is needed, and the token names none',
    ],
  ];
  const noOrganisation = {
    'helseid://claims/client/claims/orgnr_parent': undefined,
    'helseid://claims/client/claims/orgnr_child': undefined,
  };

  it.each(faults)('%s.', async (_name, changes, reason) => {
    const key = await proofKey();
    const token = await server.helseId.sign({ ...claimsFor(key), ...changes() });

    await expectRefusal(await ask(token, await goodProof(key, token)), reason);
  });

  it('of another type.', async () => {
    const key = await proofKey();
    const token = await server.helseId.sign(claimsFor(key), { typ: 'logout+jwt' });

    await expectRefusal(await ask(token, await goodProof(key, token)), 'typ is not that of an access token');
  });

  it('signed by somebody else under the same key name.', async () => {
    const key = await proofKey();
    const { privateKey } = await generateKeyPair('PS256');
    const token = await new SignJWT(claimsFor(key))
      .setProtectedHeader({ alg: 'PS256', typ: 'at+jwt', kid: 'key-1' })
      .sign(privateKey);

    await expectRefusal(
      await ask(token, await goodProof(key, token)),
      'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    );
  });

  it('signed by the key in its own header.', async () => {
    const key = await proofKey();
    const { privateKey, publicKey } = await generateKeyPair('PS256', { extractable: true });
    const jwk = await exportJWK(publicKey);
    const token = await new SignJWT(claimsFor(key))
      .setProtectedHeader({ alg: 'PS256', typ: 'at+jwt', kid: 'own', jwk, jku: `${server.url}/jwks` })
      .sign(privateKey);

    await expectRefusal(await ask(token, await goodProof(key, token)), 'ERR_JWKS_NO_MATCHING_KEY');
  });

  it.each([
    ['with a secret', 'HS256'],
    ['by nobody', 'none'],
  ])('signed %s.', async (_name, alg) => {
    const key = await proofKey();
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${part({ alg, typ: 'at+jwt', kid: 'key-1' })}.${part(claimsFor(key))}.AAAA`;

    await expectRefusal(await ask(token, await goodProof(key, token)), 'ERR_JOSE_ALG_NOT_ALLOWED');
  });

  it('as a bearer token, although its key is known.', async () => {
    const key = await proofKey();
    const token = await server.helseId.sign(claimsFor(key));

    await expectRefusal(
      await ask(token, undefined, 'Bearer'),
      'the token is bound to a key and was sent without proof',
    );
  });

  it('by an issuer that nobody has named here: it is not looked at.', async () => {
    const key = await proofKey();
    const token = await server.helseId.sign({ ...claimsFor(key), iss: `${server.helseId.issuer}/` });

    const answer = await ask(token, await goodProof(key, token));

    expect(await answer.json()).toEqual({ kind: 'nobody' });
  });
});

describe('A proof of possession is refused', () => {
  const at = (seconds: number): { iat: number } => ({
    iat: Math.floor(server.clock.now().getTime() / 1000) + seconds,
  });
  const broken: readonly (readonly [string, (key: ProofKey) => object | Promise<object>, string])[] = [
    ['without htu', () => ({ claims: { htu: undefined } }), 'another address'],
    ['without htm', () => ({ claims: { htm: undefined } }), 'another method'],
    ['without ath', () => ({ claims: { ath: undefined } }), 'another token'],
    ['without jti', () => ({ claims: { jti: undefined } }), 'no jti'],
    ['with an iat in the past', () => ({ claims: at(-60) }), 'too old'],
    ['with an iat in the future', () => ({ claims: at(60) }), 'too old, or from the future'],
    ['of another type', () => ({ header: { typ: 'JWT' } }), 'not signed by the key in it'],
    ['without its key', () => ({ header: { jwk: undefined } }), 'not signed by the key in it'],
    [
      'with the private key in it',
      async (key) => ({ header: { jwk: await exportJWK(key.privateKey) } }),
      'not signed by the key in it',
    ],
    [
      'for another address',
      () => ({ claims: { htu: 'https://elsewhere.example/whoami' } }),
      'another address',
    ],
    ['for another method', () => ({ claims: { htm: 'POST' } }), 'another method'],
  ];

  it.each(broken)('%s.', async (_name, change, reason) => {
    const key = await proofKey();
    const token = await server.helseId.sign(claimsFor(key));
    const proof = await proofFor(
      key,
      { method: 'GET', url: target(), token, now: server.clock.now() },
      await change(key),
    );

    await expectRefusal(await ask(token, proof), expect.stringContaining(reason) as string);
  });

  it.each([
    ['without an algorithm', {}],
    ['signed with a secret', { alg: 'HS256' }],
  ])('%s.', async (_name, header) => {
    const key = await proofKey();
    const token = await server.helseId.sign(claimsFor(key));
    const [, payload] = (await goodProof(key, token)).split('.');
    const head = { ...header, typ: 'dpop+jwt', jwk: key.publicJwk };
    const proof = `${Buffer.from(JSON.stringify(head)).toString('base64url')}.${payload ?? ''}.AAAA`;

    await expectRefusal(await ask(token, proof), 'DPoP: the proof is not signed by the key in it');
  });

  it('with a signature that does not fit.', async () => {
    const key = await proofKey();
    const token = await server.helseId.sign(claimsFor(key));
    const [header, payload] = (await goodProof(key, token)).split('.');
    const [, , foreign] = (await goodProof(await proofKey(), token)).split('.');

    await expectRefusal(
      await ask(token, [header, payload, foreign].join('.')),
      'DPoP: the proof is not signed by the key in it',
    );
  });

  it('by another key than the token is bound to.', async () => {
    const token = await server.helseId.sign(claimsFor(await proofKey()));

    await expectRefusal(
      await ask(token, await goodProof(await proofKey(), token)),
      'DPoP: the proof is by another key than the token is bound to',
    );
  });

  it('when there is none.', async () => {
    const token = await server.helseId.sign(claimsFor(await proofKey()));

    await expectRefusal(await ask(token), 'DPoP: not exactly one DPoP header');
  });

  it('the second time: of 20 at once, one gets in.', async () => {
    const key = await proofKey();
    const token = await server.helseId.sign(claimsFor(key));
    const proof = await goodProof(key, token);

    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(token, proof)));

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(19);
  });
});

describe('The keys of an issuer', () => {
  it('are asked for once more when a token is signed by a new one, and otherwise kept for a day.', async () => {
    const asked = (): number => server.helseId.asked.filter((path) => path === '/jwks').length;
    const status = async (): Promise<number> => {
      const key = await proofKey();
      const token = await server.helseId.sign(claimsFor(key));
      return (await ask(token, await goodProof(key, token))).status;
    };
    await status();
    const before = asked();
    await status();
    expect(asked()).toBe(before);

    await server.helseId.rotate();
    server.clock.advance({ seconds: 31 });
    expect(await status()).toBe(200);
    expect(asked()).toBe(before + 1);

    server.clock.advance({ hours: 24 });
    expect(await status()).toBe(200);
    expect(asked()).toBe(before + 2);
  });
});

/** The key pair of openid-client, for the maker of proofs. */
async function asProofKey({ privateKey, publicKey }: CryptoKeyPair): Promise<ProofKey> {
  const publicJwk: JWK = await exportJWK(publicKey);
  return { privateKey, publicJwk, jkt: await calculateJwkThumbprint(publicJwk), alg: 'ES256' };
}
