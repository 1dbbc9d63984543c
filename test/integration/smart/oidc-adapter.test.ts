/** Where the authorisation server keeps its things: what is used once is used by one (SM-11, SM-15, BS-02). */
import { systemClock } from '../../../src/fhir/id.ts';
import { oidcAdapter } from '../../../src/smart/oidc-adapter.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

const adapters = (model: string) => [1, 2].map(() => oidcAdapter(database.db.pool, systemClock)(model));

/** How many of 20 at once, through two processes, get through. */
async function successes(work: (process: number) => Promise<unknown>): Promise<number> {
  const all = await Promise.allSettled(Array.from({ length: 20 }, (_, n) => work(n % 2)));
  return all.filter(({ status }) => status === 'fulfilled').length;
}

describe('What is used once', () => {
  it.each(['AuthorizationCode', 'RefreshToken'])(
    'is consumed by one of 20 at once, and its grant ends: %s (SM-11, SM-15).',
    async (model) => {
      const [one, two] = adapters(model);
      await one?.upsert('code', { grantId: `grant-of-${model}`, kind: model }, 60);
      await database.db.pool.query(
        `insert into app_grant (id, account, client_id, practitioner_role, scopes, expires_at)
         values ($1, 'a', 'c', 'r', '{}', now() + interval '1 hour')`,
        [`grant-of-${model}`],
      );

      expect(await successes(async (process) => (process === 0 ? one : two)?.consume('code'))).toBe(1);

      const left = await database.db.pool.query('select 1 from app_grant where id = $1', [
        `grant-of-${model}`,
      ]);
      expect(left.rows).toEqual([]);
      expect(await one?.find('code')).toBeUndefined();
    },
  );

  it('is registered by one of 20 at once: a client’s assertion (BS-02).', async () => {
    const [one, two] = adapters('ReplayDetection');
    const register = async (process: number): Promise<void> =>
      (process === 0 ? one : two)?.upsert('jti-1', { jti: 'jti-1' }, 60);

    expect(await successes(register)).toBe(1);
  });
});
