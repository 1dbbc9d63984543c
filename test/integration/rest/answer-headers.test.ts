/** Headers of every kind of answer: of the API, of the pages, of files, of refusals (LM-05, ASVS 5.0 3.4, 14.3.2, OWASP API8). */
import { hash } from 'node:crypto';
import type { Express } from 'express';
import { saveClient } from '../../../src/smart/clients.ts';
import { browser, type Browser } from '../launch/ehr-server.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';

let server: TestApp;
let nurse: Browser;

beforeAll(async () => {
  server = await startTestApp();
  nurse = browser();
  const { username, password } = server.hints.accounts.find((account) => account.username === 'lu-ane')!;
  await nurse.post(`${server.url}/logg-inn`, { brukernavn: username, passord: password });
}, 180_000);

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** What is the same for everybody, and tells of nobody. */
const PUBLIC = /^\/(web\/|auth\/jwks$|\.well-known\/|brands)/;

/** What is wrong with an answer's headers. */
function faults(path: string, headers: Headers): readonly string[] {
  const policy = headers.get('content-security-policy') ?? '';
  const wanted: readonly (readonly [string, boolean])[] = [
    ['is not to be sniffed at', headers.get('x-content-type-options') === 'nosniff'],
    ['is not framed', policy.includes("frame-ancestors 'none'") && headers.get('x-frame-options') === 'DENY'],
    [
      'runs nothing from elsewhere',
      policy.startsWith("default-src 'none'") && !/unsafe|\*|http:/.test(policy),
    ],
    ['tells nobody where one came from', headers.get('referrer-policy') === 'no-referrer'],
    ['is not kept', PUBLIC.test(path) || headers.get('cache-control') === 'no-store'],
    ['does not say what made it', headers.get('x-powered-by') === null && headers.get('server') === null],
    ['opens no window to others', headers.get('cross-origin-opener-policy') === 'same-origin'],
    ['uses no camera', headers.get('permissions-policy')?.includes('camera=()') === true],
    ...headers
      .getSetCookie()
      .map(
        (cookie) =>
          [
            `cookie: ${cookie}`,
            /; HttpOnly/i.test(cookie) && /; SameSite=(Lax|Strict)/i.test(cookie),
          ] as const,
      ),
  ];
  return wanted.filter(([, holds]) => !holds).map(([name]) => `${path} ${name}`);
}

describe('Headers of an answer (LM-05)', () => {
  it('allow nothing that is not needed, on every page and every answer of the API, whoever asks.', async () => {
    const token = await server.token('staff');
    const paths = [...new Set(routesOf(server.app.http))];
    const found: string[] = [];
    const statuses = new Set<number>();
    for (const path of paths) {
      const answers = [
        await fetch(server.url + path, { redirect: 'manual' }),
        await fetch(server.url + path, { method: 'POST', redirect: 'manual' }),
        path.startsWith('/fhir')
          ? await fetch(server.url + path, {
              redirect: 'manual',
              headers: { authorization: `Bearer ${token}` },
            })
          : await nurse.get(server.url + path),
      ];
      for (const { status, headers } of answers) {
        statuses.add(status);
        found.push(...faults(path, headers).map((fault) => `${status} ${fault}`));
      }
    }

    expect(paths.length).toBeGreaterThan(100);
    expect([...statuses]).toEqual(expect.arrayContaining([200, 303, 400, 401, 403, 404]));
    expect(found).toEqual([]);
  });

  it.each([
    '/healthz',
    '/auth/token',
    '/auth/auth',
    '/auth/jwks',
    '/auth/introspect',
    '/web/finnes-ikke.js',
    '/finnes/ikke',
    '/%E0%A4%A',
  ])('are there also on %s.', async (path) => {
    const { headers } = await fetch(server.url + path, { redirect: 'manual' });

    expect(faults(path, headers)).toEqual([]);
  });

  it('let the authorisation server post an answer to an app, by a script of its own and no other.', async () => {
    const redirectUri = 'https://app.example.no/retur';
    await saveClient(server.database.db.pool, {
      id: 'posted-to',
      kind: 'app',
      name: 'App',
      scopes: ['patient/*.rs'],
      units: [],
      registers: [],
      jwks: undefined,
      jwksUri: undefined,
      redirectUris: [redirectUri],
      isPublic: true,
    });
    const query = new URLSearchParams({
      client_id: 'posted-to',
      redirect_uri: redirectUri,
      response_type: 'code',
      response_mode: 'form_post',
      scope: 'patient/*.rs',
    });

    const answer = await fetch(`${server.url}/auth/auth?${query}`, { redirect: 'manual' });

    const [, script = ''] = /<script>([^]*?)<\/script>/.exec(await answer.text()) ?? [];
    expect(script).toContain('submit()');
    expect(answer.headers.get('content-security-policy')).toContain(
      `script-src 'none' 'sha256-${hash('sha256', script, 'base64')}'`,
    );
    expect(answer.headers.get('cache-control')).toMatch(/no-store/);
  });

  it('let files of the pages be kept, and nothing else that is not public.', async () => {
    const page = await (await fetch(`${server.url}/logg-inn`)).text();
    const [file = ''] = /\/web\/[^"]+\.css/.exec(page) ?? [];

    const { status, headers } = await fetch(server.url + file);

    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(faults(file, headers)).toEqual([]);
  });
});

interface Layer {
  readonly handle: { readonly stack?: readonly Layer[] };
  readonly route?: { readonly path: string | readonly string[] };
}

/** An address for every route; routers without a prefix, and the one of the API. */
function routesOf(app: Express): readonly string[] {
  const { stack } = (app as unknown as { readonly router: { readonly stack: readonly Layer[] } }).router;
  const collect = (layers: readonly Layer[], prefix: string): readonly string[] =>
    layers.flatMap(({ handle, route }) => {
      if (route !== undefined) {
        return [route.path]
          .flat()
          .flatMap((path) => (typeof path === 'string' ? [prefix + filled(path)] : []));
      }
      const isApi = handle.stack?.some((layer) => layer.route?.path === '/metadata') === true;
      return collect(handle.stack ?? [], isApi ? '/fhir' : prefix);
    });
  return collect(stack, '').filter((path) => path !== '/logg-ut');
}

const filled = (path: string): string =>
  path
    .replaceAll(/\{?[:*](\w+)\}?/g, (_, name: string) => (/^type$/i.test(name) ? 'Patient' : 'x'))
    .replaceAll(/[{}]/g, '');
