/** Proofs of possession at the resource server: https://www.rfc-editor.org/rfc/rfc9449 section 4.3 */
import { exportJWK } from 'jose';
import { type CheckProof, proofCheck, usedProofs } from '../../../src/smart/dpop.ts';
import { clockAt } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { proofFor, proofKey, type ProofChanges, type ProofKey } from './dpop-proofs.ts';

const URL = 'https://ryggrad.example/fhir/Patient/1';
const NOW = '2026-11-21T10:00:00Z';
const TOKEN = 'a-token';

describe('The check of a DPoP proof', () => {
  let database: TestDatabase;
  let key: ProofKey;
  let check: CheckProof;
  const clock = clockAt(NOW);

  beforeAll(async () => {
    database = await createTestDatabase();
    key = await proofKey();
    check = proofCheck({ used: usedProofs(database.db.pool), clock });
  });
  afterAll(() => database[Symbol.asyncDispose]());

  const made = (changes: ProofChanges = {}, by = key): Promise<string> =>
    proofFor(by, { method: 'GET', url: URL, token: TOKEN, now: new Date(NOW) }, changes);
  const ask = (proof: string | readonly string[] | undefined, url = URL) =>
    check({ method: 'GET', url, proof, accessToken: TOKEN, jkt: key.jkt });

  it('takes a good proof once, whatever is in the query.', async () => {
    const proof = await made();

    expect(await ask(proof, `${URL}?_elements=name#x`)).toBeUndefined();
    expect(await ask(proof)).toBe('the proof was used before');
  });

  it('gives exactly one of 30 parallel uses of one proof, also through two processes.', async () => {
    const proof = await made();
    const other = proofCheck({ used: usedProofs(database.db.pool), clock });
    const request = { method: 'GET', url: URL, proof, accessToken: TOKEN, jkt: key.jkt };

    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? check(request) : other(request))),
    );

    expect(answers.filter((answer) => answer === undefined)).toHaveLength(1);
  });

  const seconds = Date.parse(NOW) / 1000;
  it.each<[string, ProofChanges]>([
    ['another method', { claims: { htm: 'POST' } }],
    ['another address', { claims: { htu: 'https://ryggrad.example/fhir/Patient/2' } }],
    ['another host', { claims: { htu: 'https://other.example/fhir/Patient/1' } }],
    ['no address', { claims: { htu: undefined } }],
    ['another token', { claims: { ath: 'x' } }],
    ['no token', { claims: { ath: undefined } }],
    ['an age of two minutes', { claims: { iat: seconds - 120 } }],
    ['a time in the future', { claims: { iat: seconds + 30 } }],
    ['no time', { claims: { iat: undefined } }],
    ['no jti', { claims: { jti: undefined } }],
    ['a jti that is no text', { claims: { jti: 7 } }],
    ['another type', { header: { typ: 'JWT' } }],
    ['no key', { header: { jwk: undefined } }],
  ])('refuses a proof with %s.', async (_name, changes) => {
    expect(await ask(await made(changes))).toEqual(expect.any(String));
  });

  it('refuses a proof by another key, and one that carries its private key.', async () => {
    const other = await proofKey();
    const secret = await exportJWK(key.privateKey);

    expect(await ask(await made({}, other))).toBe('the proof is by another key than the token is bound to');
    expect(await ask(await made({ header: { jwk: other.publicJwk } }))).toEqual(expect.any(String));
    expect(await ask(await made({ header: { jwk: secret } }))).toEqual(expect.any(String));
  });

  it.each([
    ['nothing', undefined],
    ['two headers', ['a', 'b']],
    ['text', 'x'],
    ['much text', 'x'.repeat(5000)],
  ])('refuses %s in place of a proof.', async (_name, proof) => {
    expect(await ask(proof)).toEqual(expect.any(String));
  });

  it('takes every algorithm it says it takes, and none else.', async () => {
    const eddsa = await proofKey('EdDSA');
    const request = { method: 'GET', url: URL, accessToken: TOKEN };
    for (const alg of ['ES384', 'PS256', 'RS256']) {
      const strong = await proofKey(alg);
      expect(await check({ ...request, proof: await made({}, strong), jkt: strong.jkt })).toBeUndefined();
    }
    expect(await check({ ...request, proof: await made({}, eddsa), jkt: eddsa.jkt })).toBe(
      'the proof is not signed by the key in it',
    );
  });
});
