/**
 * A whole pathway 3 in a real browser against the whole server, without a mouse: a nurse (LU) registers a person by the id number
 * and fills and locks every form; a coordinator (LC) corrects one; the register's leader (SC) withdraws the consent.
 * With SCREENSHOTS=<folder> the pages are kept as pictures at two widths.
 */
import type { BrowserContext, Page } from 'playwright-core';
import { buildIfStale } from '../../scripts/build.mjs';
import type { EpisodeOfCare, Task } from '../../src/fhir/types.ts';
import { startWalkServer, type WalkServer } from '../integration/walk/walk-server.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { type Keyboard, keyboardOf } from '../support/keyboard.ts';
import { complaintsOf, look } from '../support/look.ts';

const NUMBER = '13916900028';
const today = new Date().toLocaleDateString('nb-NO', {
  timeZone: 'Europe/Oslo',
  day: '2-digit',
  month: '2-digit',
  year: 'numeric',
});

let server: WalkServer;
let chromium: TestBrowser;
const contexts: BrowserContext[] = [];

beforeAll(async () => {
  await buildIfStale();
  server = await startWalkServer();
  chromium = await launchBrowser();
}, 180_000);

afterAll(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  await chromium.close();
  await server[Symbol.asyncDispose]();
});

interface Person extends Keyboard {
  readonly page: Page;
  readonly problems: readonly string[];
}

/** A browser of its own, logged in by keyboard. */
async function logIn(account: string): Promise<Person> {
  const context = await chromium.newContext({ width: 1280, height: 900 });
  contexts.push(context);
  const page = await context.newPage();
  const keys = keyboardOf(page);
  const password = server.app.hints.accounts.find(({ username }) => username === account)?.password ?? '';
  await page.goto(`${server.app.url}/arbeidsliste`);
  await keys.tabTo(page.getByLabel('Brukernavn'));
  await page.keyboard.type(account);
  await keys.tabTo(page.getByLabel('Passord'));
  await page.keyboard.type(password);
  await keys.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Arbeidsliste' }).waitFor();
  return { ...keys, page, problems: complaintsOf(page) };
}

/** From the work list into a form of the only person in it. */
async function openForm({ page, use, tabTo, press }: Person, short: string): Promise<void> {
  await use('link', 'Arbeidsliste');
  await page.waitForURL(/\/arbeidsliste/);
  await page.getByRole('heading', { level: 1, name: 'Arbeidsliste' }).waitFor();
  await tabTo(page.getByRole('link', { name: new RegExp(`^${short.replaceAll('.', '\\.')}:`) }));
  await press('Enter');
  await page.waitForURL(/\/skjema\//);
  await page.getByRole('checkbox', { name: /Ferdigstille skjema/ }).waitFor();
}

async function lock({ page, tick, use }: Person): Promise<void> {
  await tick(/Ferdigstille skjema/);
  await use('button', 'Lagre og ferdigstill');
  await page.getByText('Skjemaet er ferdigstilt og låst.').first().waitFor();
}

async function statesOf(): Promise<Readonly<Record<string, string>>> {
  const tasks = await server.coordinator.search<Task>('Task?_count=50');
  return Object.fromEntries(
    tasks.map(({ input, status }) => [
      /-([a-z0-9]+)\|/.exec(input?.[0]?.valueCanonical ?? '')?.[1] ?? '',
      status ?? '',
    ]),
  );
}

describe('A whole pathway 3, without a mouse', () => {
  const found: unknown[] = [];
  let nurse: Person;

  it('rule 4: begins with the id number of a person who is not here yet.', async () => {
    nurse = await logIn('lu-ane');
    const { page, use, write, press } = nurse;
    await use('link', 'Ny registrering');
    await page.getByRole('heading', { level: 1, name: 'Ny registrering' }).waitFor();
    await write('Fødselsnummer', NUMBER);
    await press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Ny pasient' }).waitFor();
    await write('Fornavn', 'Klar');
    await write('Etternavn', 'Himmel');
    await write('Fødselsdato', '13.11.1969');
    await press('Enter');
    await page.waitForURL(/\/skjema\//);

    expect((await statesOf())['to']).toBe('ready');
  }, 120_000);

  it('rule 6: goes on from PO without telephone and e-mail, when one accepts it.', async () => {
    await openForm(nurse, 'PO');
    await nurse.choose('Kjønn', 'Kvinne');
    found.push(...(await look(nurse.page, 'pathway-1-po')));
    await lock(nurse);
  }, 120_000);

  it('rules 7, 9, 10: TO asks for consent of whom is attended and included, with its date.', async () => {
    const { page, write, choose } = nurse;
    await openForm(nurse, 'TO');
    await write('Henvist dato', today);
    await choose('Henvist via', 'Tilsynsanmodning');
    await write('Startdato', today);
    await choose('Har pasienten fått tilsyn?', 'Ja');
    await choose('Norsktalende', 'Ja');
    await choose('Kognitivt svekket', 'Nei');
    await choose('Skriftlig samtykke', 'Ja');
    await write('Dato for innhentet samtykke', today);
    found.push(...(await look(page, 'pathway-2-to')));
    await lock(nurse);
  }, 120_000);

  it('rules 13, 14, 15: B1.1 takes three diagnoses and four opioids, found by a few letters, and sums them.', async () => {
    const { page, write, choose, tick, use, press } = nurse;
    await openForm(nurse, 'B1.1');
    await write('Registreringsdato', today);
    await write(/Lokasjon$/, 'Fjordheim sykehus');
    await write(/Avdeling$/, 'Kirurgisk sengepost');
    await diagnoses(nurse);
    await tick(/^Opioider/, /Analgetika ved innleggelse/);
    await tick(/^Opioider/, /Analgetika ved 1\. tilsyn/);
    for (const [row, [drug, dose]] of [
      ['morf iv', '7,5'],
      ['oksy depot', '40'],
      ['tramadol kap', '200'],
      ['norspan', '20'],
    ].entries()) {
      await use('button', /^\+ .*opioid/i);
      await writeInRow(nurse, row, drug ?? '', dose ?? '');
    }
    await choose(/uhensiktsmessig bruk/, 'Nei');
    await choose(/Sentral blokade|Sentrale blokader/, 'Nei');
    await choose(/Perifer blokade|Perifere blokader/, 'Nei');
    await choose(/Tidligere rus/, 'Nei');
    await choose(/Pågående rus/, 'Nei');
    await press('Tab');
    await page.getByText('156,9 mg/døgn').first().waitFor();
    found.push(...(await look(page, 'pathway-3-b11')));
    await lock(nurse);
  }, 180_000);

  it('rule 17: B1.2 and B2.1 have four scales.', async () => {
    for (const [short, picture, strongest] of [
      ['B1.2', 'pathway-4-b12', '8'],
      ['B2.1', 'pathway-5-b21', '4'],
    ] as const) {
      await openForm(nurse, short);
      await nurse.write('Registreringsdato', today);
      await nurse.choose(/Er pasienten i stand til å angi/, 'Ja');
      await nurse.scale('Sterkeste smerte i ro', strongest);
      await nurse.scale('Svakeste smerte i ro', '1');
      await nurse.scale('Sterkeste smerte i bevegelse', strongest);
      await nurse.scale('Svakeste smerte i bevegelse', '2');
      found.push(...(await look(nurse.page, picture)));
      await lock(nurse);
    }
  }, 120_000);

  it('rules 18, 19: B2.2 asks for visits, and rounds eighty minutes up to two hours.', async () => {
    const { page, write, choose, tick } = nurse;
    await openForm(nurse, 'B2.2');
    await write(/Sluttdato/, today);
    await tick(/^Sykepleier/, /Behandler av smertetilstanden/);
    await write(/tilsyn, sykepleier/, '2');
    await write(/Antall pasienttilsyn/, '5');
    await write(/summert tidsbruk/, '80');
    await nurse.press('Tab');
    await page.getByText('2 timer', { exact: true }).waitFor();
    await choose(/^a Medikamentell/, 'Nei');
    await choose(/Ikke-medikamentell behandling$/, 'Nei');
    await choose(/Sentrale blokader/, 'Nei');
    await choose(/Perifere blokader/, 'Nei');
    await choose(/Bør pasienten følges videre opp/, 'Nei');
    found.push(...(await look(page, 'pathway-6-b22')));
    await lock(nurse);
  }, 120_000);

  it('is finished then, national, and delivered; the patient’s forms wait to be sent.', async () => {
    const episodes = await server.analytics.search<EpisodeOfCare>('EpisodeOfCare?_count=5');

    expect(episodes.map(({ status }) => status)).toEqual(['finished']);
    expect(await statesOf()).toMatchObject({ b22: 'completed', pasreg: 'ready', eval: 'ready' });
    expect(found).toEqual([]);
    expect(nurse.problems).toEqual([]);
  });
});

describe('The pathway afterwards', () => {
  it('rule 22: is corrected by a coordinator with a reason, and both versions can be read.', async () => {
    const coordinator = await logIn('lc-bjorn');
    const { page, use, write, press } = coordinator;
    const tasks = await server.coordinator.search<Task>('Task?_count=50');
    const b12 = tasks.find(({ input }) => input?.[0]?.valueCanonical?.includes('smertereg-b12|') === true);
    await page.goto(`${server.app.url}/skjema/${b12?.id ?? ''}`);
    await write('Grunn til retting', 'Skalaen var lest feil');
    await use('button', 'Åpne for retting');
    await page.getByRole('button', { name: 'Lagre rettelsen' }).waitFor();
    await coordinator.scale('Sterkeste smerte i ro', '7');
    await use('button', 'Lagre rettelsen');
    await page.getByText('Skjemaet er ferdigstilt og låst.').first().waitFor();
    await use('link', 'Historikk');
    await page.getByRole('cell', { name: 'Skalaen var lest feil' }).waitFor();
    await press('Tab');

    expect(await look(page, 'pathway-7-history')).toEqual([]);
    expect(coordinator.problems).toEqual([]);
  }, 120_000);

  it('leaves the national store when the leader of the register withdraws the consent.', async () => {
    const leader = await logIn('sc-siri');
    const { page, use } = leader;
    const [episode] = await server.analytics.search<EpisodeOfCare>('EpisodeOfCare?_count=5');
    await page.goto(`${server.app.url}/pasient/${episode?.patient?.reference?.split('/')[1] ?? ''}`);
    await use('link', 'Trekk tilbake samtykket');
    await page.getByLabel('Dato for tilbaketrekking').waitFor();
    await use('button', 'Trekk tilbake samtykket');
    await page.getByRole('heading', { name: 'Samtykket er trukket tilbake' }).waitFor();

    expect(await look(page, 'pathway-8-withdrawn')).toEqual([]);
    expect(await server.analytics.search<EpisodeOfCare>('EpisodeOfCare?_count=5')).toEqual([]);
    expect(await statesOf()).toMatchObject({ b22: 'completed', pasreg: 'cancelled', opioid: 'cancelled' });
  }, 120_000);
});

async function diagnoses(nurse: Person): Promise<void> {
  const { page } = nurse;
  const add = page.getByRole('button', { name: /^\+ .*smertediagnose/i });
  const rows: readonly (readonly (readonly [
    kind: 'choose' | 'write',
    question: string,
    answer: string,
  ])[])[] = [
    [
      ['choose', 'Smertekategori', 'Akutt smerte'],
      ['choose', 'Diagnosekategori', 'På grunn av kirurgi'],
      ['write', 'NCSP-kode', 'NGB40'],
      ['choose', 'Hoveddiagnose', 'Ja'],
    ],
    [
      ['choose', 'Smertekategori', 'Langvarig smerte > 3 måneder'],
      ['choose', 'Diagnosekategori', 'Primær smerte'],
      ['write', 'ICD-10: primær smerte', 'M54.5'],
      ['choose', 'Hoveddiagnose', 'Nei'],
    ],
    [
      ['choose', 'Smertekategori', 'Annet'],
      ['choose', 'Hoveddiagnose', 'Nei'],
    ],
  ];
  for (const [index, answers] of rows.entries()) {
    if ((await page.getByRole('group', { name: new RegExp(`Smertediagnose ${index + 1}`) }).count()) === 0) {
      await nurse.tabTo(add);
      await nurse.press('Enter');
    }
    const row = page.getByRole('group', { name: new RegExp(`Smertediagnose ${index + 1}`) });
    for (const [kind, question, answer] of answers) {
      await answerIn(nurse, row, kind, question, answer);
    }
  }
}

type Place = ReturnType<Page['getByRole']>;

async function answerIn(
  { tabTo, press, page }: Person,
  row: Place,
  kind: 'choose' | 'write',
  label: string,
  answer: string,
): Promise<void> {
  const question = new RegExp(`${label}$`);
  if (kind === 'write') {
    await tabTo(
      row.getByRole('combobox', { name: question }).or(row.getByRole('textbox', { name: question })),
    );
    await page.keyboard.type(answer);
    return;
  }
  const select = row.getByRole('combobox', { name: question });
  if ((await select.count()) === 1) {
    await tabTo(select);
    await page.keyboard.type(answer);
    return;
  }
  const group = row.getByRole('radiogroup', { name: question });
  const wanted = group.getByRole('radio', { name: answer, exact: true });
  await tabTo(group);
  await press('Space');
  for (let count = 0; count < 20 && !(await wanted.isChecked()); count++) {
    await press('ArrowDown');
  }
}

async function writeInRow({ page, tabTo }: Person, row: number, drug: string, dose: string): Promise<void> {
  const line = page
    .getByRole('table')
    .getByRole('row')
    .nth(row + 1);
  await tabTo(line.getByRole('combobox').or(line.getByRole('textbox')).first());
  await page.keyboard.type(drug);
  await tabTo(line.getByRole('textbox', { name: /Dose/ }));
  await page.keyboard.type(dose);
}
