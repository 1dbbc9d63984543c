/**
 * The page of patients' own forms in a real browser against the whole server: the list in each state, stop, order, answer all.
 * With SCREENSHOTS=<folder> every page is kept as a picture at two widths.
 */
import type { BrowserContext, Page } from 'playwright-core';
import { buildIfStale } from '../../scripts/build.mjs';
import {
  CONSENTING,
  type Person,
  type SendingServer,
  startSendingServer,
  UNASKED,
} from '../integration/sending/sending-server.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { complaintsOf, look } from '../support/look.ts';

const DAY = '2027-02-01';
let server: SendingServer;
let chromium: TestBrowser;
let context: BrowserContext;
let page: Page;
let problems: readonly string[];
const people: Person[] = [];

beforeAll(async () => {
  await buildIfStale();
  server = await startSendingServer(`${DAY}T09:00:00+01:00`);
  chromium = await launchBrowser();
  const [unasked, sent, unreachable, ordering, stopping, closing] = [
    await server.person(),
    await server.person(),
    await server.person(/9$/),
    await server.person(),
    await server.person(),
    await server.person(),
  ];
  people.push(unasked, sent, unreachable, ordering, stopping, closing);
  await server.save(unasked, 'to', UNASKED(DAY));
  await server.save(sent, 'to', CONSENTING(DAY));
  await server.save(unreachable, 'to', CONSENTING(DAY));
  await server.at(`${DAY}T16:30:00+01:00`);
  await server.at(`${DAY}T16:32:00+01:00`);
  await server.at('2027-02-04T16:31:00+01:00');
  for (const person of [ordering, stopping, closing]) {
    await server.save(person, 'to', CONSENTING('2027-02-01'));
  }
  await server.save(unreachable, 'pasreg', { 'filling-in': { 'registration-date': '2027-02-04' } });
}, 180_000);

afterAll(async () => {
  await chromium.close();
  await server[Symbol.asyncDispose]();
});

beforeEach(async () => {
  context = await chromium.newContext({ width: 1280, height: 900 });
  page = await context.newPage();
  problems = complaintsOf(page);
  const password = server.app.hints.accounts.find(({ username }) => username === 'lu-ane')?.password ?? '';
  await page.goto(`${server.app.url}/arbeidsliste`);
  await page.getByLabel('Brukernavn').fill('lu-ane');
  await page.getByLabel('Passord').fill(password);
  await page.getByRole('button', { name: 'Logg inn' }).click();
  await page.getByRole('heading', { level: 1, name: 'Arbeidsliste' }).waitFor();
});

afterEach(async () => {
  await context.close();
  expect(problems).toEqual([]);
});

const heading = (name: string) => page.getByRole('heading', { level: 1, name });
const gear = (person: Person | undefined) =>
  page.locator(`a[href="/pasientregistreringer/${person?.episode ?? ''}"]`);

describe('The page of patients’ own forms', () => {
  it('is reached from the navigation, and shows how each form stands in words and symbols.', async () => {
    await page.getByRole('link', { name: 'Pasientregistreringer' }).click();
    await heading('Pasientregistreringer').waitFor();
    for (const state of ['Mangler samtykke', 'Påminnet', 'Påbegynt', 'Kunne ikke sendes', 'Kan sendes']) {
      await page.getByRole('cell', { name: state }).first().waitFor();
    }
    expect(await look(page, 'pasientregistreringer')).toEqual([]);
  });

  it('orders a form by keyboard, and tells at once that it is on its way.', async () => {
    await page.goto(`${server.app.url}/pasientregistreringer`);
    await gear(people[3]).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Bestill skjema nå' }).waitFor();
    expect(await look(page, 'pasientregistrering-valg')).toEqual([]);
    const box = page.getByRole('checkbox', { name: /Pasientregistrering|Pasreg/ }).first();
    await box.focus();
    await page.keyboard.press('Space');
    await page.getByRole('radio', { name: 'Usikret: lenke på SMS' }).check();
    await page.getByRole('button', { name: 'Bestill PROM-skjema' }).press('Enter');
    await page.getByText('Skjemaet er bestilt, og sendes nå.').waitFor();
    expect(await look(page, 'pasientregistrering-bestilt')).toEqual([]);
  });

  it('stops sending with a reason, and says when none is chosen.', async () => {
    await page.goto(`${server.app.url}/pasientregistreringer/${people[4]?.episode ?? ''}`);
    await page.getByRole('button', { name: 'Stopp utsending' }).click();
    await page.getByRole('alert').getByText('Velg en årsak.').waitFor();
    expect(await look(page, 'pasientregistrering-uten-arsak')).toEqual([]);
    await page.getByRole('radio', { name: 'Pasient klarer ikke' }).first().check();
    await page.getByRole('button', { name: 'Stopp utsending' }).click();
    await page.getByText('Utsendingen er stoppet.').first().waitFor();
  });

  it('answers all with one reason, and the forms say that they are locked.', async () => {
    await page.goto(`${server.app.url}/pasientregistreringer/${people[5]?.episode ?? ''}`);
    await page.getByRole('radio', { name: 'Tidlig utskrivning' }).check();
    await page.getByRole('button', { name: 'Besvar alle og ferdigstill' }).click();
    await page.getByText('Alle pasientskjemaene er ferdigstilt uten svar.').waitFor();
    expect(await look(page, 'pasientregistrering-ferdigstilt')).toEqual([]);
    await page.goto(`${server.app.url}/skjema/${people[5]?.tasks['hads'] ?? ''}`);
    await page.getByText('Skjemaet er låst uten svar. Årsak: Tidlig utskrivning.').waitFor();
  });

  it('a link opens the form for the patient, in the words of its content pack.', async () => {
    server.clock.set('2027-02-08T10:00:00+01:00');
    const person = await server.person();
    await server.save(person, 'to', CONSENTING('2027-02-08'));
    await server.at('2027-02-08T16:30:00+01:00');
    await server.at('2027-02-08T16:32:00+01:00');
    const texts = async (purpose: string): Promise<string> =>
      (await server.app.app.accounts.messages.inbox()).find((message) => message.purpose === purpose)?.text ??
      '';
    const link = /https?:\S+/.exec(await texts('patient-form'))?.[0] ?? '';
    await page.goto(link);
    await page.getByRole('button', { name: 'Send meg en kode' }).click();
    const code = /^(\d+) er/.exec(await texts('patient-code'))?.[1] ?? '';
    await page.getByLabel('Kode på seks sifre').fill(code);
    await page.getByRole('button', { name: 'Åpne skjemaet' }).click();
    await page
      .getByText('Oppdiktet spørsmål 1: Hvor ofte har du tenkt på havet den siste uken?')
      .first()
      .waitFor();
    expect(await look(page, 'pasientens-skjema-innholdspakke')).toEqual([]);
  });

  it('speaks nynorsk and English.', async () => {
    await page.goto(`${server.app.url}/pasientregistreringer`);
    await page.getByRole('button', { name: 'English' }).click();
    await page.goto(`${server.app.url}/pasientregistreringer`);
    await heading('Patient forms').waitFor();
    expect(await look(page, 'pasientregistreringer-en')).toEqual([]);
  });
});
