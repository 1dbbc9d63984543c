/**
 * A third party's app in a real browser, with the fhirclient library as everyone uses it: standalone launch, login, consent,
 * choice of patient, back to the app, which reads the patient across origins. https://github.com/smart-on-fhir/client-js
 * With SCREENSHOTS=<folder> the pages are kept as pictures at two widths.
 */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { buildIfStale } from '../../scripts/build.mjs';
import { saveClient } from '../../src/smart/clients.ts';
import { startWalkServer, type WalkServer } from '../integration/walk/walk-server.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const library = readFileSync(require.resolve('fhirclient/build/fhir-client.js'), 'utf8');
const screenshots = process.env['SCREENSHOTS'];

let server: WalkServer;
let chromium: TestBrowser;
let app: Server;
let appUrl: string;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  await buildIfStale();
  server = await startWalkServer();
  await server.person();
  chromium = await launchBrowser();
  ({ app, appUrl } = await startApp(`${server.app.url}/fhir`));
  await saveClient(server.app.database.db.pool, {
    id: 'kurveapp',
    kind: 'app',
    name: 'Kurveappen',
    scopes: ['patient/*.rs', 'user/Practitioner.rs', 'offline_access'],
    units: [],
    registers: [],
    jwks: undefined,
    jwksUri: undefined,
    redirectUris: [`${appUrl}/callback`],
    isPublic: true,
  });
}, 400_000);

afterAll(async () => {
  await chromium.close();
  await new Promise((resolve) => app.close(resolve));
  await server[Symbol.asyncDispose]();
});

beforeEach(async () => {
  context = await chromium.newContext({ width: 1280, height: 900 });
  page = await context.newPage();
});
afterEach(() => context.close());

/** The app: two pages and the library, on an origin of its own. */
async function startApp(iss: string): Promise<{ app: Server; appUrl: string }> {
  const pages: Readonly<Record<string, string>> = {
    '/launch': `FHIR.oauth2.authorize({
      iss: '${iss}', clientId: 'kurveapp', redirectUri: '/callback',
      scope: 'launch/patient openid fhirUser patient/Patient.rs patient/Observation.rs user/Practitioner.rs offline_access' });`,
    '/callback': `FHIR.oauth2.ready()
      .then(async (client) => {
        const patient = await client.patient.read();
        const state = await client.refresh();
        const user = state.tokenResponse.scope.includes('Practitioner') ? await client.user.read() : undefined;
        document.body.dataset.answer = JSON.stringify({
          patient, scope: state.tokenResponse.scope, fhirUser: client.getFhirUser(), user,
        });
      })
      .catch((error) => { document.body.dataset.answer = JSON.stringify({ error: String(error.message) }); });`,
  };
  const started = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://app');
    if (pathname === '/fhir-client.js') {
      response.setHeader('Content-Type', 'text/javascript').end(library);
      return;
    }
    const script = pages[pathname];
    response.statusCode = script === undefined ? 404 : 200;
    response
      .setHeader('Content-Type', 'text/html')
      .end(`<!doctype html><body><script src="/fhir-client.js"></script><script>${script ?? ''}</script>`);
  });
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return { app: started, appUrl: `http://127.0.0.1:${(started.address() as AddressInfo).port}` };
}

/** What axe finds on the page as it stands; the page is photographed on the way. */
async function look(name: string): Promise<readonly unknown[]> {
  if (screenshots !== undefined) {
    for (const width of [375, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: join(screenshots, `${name}-${width}.png`), fullPage: true });
    }
  }
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  });
}

async function logIn(): Promise<void> {
  const { username, password } = server.app.hints.accounts.find(({ username: name }) =>
    name.startsWith('lc-'),
  ) ?? {
    username: '',
    password: '',
  };
  await page.getByLabel('Brukernavn').fill(username);
  await page.getByLabel('Passord').fill(password);
  await page.getByRole('button', { name: 'Logg inn', exact: true }).click();
}

const answer = async (): Promise<Record<string, unknown>> => {
  await page.waitForFunction(() => document.body.dataset['answer'] !== undefined);
  return JSON.parse((await page.locator('body').getAttribute('data-answer')) ?? '{}') as Record<
    string,
    unknown
  >;
};

describe('A standalone app', () => {
  it('is let in by the person, told of one patient, reads that patient and its user across origins, and refreshes (launch-standalone, client-public, context-standalone-patient, permission-offline).', async () => {
    await page.goto(`${appUrl}/launch`);
    await logIn();
    await page.getByRole('heading', { name: 'Velg pasient' }).waitFor();
    const onPicker = await look('app-patient');
    await page
      .getByRole('button', { name: /^Velg / })
      .first()
      .click();
    await page.getByRole('heading', { name: 'Gi Kurveappen tilgang?' }).waitFor();
    const onConsent = await look('app-consent');
    await page.getByRole('button', { name: 'Gi tilgang', exact: true }).click();
    const result = await answer();
    await page.goto(`${server.app.url}/apper`);
    const onApps = await look('apps');

    expect(result['error']).toBeUndefined();
    expect(result['patient']).toMatchObject({ resourceType: 'Patient' });
    expect(String(result['fhirUser'])).toMatch(/Practitioner/);
    expect(result['user']).toMatchObject({ resourceType: 'Practitioner' });
    expect(String(result['scope'])).toContain('patient/Observation.rs');
    expect([onPicker, onConsent, onApps]).toEqual([[], [], []]);
  }, 180_000);

  it('finds the patient by name, without a name in the address, and without scripts.', async () => {
    await page.goto(`${appUrl}/launch`);
    await logIn();
    await page.getByLabel('Søk på navn eller PasientID').fill('finnes ikke');
    await page.getByRole('button', { name: 'Søk' }).click();
    await page.getByText('Ingen pasienter passer.').waitFor();

    expect(page.url()).not.toContain('finnes');
    expect(await page.locator('script').count()).toBe(0);
  }, 180_000);

  it('is told when the person gives no access, and has nothing.', async () => {
    await page.goto(`${appUrl}/launch`);
    await logIn();
    await page.getByRole('button', { name: 'Ikke gi tilgang' }).click();

    expect(JSON.stringify(await answer())).toMatch(/no access|access_denied/);
  }, 180_000);

  it('gets what is left ticked, and no more (SC-06); and nothing when it is taken back (IN-02).', async () => {
    await page.goto(`${appUrl}/launch`);
    await logIn();
    await page
      .getByRole('button', { name: /^Velg / })
      .first()
      .click();
    await page.getByRole('checkbox', { name: /målinger og funn/ }).uncheck();
    await page.getByRole('button', { name: 'Gi tilgang', exact: true }).click();
    const result = await answer();
    await page.goto(`${server.app.url}/apper`);
    const before = await page.getByRole('button', { name: /^Ta tilbake/ }).count();
    await page
      .getByRole('button', { name: /^Ta tilbake/ })
      .first()
      .click();
    await page.getByText('Tilgangen er tatt tilbake.').waitFor();

    expect(String(result['scope'])).not.toContain('Observation');
    expect(await page.getByRole('button', { name: /^Ta tilbake/ }).count()).toBe(before - 1);
  }, 180_000);

  it('may ask that the person shows again who they are, who then gives access (SM-14).', async () => {
    await page.goto(`${appUrl}/launch`);
    await logIn();
    await page.getByRole('heading', { name: 'Velg pasient' }).waitFor();
    const { issuer } = server.app.app.smart.smartConfiguration() as { issuer: string };
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'kurveapp',
      redirect_uri: `${appUrl}/callback`,
      scope: 'openid launch/patient patient/Patient.rs',
      state: 'x',
      aud: `${server.app.url}/fhir`,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      prompt: 'login',
    });
    await server.app.database.db.pool.query(
      `update session set payload = payload || '{"authenticated": "2026-01-01T08:00:00.000Z"}'`,
    );
    await page.goto(`${issuer}/auth?${query}`);
    await page.getByRole('heading', { name: 'Bekreft at det er deg' }).waitFor();
    const { password } = server.app.hints.accounts.find(({ username }) => username.startsWith('lc-')) ?? {
      password: '',
    };
    await page.getByLabel('Passord').fill(password);
    await page.getByRole('button', { name: 'Fortsett' }).click();

    await page.getByRole('heading', { name: 'Velg pasient' }).waitFor();
  }, 180_000);
});
