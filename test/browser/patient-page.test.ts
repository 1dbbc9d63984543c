/**
 * A patient answers a form in a real browser, on the ward's PC with a code and at home on a phone with a link: auth-security 2.6.
 */
import type { BrowserContext, Page } from 'playwright-core';
import { buildIfStale } from '../../scripts/build.mjs';
import type { QuestionnaireResponse, Task } from '../../src/fhir/types.ts';
import {
  asTyped,
  type PatientServer,
  startPatientServer,
  type Waiting,
} from '../integration/patient-access/patient-server.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { complaintsOf, look } from '../support/look.ts';

let server: PatientServer;
let chromium: TestBrowser;
let context: BrowserContext;
let page: Page;
let problems: readonly string[];

beforeAll(async () => {
  await buildIfStale();
  server = await startPatientServer();
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

async function logIn(): Promise<void> {
  const password = server.app.hints.accounts.find(({ username }) => username === 'lu-ane')?.password ?? '';
  await page.goto(`${server.url}/arbeidsliste`);
  await page.getByLabel('Brukernavn').fill('lu-ane');
  await page.getByLabel('Passord').fill(password);
  await page.getByLabel('Passord').press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Arbeidsliste' }).waitFor();
}

/** Tab until the element has the focus, as somebody without a mouse does. */
async function tabTo(name: string | RegExp, role: 'button' | 'textbox' | 'radio'): Promise<void> {
  const wanted = page.getByRole(role, { name });
  for (let presses = 0; presses < 40; presses += 1) {
    if (await wanted.evaluate((element) => element === document.activeElement)) {
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`The keyboard does not get to ${String(name)}.`);
}

/** The link that was sent last. */
async function sentLink(): Promise<string> {
  const [text = ''] = await server.texts();
  return /http\S+#[\w-]+/.exec(text)?.[0] ?? `no link in: ${text}`;
}

async function storedFor({ task }: Waiting): Promise<readonly [Task, QuestionnaireResponse]> {
  const stored = await server.coordinator.read<Task>(`Task/${task}`);
  const reference = stored.output?.[0]?.valueReference?.reference ?? '';
  return [stored, await server.coordinator.read<QuestionnaireResponse>(reference)];
}

describe('A patient on the ward', () => {
  it('gets a code from the nurse, answers on the same PC by keyboard alone, and leaves nothing open (PA-01, PA-03).', async () => {
    const person = await server.person();
    const found: unknown[] = [];
    await logIn();
    await page.goto(`${server.url}/pasient/${person.patient.id}`);
    found.push(...(await look(page, 'patient-1-staff')));
    await page.getByRole('button', { name: 'Lag engangskode til pasienten' }).first().press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Engangskode til pasienten' }).waitFor();
    const code = (await page.locator('.one-time-code').textContent()) ?? '';
    found.push(...(await look(page, 'patient-2-code')));

    await page.getByRole('button', { name: 'la pasienten svare på denne maskinen' }).press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Åpne skjemaet ditt' }).waitFor();
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('ryggrad');
    found.push(...(await look(page, 'patient-3-entry')));
    await tabTo('Fødselsdato', 'textbox');
    await page.keyboard.type(asTyped(person.patient.birthDate));
    await tabTo('Engangskode', 'textbox');
    await page.keyboard.type(code.toLowerCase().replace('-', ' '));
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Hvordan har du det?' }).waitFor();
    found.push(...(await look(page, 'patient-4-form')));

    await tabTo('Ja', 'radio');
    await page.keyboard.press('Space');
    await tabTo('Vil du si noe mer?', 'textbox');
    await page.keyboard.type('Litt bedre enn i går.');
    await tabTo('Ferdig', 'button');
    await page.keyboard.press('Enter');
    await page.getByText('Du har besvart 2 av 2 spørsmål.').waitFor();
    found.push(...(await look(page, 'patient-4b-done')));
    await tabTo('Send inn besvarelsen', 'button');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Takk for svarene' }).waitFor();
    found.push(...(await look(page, 'patient-5-thanks')));

    const [task, response] = await storedFor(person);
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
    expect([task.status, response.status]).toEqual(['completed', 'completed']);
    await page.goBack();
    expect(await page.content()).not.toContain('Litt bedre enn i går.');
    await page.goto(`${server.url}/pasientskjema/skjema`);
    await page.getByRole('heading', { level: 1, name: 'Siden er lukket' }).waitFor();
    found.push(...(await look(page, 'patient-6-closed')));
    for (const path of ['arbeidsliste', `pasient/${person.patient.id}`, `skjema/${person.task}`]) {
      await page.goto(`${server.url}/${path}`);
      expect(new URL(page.url()).pathname).toBe('/logg-inn');
    }
    expect((await page.goto(`${server.url}/fhir/Patient/${person.patient.id}`))?.status()).toBe(401);
    expect(found).toEqual([]);
  });

  it('reads that it did not go, and what to do, when the code is wrong.', async () => {
    await page.goto(`${server.url}/pasientskjema`);
    await page.getByLabel('Fødselsdato').fill('24.12.1965');
    await page.getByLabel('Engangskode').fill('AAAAA-AAAAA');
    await page.getByRole('button', { name: 'Åpne skjemaet' }).click();

    await page.getByRole('alert').getByText('Be om en ny').waitFor();

    expect(await look(page, 'patient-7-wrong')).toEqual([]);
    expect(await page.getByLabel('Engangskode').inputValue()).toBe('');
  });

  it('sees what is missing before sending in, and goes there from the summary.', async () => {
    const person = await server.person();
    await enterWithCode(person);
    await page.getByRole('button', { name: 'Ferdig' }).click();
    await page
      .getByRole('link', { name: /Har du sovet godt i natt/ })
      .first()
      .waitFor();
    const found = await look(page, 'patient-8-missing');

    await page
      .getByRole('link', { name: /Har du sovet godt i natt/ })
      .first()
      .click();
    await page.keyboard.press('Space');
    await sendIn();
    await page.getByRole('heading', { level: 1, name: 'Takk for svarene' }).waitFor();

    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('is told five minutes before the page is shut.', async () => {
    await page.clock.install();
    await enterWithCode(await server.person());
    await page.getByLabel('Vil du si noe mer?').fill('Hei');
    await page.getByText(/^(Endringer er ikke lagret|Lagret kl\.)/).waitFor(); // the script is at work
    const soon = page.getByRole('alert').getByText('Siden lukkes kl.');

    await page.clock.fastForward('24:00');
    const early = await soon.count();
    await page.clock.fastForward('01:30');
    await soon.waitFor();

    expect(early).toBe(0);
    expect(await look(page, 'patient-12-time')).toEqual([]);
  });

  it('saves as they write, and goes on with a new code where they left.', async () => {
    const person = await server.person();
    await enterWithCode(person);
    await page.getByLabel('Vil du si noe mer?').fill('Jeg trenger en pause.');
    await page.getByRole('button', { name: 'Lagre', exact: true }).last().click();
    await page.getByText(/^Lagret kl\. .* – ikke sendt inn ennå/).waitFor();
    const found = await look(page, 'patient-9-saved');
    await page.getByRole('button', { name: 'Avslutt' }).click();
    await page.getByRole('heading', { level: 1, name: 'Siden er lukket' }).waitFor();

    await enterWithCode(person);

    expect(await page.getByLabel('Vil du si noe mer?').inputValue()).toBe('Jeg trenger en pause.');
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });
});

describe('What a patient has done', () => {
  it('is on the list that a coordinator makes for them, in plain words (AU-05).', async () => {
    const person = await server.person();
    await enterWithCode(person);
    await page.getByRole('radio', { name: 'Ja', exact: true }).check();
    await sendIn();
    await page.getByRole('heading', { level: 1, name: 'Takk for svarene' }).waitFor();
    const password =
      server.app.hints.accounts.find(({ username }) => username === 'lc-bjorn')?.password ?? '';
    await page.goto(`${server.url}/pasient/${person.patient.id}/innsyn`);
    await page.getByLabel('Brukernavn').fill('lc-bjorn');
    await page.getByLabel('Passord').fill(password);
    await page.getByRole('button', { name: 'Logg inn' }).click();
    await page.getByRole('heading', { level: 1, name: 'Hvem har sett på meg?' }).waitFor();

    expect(await page.getByRole('cell', { name: 'Deg selv' }).count()).toBeGreaterThan(2);
    expect(await page.getByRole('cell', { name: /Behandlet opplysninger \(/ }).count()).toBe(0);
    expect(await look(page, 'patient-13-own-list')).toEqual([]);
  });
});

describe('A patient at home', () => {
  it('opens the link on a phone, gets a code by SMS, and sends in (PA-01).', async () => {
    const person = await server.withMobile();
    await page.setViewportSize({ width: 375, height: 800 });
    const found: unknown[] = [];
    const link = await linkFor(person);

    await page.goto(link);
    await page.getByRole('button', { name: 'Send meg en kode' }).waitFor();
    expect(page.url()).toBe(`${server.url}/skjema-til-deg/kode`);
    found.push(...(await look(page, 'patient-10-link')));
    server.clock.advance({ seconds: 1 });
    await page.getByRole('button', { name: 'Send meg en kode' }).click();
    await page.getByRole('heading', { level: 1, name: 'Skriv koden du fikk på SMS' }).waitFor();
    found.push(...(await look(page, 'patient-11-sms')));
    const [sms = ''] = await server.texts();
    await page.getByLabel('Kode på seks sifre').fill(/^[0-9]{6}/.exec(sms)?.[0] ?? sms);
    await page.getByRole('button', { name: 'Åpne skjemaet' }).click();
    await page.getByRole('heading', { level: 1, name: 'Hvordan har du det?' }).waitFor();
    await page.getByRole('radio', { name: 'Nei', exact: true }).check();
    await sendIn();
    await page.getByRole('heading', { level: 1, name: 'Takk for svarene' }).waitFor();

    const [task] = await storedFor(person);
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
    expect(task.status).toBe('completed');
  });

  it('opens the link without JavaScript by pasting the key.', async () => {
    const person = await server.withMobile();
    const key = (await linkFor(person)).split('#')[1] ?? '';
    const plain = await chromium.browser.newContext({ javaScriptEnabled: false, locale: 'nb-NO' });
    const at = await plain.newPage();

    await at.goto(`${server.url}/skjema-til-deg`);
    await at.getByLabel('Koden i lenken').fill(key);
    await at.getByRole('button', { name: 'Fortsett' }).click();

    await at.getByRole('button', { name: 'Send meg en kode' }).waitFor();
    await plain.close();
  });
});

async function sendIn(): Promise<void> {
  await page.getByRole('button', { name: 'Ferdig' }).click();
  await page.getByRole('button', { name: 'Send inn besvarelsen' }).click();
}

async function enterWithCode({ patient, task }: Waiting): Promise<void> {
  const answer = await server.nurse.request(`/skjema/${task}/engangskode`, { method: 'POST' });
  const code = /one-time-code">([^<]+)</.exec(await answer.text())?.[1] ?? '';
  await page.goto(`${server.url}/pasientskjema`);
  await page.getByLabel('Fødselsdato').fill(asTyped(patient.birthDate));
  await page.getByLabel('Engangskode').fill(code);
  await page.getByRole('button', { name: 'Åpne skjemaet' }).click();
  await page.getByRole('heading', { level: 1, name: 'Hvordan har du det?' }).waitFor();
}

async function linkFor({ task }: Waiting): Promise<string> {
  server.clock.advance({ seconds: 1 });
  await server.nurse.request(`/skjema/${task}/lenke`, { method: 'POST' });
  return sentLink();
}
