/**
 * The clinician's and the coordinator's work in a real browser against the whole server: launch from the EHR, fill, lock, correct.
 * With SCREENSHOTS=<folder> every page is kept as a picture at two widths.
 */
import type { BrowserContext, Page } from 'playwright-core';
import { pushPatient, type Registered } from '../../demo/walk/push.ts';
import type { Observation } from '../../src/fhir/types.ts';
import { buildIfStale } from '../../scripts/build.mjs';
import { startWalkServer, to, type WalkServer } from '../integration/walk/walk-server.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { complaintsOf, look } from '../support/look.ts';

let server: WalkServer;
let chromium: TestBrowser;
let context: BrowserContext;
let page: Page;
let problems: readonly string[];

beforeAll(async () => {
  await buildIfStale();
  server = await startWalkServer();
  chromium = await launchBrowser();
}, 180_000);

afterAll(async () => {
  await chromium.close();
  await server[Symbol.asyncDispose]();
});

beforeEach(async () => {
  context = await chromium.newContext({ width: 1280, height: 900 });
  page = await context.newPage();
  problems = complaintsOf(page);
});

afterEach(() => context.close());

const choose = (question: string | RegExp, option: string): Promise<void> =>
  page.getByRole('radiogroup', { name: question }).getByRole('radio', { name: option, exact: true }).check();

const lock = async (): Promise<void> => {
  await page.getByRole('checkbox', { name: /Ferdigstille skjema/ }).check();
  await page.getByRole('button', { name: 'Lagre og ferdigstill' }).click();
  await page.getByText('Skjemaet er ferdigstilt og låst.').waitFor();
};

async function logIn(account: string): Promise<void> {
  const password = server.app.hints.accounts.find(({ username }) => username === account)?.password ?? '';
  await page.goto(`${server.app.url}/arbeidsliste`);
  await page.getByLabel('Brukernavn').fill(account);
  await page.getByLabel('Passord').fill(password);
  await page.getByRole('button', { name: 'Logg inn' }).click();
  await page.getByRole('heading', { level: 1, name: 'Arbeidsliste' }).waitFor();
}

describe('A clinician', () => {
  it('opens the forms from the EHR, confirms what was fetched, saves, and locks B1.2.', async () => {
    const person = await pushPatient(server.walk, server.ehr, 'pasient-1');
    const found: unknown[] = [];

    await page.goto(`${server.app.url}/demo/ehr`);
    expect(await page.evaluate(() => getComputedStyle(document.body).margin)).toBe('0px'); // its policy lets its style through
    found.push(...(await look(page, '1-ehr')));
    await page.getByRole('button', { name: 'Åpne registerskjema for Kari Fjell' }).click();
    await page.getByText('Kontroller at dette er riktig pasient.').waitFor();
    found.push(...(await look(page, '2-launch')));

    await page.getByRole('link', { name: /Tilleggsopplysninger/ }).click();
    await page.getByRole('button', { name: 'Bekreft alle hentede svar' }).click();
    await choose('Har pasienten fått tilsyn?', 'Ja');
    await choose('Norsktalende', 'Ja');
    await choose('Kognitivt svekket', 'Nei');
    await page.getByRole('radiogroup', { name: 'Skriftlig samtykke' }).waitFor();
    found.push(...(await look(page, '3-to')));
    await page.getByRole('button', { name: 'Lagre kladd' }).click();
    await page
      .getByText(/Lagret/)
      .first()
      .waitFor();

    const root = page.url().replace(/\/skjema\/.*$/, '');
    await page.goto(`${root}/skjema/${person.tasks['b11'] ?? ''}`);
    found.push(...(await look(page, '4-b11')));
    await page.goto(`${root}/skjema/${person.tasks['b12'] ?? ''}`);
    await choose(/Er pasienten i stand til å angi/, 'Ja');
    await scale('Sterkeste smerte i ro', 6);
    await scale('Svakeste smerte i ro', 2);
    await scale('Sterkeste smerte i bevegelse', 8);
    await scale('Svakeste smerte i bevegelse', 4);
    found.push(...(await look(page, '5-b12')));
    await lock();
    found.push(...(await look(page, '6-b12-locked')));

    expect(found).toEqual([]);
    expect(problems).toEqual([]);
    expect(await server.taskStates(person)).toMatchObject({
      to: 'in-progress',
      b11: 'ready',
      b12: 'completed',
    });
    expect(await painOf(person)).toBe(6);
  });
});

describe('A coordinator', () => {
  it('finds the pathway on the work list and corrects a locked form with a reason.', async () => {
    const person = await pushPatient(server.walk, server.ehr, 'pasient-2');
    await server.save(person, 'to', to.consenting, { status: 'completed' });
    const found: unknown[] = [];
    await page.goto(`${server.app.url}/logg-inn`);
    found.push(...(await look(page, '7-login')));
    await logIn('lc-bjorn');
    found.push(...(await look(page, '8-work-list')));

    await page
      .getByRole('link', { name: /Olav Strand/ })
      .first()
      .click();
    await page
      .getByRole('heading', { name: /Forløp/ })
      .first()
      .waitFor();
    found.push(...(await look(page, '9-patient')));
    await page.goto(`${server.app.url}/skjema/${person.tasks['to'] ?? ''}`);
    await page.getByLabel('Grunn til retting').fill('Samtykket var ikke skriftlig');
    await page.getByRole('button', { name: 'Åpne for retting' }).click();
    await choose('Skriftlig samtykke', 'Nei');
    await choose('Type manglende samtykke', 'Aktivt');
    found.push(...(await look(page, '10-correction')));
    await page.getByRole('button', { name: 'Lagre rettelsen' }).click();
    await page.getByText('Skjemaet er ferdigstilt og låst.').waitFor();
    await page.getByRole('link', { name: 'Historikk' }).click();
    await page.getByRole('button', { name: 'Sammenlign' }).click();
    await page.getByRole('cell', { name: 'Samtykket var ikke skriftlig' }).waitFor();
    found.push(...(await look(page, '11-history')));

    expect(found).toEqual([]);
    expect(problems).toEqual([]);
    expect(await server.analytics.search(`EpisodeOfCare?patient=${person.patient}`)).toEqual([]);
  });
});

describe('A national coordinator', () => {
  it('withdraws a consent on its page, and the person leaves the national store.', async () => {
    const person = await server.person();
    await server.save(person, 'to', to.consenting, { status: 'completed' });
    const found: unknown[] = [];
    await page.goto(`${server.app.url}/logg-inn`);
    await logIn('sc-siri');
    await page.goto(`${server.app.url}/pasient/${person.patient}`);
    found.push(...(await look(page, '12-patient-national')));

    await page.getByRole('link', { name: 'Trekk tilbake samtykket' }).click();
    const today = await page.getByLabel('Dato for tilbaketrekking').inputValue();
    await page.getByLabel('Dato for tilbaketrekking').fill('01.01.2001');
    await page.getByRole('button', { name: 'Trekk tilbake samtykket' }).click();
    await page.getByText('Velg en dag etter at samtykket ble gitt').waitFor();
    expect(await page.getByLabel('Dato for tilbaketrekking').inputValue()).toBe('01.01.2001');
    found.push(...(await look(page, '13-withdrawal')));
    await page.getByLabel('Dato for tilbaketrekking').fill(today);
    await page.getByRole('button', { name: 'Trekk tilbake samtykket' }).click();
    await page.getByRole('heading', { name: 'Samtykket er trukket tilbake' }).waitFor();
    found.push(...(await look(page, '14-withdrawn')));

    expect(found).toEqual([]);
    expect(problems).toEqual([]);
    expect(await server.analytics.search(`EpisodeOfCare?patient=${person.patient}`)).toEqual([]);
    expect(await server.taskStates(person)).toMatchObject({ b11: 'cancelled' });
  });
});

const scale = (question: string, value: number): Promise<void> =>
  page
    .getByRole('group', { name: question })
    .getByRole('radio', { name: String(value), exact: true })
    .check();

/** The strongest pain at rest that the locked form became. */
async function painOf({ patient }: Registered): Promise<number | undefined> {
  const [pain] = await server.coordinator.search<Observation>(
    `Observation?patient=${patient}&code=strongest-pain-rest`,
  );
  return pain?.valueQuantity?.value;
}
