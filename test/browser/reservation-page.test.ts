/** A national coordinator takes down that somebody reserves against the register, in a real browser (registers.md section 3). */
import type { BrowserContext, Page } from 'playwright-core';
import { buildIfStale } from '../../scripts/build.mjs';
import { responseTo, to } from '../integration/walk/walk-server.ts';
import {
  type PatientServer,
  startPatientServer,
  type Waiting,
} from '../integration/patient-access/patient-server.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { look } from '../support/look.ts';

let server: PatientServer;
let chromium: TestBrowser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  await buildIfStale();
  server = await startPatientServer({ mode: 'reservation' });
  chromium = await launchBrowser();
}, 180_000);

afterAll(async () => {
  await chromium.close();
  await server[Symbol.asyncDispose]();
});

beforeEach(async () => {
  context = await chromium.newContext({ width: 1280, height: 900 });
  page = await context.newPage();
  const password = server.app.hints.accounts.find(({ username }) => username === 'sc-siri')?.password ?? '';
  await page.goto(`${server.url}/arbeidsliste`);
  await page.getByLabel('Brukernavn').fill('sc-siri');
  await page.getByLabel('Passord').fill(password);
  await page.getByRole('button', { name: 'Logg inn' }).click();
  await page.getByRole('heading', { level: 1, name: 'Arbeidsliste' }).waitFor();
});

afterEach(() => context.close());

/** In the national store. */
async function registered(): Promise<Waiting> {
  const person = await server.person();
  const about = { patient: person.patient.id, episode: person.episode };
  const saved = await server.coordinator.request('QuestionnaireResponse', {
    method: 'POST',
    body: JSON.stringify(responseTo(about, 'to', to.consenting, { status: 'completed' }, undefined)),
    headers: { 'content-type': 'application/fhir+json' },
  });
  expect(saved.status).toBe(201);
  return person;
}

const numberOf = ({ patient }: Waiting): string =>
  patient.identifier?.find(({ value = '' }) => /^[0-9]{11}$/.test(value))?.value ?? 'none';

describe('A national coordinator', () => {
  it('registers a reservation from the patient’s page, prints the letter, and the person is gone.', async () => {
    const person = await registered();
    const found: unknown[] = [];
    await page.goto(`${server.url}/pasient/${person.patient.id}`);
    found.push(...(await look(page, 'reservation-1-patient')));

    await page.getByRole('link', { name: 'Registrer reservasjon' }).press('Enter');
    await page.getByText('Slettingen kan ikke angres').waitFor();
    found.push(...(await look(page, 'reservation-2-person')));
    await page.getByRole('button', { name: 'Slett og registrer reservasjonen' }).press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Bekreftelse på reservasjon' }).waitFor();
    found.push(...(await look(page, 'reservation-3-letter')));

    expect(await page.getByText(person.patient.name?.[0]?.family ?? 'no name').isVisible()).toBe(true);
    await page.goto(`${server.url}/pasient/${person.patient.id}`);
    expect(await page.content()).not.toContain(person.patient.name?.[0]?.family ?? 'no name');
    expect((await server.coordinator.request(`Patient/${person.patient.id}`)).status).toBe(404);
    expect(found).toEqual([]);
  });

  it('registers one by number, told of a typing error, and takes it back.', async () => {
    const person = await server.person();
    const found: unknown[] = [];
    await page.getByText('Mer', { exact: true }).click();
    await page.getByRole('link', { name: 'Reservasjon', exact: true }).click();
    await page.getByLabel('Fødselsnummer eller D-nummer').fill('12345678901');
    await page.getByRole('button', { name: 'Slett og registrer reservasjonen' }).click();
    await page.getByText('Dette er ikke et gyldig fødselsnummer').waitFor();
    found.push(...(await look(page, 'reservation-4-wrong')));

    await page.getByLabel('Fødselsnummer eller D-nummer').fill(numberOf(person));
    await page.getByRole('button', { name: 'Slett og registrer reservasjonen' }).click();
    await page.getByRole('heading', { level: 1, name: 'Bekreftelse på reservasjon' }).waitFor();
    await page.getByRole('link', { name: 'Til reservasjonene' }).click();
    const line = page.getByRole('link', { name: new RegExp(`Se nærmere ${numberOf(person).slice(0, 6)}`) });
    await line.waitFor();
    found.push(...(await look(page, 'reservation-5-list')));
    expect(page.url()).not.toContain(numberOf(person));
    await line.click();
    await page.getByRole('button', { name: 'Opphev reservasjonen' }).waitFor();
    found.push(...(await look(page, 'reservation-6-take-back')));
    await page.getByRole('button', { name: 'Opphev reservasjonen' }).click();
    await page.getByRole('heading', { level: 1, name: 'Reservasjonen er opphevet' }).waitFor();

    await server.ehr.transaction(person.message);
    expect(found).toEqual([]);
  });
});

describe('Others', () => {
  it('have no such page.', async () => {
    const local = await server.user('lc-bjorn');

    const asked = await local.open('/reservasjon');

    expect([asked.status, asked.text.includes('Fødselsnummer eller')]).toEqual([403, false]);
    expect((await local.open('/arbeidsliste')).text).not.toContain('Reservasjon');
  });
});
