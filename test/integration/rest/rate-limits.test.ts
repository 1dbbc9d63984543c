/** How much may be asked in a minute, and that every route of the API is asked for by somebody known (LM-04, API4, API9). */
import type { Express } from 'express';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { createRateLimits, type RateLimits, type Rates } from '../../../src/rest/rate-limits.ts';
import { clockAt } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';

const RATES: Rates = { read: 1000, search: 40, write: 3, export: 2, token: 1000 };

describe('A limit on requests (LM-04)', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await database[Symbol.asyncDispose]();
  });

  const limits = (rates: Rates | undefined = RATES): RateLimits =>
    createRateLimits(database.app.pool, clockAt('2026-11-20T08:00:00.000Z'), rates);

  /** Of so many requests, how many were let through. */
  async function passed(by: RateLimits, rate: keyof Rates, who: string, count: number): Promise<number> {
    let good = 0;
    for (let n = 0; n < count; n++) {
      good += await by.take(rate, who).then(
        () => 1,
        (cause: unknown) => {
          if (!(cause instanceof FhirError) || cause.status !== 429) {
            throw cause;
          }
          expect(Number(cause.headers['Retry-After'])).toBeGreaterThan(0);
          return 0;
        },
      );
    }
    return good;
  }

  it('lets so many through in a minute, of each kind and of each caller by itself.', async () => {
    const one = limits();

    expect(await passed(one, 'write', 'client:a', 5)).toBe(3);
    expect(await passed(one, 'write', 'client:b', 5)).toBe(3);
    expect(await passed(one, 'export', 'client:a', 5)).toBe(2);
  });

  it('is counted for all servers together.', async () => {
    const [one, other] = [limits(), limits()];

    const good =
      (await passed(one, 'search', 'client:a', 30)) + (await passed(other, 'search', 'client:a', 30));

    expect(good).toBeGreaterThanOrEqual(40);
    expect(good).toBeLessThanOrEqual(44);
  });

  it('keeps no name of who asked.', async () => {
    await passed(limits(), 'write', 'client:a', 1);

    const rows = await database.db.query<{ key: string }>({ text: 'select key from login_attempt' });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.key).not.toContain('client:a');
  });

  it('is none where none is set.', async () => {
    const none = createRateLimits(database.app.pool, clockAt('2026-11-20T08:00:00.000Z'), undefined);

    expect(await passed(none, 'write', 'client:a', 50)).toBe(50);
  });
});

describe('The authorisation server', () => {
  it('is asked so often in a minute by one address, whatever for, and says when to ask again (LM-04).', async () => {
    await using server = await startTestApp({ RATE_LIMITS: 'token=6' }); // the demo's own start takes none
    const ask = (path: string, method = 'POST') =>
      fetch(`${server.url}/auth/${path}`, {
        method,
        ...(method === 'POST' && { body: new URLSearchParams() }),
      });
    const first = [];
    for (const path of ['token', 'request', 'token/revocation', 'introspect', 'token']) {
      first.push((await ask(path)).status);
    }
    first.push((await ask('auth', 'GET')).status);
    const more = await Promise.all(['token', 'request', 'introspect'].map((path) => ask(path)));
    const open = await ask('jwks', 'GET');

    expect(first.filter((status) => status === 429)).toEqual([]);
    expect(more.map(({ status }) => status)).toEqual([429, 429, 429]);
    expect(Number(more[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await more[0]?.json()).toMatchObject({ error: 'temporarily_unavailable' });
    expect(open.status).toBe(200);
  });
});

describe('The API', () => {
  let server: TestApp;
  beforeAll(async () => {
    server = await startTestApp({ RATE_LIMITS: 'write=2' });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
  });

  it('answers 429 with Retry-After, and goes on answering others (LM-04).', async () => {
    const ehr = await server.token('ehr');
    const staff = await server.token('staff');
    const send = async (token: string, path: string, init: RequestInit = {}) =>
      fetch(`${server.url}/fhir/${path}`, { ...init, headers: { authorization: `Bearer ${token}` } });

    const deletions = [];
    for (let n = 0; n < 3; n++) {
      deletions.push(await send(ehr, `Observation/none-${n}`, { method: 'DELETE' }));
    }

    expect(deletions.map(({ status }) => status).slice(0, 2)).not.toContain(429);
    expect(deletions[2]?.status).toBe(429);
    expect(Number(deletions[2]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await deletions[2]?.json()).toMatchObject({ issue: [{ code: 'throttled' }] });
    expect((await send(ehr, 'Observation')).status).toBe(200);
    expect((await send(staff, 'Observation')).status).toBe(200);
  });

  it('has no route that is answered without asking who, and without a limit (API9).', () => {
    const open = ['/metadata', '/.well-known/smart-configuration'];

    const routes = fhirRoutes(server.app.http);

    expect(routes.length).toBeGreaterThan(60);
    expect(routes.filter(({ path, rate }) => rate === undefined && !open.includes(path))).toEqual([]);
    expect(routes.filter(({ rate }) => rate === 'export').map(({ path }) => path)).toEqual(
      expect.arrayContaining(['/$export', '/Patient/$export']),
    );
  });
});

interface Layer {
  readonly handle: { readonly stack?: readonly Layer[]; readonly rate?: string };
  readonly route?: { readonly path: string | readonly string[]; readonly stack: readonly Layer[] };
}

/** Every route below the FHIR base: that router is the one that has /metadata. */
function fhirRoutes(app: Express): readonly { readonly path: string; readonly rate: string | undefined }[] {
  const routers = (app as unknown as { readonly router: { readonly stack: readonly Layer[] } }).router.stack;
  const fhir = routers.find(
    ({ handle }) => handle.stack?.some(({ route }) => route?.path === '/metadata') === true,
  );
  return (fhir?.handle.stack ?? []).flatMap(({ route }) =>
    route === undefined
      ? []
      : [route.path].flat().map((path) => ({
          path,
          rate: route.stack.map(({ handle }) => handle.rate).find((rate) => rate !== undefined),
        })),
  );
}
