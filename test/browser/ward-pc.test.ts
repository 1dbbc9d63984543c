/**
 * The ward-PC flow in a real browser against the whole server: staff register somebody, 1b saves itself and offers the patient's form,
 * a one-time code, the patient answers with a body chart and sends in, staff see the scores and import or discard, complete and lock.
 * With SCREENSHOTS=<folder> the pages are kept as pictures at two widths.
 */
import type { BrowserContext, Locator, Page } from 'playwright-core';
import { buildIfStale } from '../../scripts/build.mjs';
import { startTestApp, type TestApp } from '../support/app.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { keyboardOf } from '../support/keyboard.ts';
import { complaintsOf, look } from '../support/look.ts';

const PERSON = { number: '13916900028', born: '13.11.1969' };
const DRAWING = 'Hvor har du vondt?';

let app: TestApp;
let chromium: TestBrowser;
let staff: Page;
let staffContext: BrowserContext;
let wardPc: BrowserContext;
let found: unknown[];
let problems: readonly string[];

beforeAll(async () => {
  await buildIfStale();
  app = await startTestApp();
  chromium = await launchBrowser();
  staffContext = await chromium.newContext({ width: 1280, height: 900 });
  wardPc = await chromium.newContext({ width: 1280, height: 900 });
  staff = await staffContext.newPage();
  problems = complaintsOf(staff);
  await logIn();
}, 180_000);

afterAll(async () => {
  await staffContext.close();
  await wardPc.close();
  await chromium.close();
  await app[Symbol.asyncDispose]();
});

beforeEach(() => {
  found = [];
});

async function logIn(): Promise<void> {
  const password = app.hints.accounts.find(({ username }) => username === 'lu-nina')?.password ?? '';
  await staff.goto(`${app.url}/arbeidsliste`);
  await staff.getByLabel('Brukernavn').fill('lu-nina');
  await staff.getByLabel('Passord').fill(password);
  await staff.getByRole('button', { name: 'Logg inn' }).click();
  await staff.getByRole('heading', { level: 1, name: 'Arbeidsliste' }).waitFor();
}

const code = async (): Promise<string> => {
  await staff.getByRole('button', { name: 'Generer engangskode' }).click();
  await staff.getByRole('heading', { level: 1, name: 'Engangskode til pasienten' }).waitFor();
  return (await staff.locator('.one-time-code').textContent()) ?? '';
};

/** On the PC of the clinic, where nobody of the staff is logged in. */
async function enter(page: Page, oneTimeCode: string): Promise<void> {
  await page.goto(`${app.url}/pasientskjema`);
  await page.getByLabel('Fødselsdato').fill(PERSON.born);
  await page.getByLabel('Engangskode').fill(oneTimeCode);
  await page.getByRole('button', { name: 'Åpne skjemaet' }).click();
}

const title = (page: Page, name: string | RegExp): Promise<void> =>
  page.getByRole('heading', { level: 1, name }).waitFor();

const region = (page: Page, option: string): Locator => page.locator(`[data-option="${option}"]`);
const box = (page: Page, name: string): Locator =>
  page.getByRole('group', { name: DRAWING }).getByRole('checkbox', { name, exact: true });
const isMarked = (page: Page, option: string): Promise<boolean> =>
  region(page, option).evaluate((path) => path.classList.contains('body-figure__region--chosen'));

/** Until the script is at work: before, the page is plain HTML, and the picture says nothing. */
async function isLive(page: Page): Promise<void> {
  const now = page.locator('.body-chart__now');
  await now.waitFor();
  while ((await now.textContent()) !== 'Mage') {
    await region(page, 'upper-abdomen').hover();
    await region(page, 'abdomen').hover();
  }
}

let task = '';

describe('At the clinic, staff', () => {
  it('start a pathway with 1b, which saves itself and offers the form for the patient (registers.md section 6, rule 1).', async () => {
    await staff.goto(`${app.url}/ny-registrering`);
    await staff.getByLabel('Fødselsnummer').last().fill(PERSON.number);
    await staff.keyboard.press('Enter');
    await title(staff, 'Ny pasient');
    await staff.getByLabel('Fornavn').fill('Klar');
    await staff.getByLabel('Etternavn').fill('Himmel');
    await staff.getByLabel('Fødselsdato').fill(PERSON.born);
    await staff.keyboard.press('Enter');
    await staff.waitForURL(/\/skjema\//);

    await staff.getByText(/^Lagret kl\./).waitFor();
    const offer = staff.getByRole('button', { name: /^Lag Spørreskjema før behandling/ });
    await offer.waitFor();
    found.push(...(await look(staff, 'ward-1-offer')));
    await offer.click();
    await title(staff, /Spørreskjema før behandling/);
    found.push(...(await look(staff, 'ward-2-hand-over')));
    task = /\/skjema\/([^/]+)\//.exec(staff.url())?.[1] ?? '';

    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  }, 120_000);
});

describe('The patient on the PC of the clinic', () => {
  let patient: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    patient = await wardPc.newPage();
    complaints = complaintsOf(patient);
  });

  it('is not let in by a wrong code, and is by the right one (NNRR, rule 2).', async () => {
    const right = await code();
    found.push(...(await look(staff, 'ward-3-code')));
    await enter(patient, 'AAAAA-AAAAA');
    await patient.getByRole('alert').getByText('Be om en ny').waitFor();

    await enter(patient, right);
    await title(patient, /Spørreskjema før behandling/);

    expect(found).toEqual([]);
  }, 120_000);

  it('marks the body chart by mouse: the regions, right and left as the patient’s own, are the boxes of the list.', async () => {
    await isLive(patient);

    await region(patient, 'lower-back').click();
    await region(patient, 'knee-front-right').click();
    await region(patient, 'abdomen').click();
    await region(patient, 'abdomen').click();

    const knee = await region(patient, 'knee-front-right').boundingBox();
    const other = await region(patient, 'knee-front-left').boundingBox();
    expect(await box(patient, 'Korsrygg').isChecked()).toBe(true);
    expect(await box(patient, 'Høyre kne, foran').isChecked()).toBe(true);
    expect(await box(patient, 'Mage').isChecked()).toBe(false);
    expect(knee?.x ?? 0).toBeLessThan(other?.x ?? 0);
    expect(await patient.getByRole('group', { name: DRAWING }).getByRole('checkbox').count()).toBe(33);
  }, 60_000);

  it('marks it by keyboard: each box shows in the picture where the focus is, and Space marks.', async () => {
    const { tabTo, press } = keyboardOf(patient);

    await tabTo(box(patient, 'Nakke'));
    const focused = await region(patient, 'neck-back').getAttribute('class');
    await press('Space');
    await press('Tab');

    expect(focused).toContain('body-figure__region--pointed');
    expect(await isMarked(patient, 'neck-back')).toBe(true);
    expect(await region(patient, 'shoulder-front-right').getAttribute('class')).toContain('pointed');
    expect(
      await box(patient, 'Høyre skulder, foran').evaluate((each) => each === document.activeElement),
    ).toBe(true);
  }, 60_000);

  it('clears it with «Ingen smerter», which a region takes away again.', async () => {
    await box(patient, 'Ingen smerter').check();
    const cleared = await patient.locator('.body-figure__region--chosen').count();
    await region(patient, 'lower-back').click();

    expect(cleared).toBe(0);
    expect(await box(patient, 'Ingen smerter').isChecked()).toBe(false);
    expect(await isMarked(patient, 'lower-back')).toBe(true);
    for (const option of ['knee-front-right', 'hip-thigh-back-left', 'neck-back']) {
      await region(patient, option).click();
    }
    await region(patient, 'lower-back').hover();
    const chart = patient.getByRole('group', { name: DRAWING });
    await chart.scrollIntoViewIfNeeded();
    found.push(...(await look(patient, 'ward-4-form')));
    await picture(patient, chart, 'body-chart');
    expect(found).toEqual([]);
  }, 120_000);

  it('sees how much is answered, goes back to change, and sends in.', async () => {
    await patient
      .getByRole('group', { name: /Smerte i hvile/ })
      .getByRole('radio', { name: '4', exact: true })
      .check();
    for (let item = 1; item <= 10; item += 1) {
      await patient.locator(`[name="q/odi-${item}"]`).nth(2).check();
    }
    await patient.getByRole('button', { name: 'Ferdig', exact: true }).click();
    await patient.getByText(/^Du har besvart \d+ av \d+ spørsmål\.$/).waitFor();
    const first = await patient.getByRole('status').textContent();
    found.push(...(await look(patient, 'ward-5-done')));
    await patient.getByRole('link', { name: 'Tilbake' }).click();
    await title(patient, /Spørreskjema før behandling/);
    await isLive(patient);
    await patient
      .getByRole('group', { name: /Smerte i aktivitet/ })
      .getByRole('radio', { name: '7', exact: true })
      .check();
    await patient.getByRole('button', { name: 'Ferdig', exact: true }).click();
    await patient.getByText(/^Du har besvart \d+ av \d+ spørsmål\.$/).waitFor();
    const second = await patient.getByRole('status').textContent();
    await patient.getByRole('button', { name: 'Send inn besvarelsen' }).click();
    await title(patient, 'Takk for svarene');

    const answered = (text: string | null): number => Number(/besvart (\d+)/.exec(text ?? '')?.[1]);
    expect(answered(second)).toBe(answered(first) + 1);
    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
  }, 120_000);
});

describe('What has come in', () => {
  it('is on the work list and on 1b, with its scores, and nothing of it is completed (NNRR, rule 3).', async () => {
    await staff.goto(`${app.url}/arbeidsliste?vis=to-import`);
    const link = staff.getByRole('link', { name: /klar til import/ });
    await link.first().waitFor();
    found.push(...(await look(staff, 'ward-6-work-list')));
    await link.first().click();
    await title(staff, 'Pasientregistrering klar til import');
    found.push(...(await look(staff, 'ward-7-import')));

    expect(await staff.getByRole('row', { name: /^ODI/ }).textContent()).toMatch(/40/);
    expect(await staff.getByRole('row', { name: /NDI/ }).textContent()).toMatch(/Ingen skår/);
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  }, 120_000);

  it('is discarded: nothing of it is seen, and a new code opens an empty form, marked by touch on a phone.', async () => {
    await staff.getByText('Forkast …').click();
    found.push(...(await look(staff, 'ward-8-discard')));
    await staff.getByLabel('Pasienten vil svare på nytt').check();
    await staff.getByRole('button', { name: 'Ja, forkast svarene' }).click();
    await staff.getByText('Det pasienten sendte inn, ble forkastet').waitFor();
    found.push(...(await look(staff, 'ward-9-discarded')));
    const phone = await chromium.browser.newContext({
      locale: 'nb-NO',
      viewport: { width: 375, height: 800 },
      hasTouch: true,
    });
    const patient = await phone.newPage();
    await enter(patient, await code());
    await title(patient, /Spørreskjema før behandling/);
    await isLive(patient);

    expect(await patient.locator('.body-figure__region--chosen').count()).toBe(0);
    await region(patient, 'upper-back').tap();
    await region(patient, 'wrist-front-left').tap();
    await region(patient, 'wrist-front-left').tap();
    await region(patient, 'ankle-foot-back-right').tap();
    expect(await box(patient, 'Høyre ankel og fot, bak').isChecked()).toBe(true);
    expect(await box(patient, 'Venstre håndledd, foran').isChecked()).toBe(false);
    await patient
      .getByRole('group', { name: /Smerte i hvile/ })
      .getByRole('radio', { name: '3', exact: true })
      .check();
    await patient.getByRole('button', { name: 'Ferdig', exact: true }).click();
    await patient.getByRole('button', { name: 'Send inn besvarelsen' }).click();
    await title(patient, 'Takk for svarene');
    await phone.close();
    expect(found).toEqual([]);
  }, 120_000);

  it('is imported, completed together with the patient, and locked with its scores and its drawing.', async () => {
    await staff.goto(`${app.url}/skjema/${task}`);
    await title(staff, 'Pasientregistrering klar til import');
    await staff.getByRole('button', { name: 'Importer' }).click();
    await staff.getByText('Svarene er importert som en kladd.').waitFor();
    expect(await isMarked(staff, 'upper-back')).toBe(true);
    await staff
      .getByRole('group', { name: /Smerte i aktivitet/ })
      .getByRole('radio', { name: '6', exact: true })
      .check();
    found.push(...(await look(staff, 'ward-10-imported')));
    await staff.getByRole('button', { name: 'Lagre kladd' }).click();
    await staff.getByText(/^Lagret kl\./).waitFor();
    await staff.getByRole('checkbox', { name: /Ferdigstille skjema/ }).check();
    await staff.getByRole('button', { name: 'Lagre og ferdigstill' }).click();
    await staff.getByText('Skjemaet er ferdigstilt og låst.').waitFor();
    found.push(...(await look(staff, 'ward-11-locked')));

    expect(await isMarked(staff, 'upper-back')).toBe(true);
    expect(await staff.getByRole('row', { name: /Smerte i aktivitet/ }).textContent()).toMatch(/6/);
    await staff.goto(`${app.url}/skjema/${task}/utskrift`);
    expect(await isMarked(staff, 'upper-back')).toBe(true);
    found.push(...(await look(staff, 'ward-12-paper')));
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  }, 120_000);
});

/** The chart alone, at both widths. */
async function picture(page: Page, chart: Locator, name: string): Promise<void> {
  const folder = process.env['SCREENSHOTS'];
  for (const width of folder === undefined ? [] : [375, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await chart.screenshot({ path: `${folder ?? ''}/${name}-${width}.png` });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}
