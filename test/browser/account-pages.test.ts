/** The pages about accounts in a real browser: from the application to the work list; readable by everybody */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PASSWORD = 'Furuskog-7 blåbær';
/** Where pictures of the pages go, when somebody wants to look at them. */
const pictures = process.env['ACCOUNT_PICTURES'];

let test: TestApp;
let chromium: TestBrowser;

beforeAll(async () => {
  test = await startTestApp();
  chromium = await launchBrowser();
}, 240_000);

afterAll(async () => {
  await chromium.close();
  await test[Symbol.asyncDispose]();
});

/** No violation, nothing blocked, no sideways scrolling at 375 pixels; and a picture at both widths. */
async function look(page: Page, name: string): Promise<void> {
  await page.evaluate(axeSource);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  });
  const widths: number[] = [];
  for (const width of [1280, 375]) {
    await page.setViewportSize({ width, height: 800 });
    widths.push(width - (await page.evaluate(() => document.documentElement.scrollWidth)));
    if (pictures !== undefined) {
      mkdirSync(pictures, { recursive: true });
      await page.screenshot({ path: join(pictures, `${name}-${width}.png`), fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });

  expect([name, found]).toEqual([name, []]);
  expect([name, widths.every((left) => left >= 0)]).toEqual([name, true]);
}

const messageTo = async (end: string, purpose: string): Promise<string> => {
  await test.app.jobs.runOnce();
  const all = await test.app.accounts.messages.inbox();
  return all.find((message) => message.to.endsWith(end) && message.purpose === purpose)?.text ?? '';
};

async function logInAs(context: BrowserContext, account: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${test.url}/logg-inn`);
  await page.getByLabel('Brukernavn').fill(account);
  await page
    .getByLabel('Passord')
    .fill(test.hints.accounts.find(({ username }) => username === account)?.password ?? '');
  await page.getByRole('button', { name: 'Logg inn' }).click();
  return page;
}

describe('An account', () => {
  it('is applied for, approved and entered without JavaScript.', async () => {
    const { browser } = chromium;
    const plain = await browser.newContext({ javaScriptEnabled: false, locale: 'nb-NO' });
    const applicant = await plain.newPage();
    await applicant.goto(`${test.url}/ny-bruker`);
    await applicant.getByLabel('Organisasjonen du tilhører').selectOption('demo-hf');
    await applicant.getByRole('button', { name: 'Neste' }).click();
    await applicant.getByRole('button', { name: 'Send søknad' }).click();
    const problems = await applicant.locator('.aksel-error-summary').innerText();
    for (const [label, text] of [
      ['Brukernavn', 'kari.nordmann'],
      ['Fornavn', 'Kari'],
      ['Etternavn', 'Nordmann'],
      ['Primær mobil', '400 00 021'],
      ['E-post', 'kari@fjordheim.example'],
    ] as const) {
      await applicant.getByLabel(label, { exact: true }).fill(text);
    }
    await applicant.getByLabel('Stilling').selectOption('Sykepleier');
    await applicant.getByLabel('Avdelingen du søker tilgang til').selectOption('demo-smerteklinikk');
    await applicant.getByLabel('Register', { exact: true }).selectOption('smertereg');
    await applicant.getByLabel('Lokal bruker (LU)').check();
    await applicant.getByRole('button', { name: 'Send søknad' }).click();

    const office = await chromium.newContext();
    const coordinator = await logInAs(office, 'lc-bjorn');
    await coordinator.goto(`${test.url}/brukere`);
    await look(coordinator, 'brukere');
    await coordinator.getByRole('link', { name: 'Kari Nordmann' }).click();
    await look(coordinator, 'soknad');
    await coordinator.getByRole('button', { name: 'Innvilg', exact: true }).click();

    const [, password = ''] = /Passord: (\S+)/.exec(await messageTo('40000021', 'first-password')) ?? [];
    await applicant.goto(`${test.url}/logg-inn`);
    await applicant.getByLabel('Brukernavn').fill('kari.nordmann');
    await applicant.getByLabel('Passord').fill(password);
    await applicant.getByRole('button', { name: 'Logg inn' }).click();
    const [code = ''] = /\d{6}/.exec(await messageTo('40000021', 'login-code')) ?? [];
    await applicant.getByLabel('Engangspassord').fill(code);
    await applicant.getByRole('button', { name: 'Neste' }).click();
    await applicant.getByLabel('Passordet du fikk på SMS').fill(password);
    await applicant.getByLabel('Nytt passord', { exact: true }).fill(PASSWORD);
    await applicant.getByLabel('Gjenta nytt passord').fill(PASSWORD);
    await applicant.getByRole('button', { name: 'Oppdater' }).click();
    await applicant.goto(`${test.url}/arbeidsliste`);

    expect(problems).toContain('Fyll ut brukernavn');
    expect(coordinator.url()).toContain('/brukere?status=innvilget');
    expect(await applicant.title()).toContain('Arbeidsliste');

    await plain.close();
    await office.close();
  }, 240_000);

  it.each([
    ['ny-bruker', '/ny-bruker'],
    ['ny-bruker-2', '/ny-bruker?organisasjon=demo-hf'],
    ['ny-bruker-annet', '/ny-bruker?organisasjon=annet'],
    ['sendt', '/ny-bruker/sendt'],
    ['logg-inn', '/logg-inn?feil=utlopt'],
    ['glemt-passord', '/glemt-passord'],
    ['nytt-passord', '/glemt-passord/kode'],
    ['innboks', '/innboks'],
  ])(
    'has a page that everybody can read: %s.',
    async (name, path) => {
      const context = await chromium.newContext();
      const page = await context.newPage();

      await page.goto(test.url + path);

      await look(page, name);
      await context.close();
    },
    120_000,
  );

  it('has pages of one’s own that everybody can read.', async () => {
    const context = await chromium.newContext();
    const page = await logInAs(context, 'lc-bjorn');
    for (const [name, path] of [
      ['min-side', '/min-side'],
      ['passord', '/min-side/passord'],
      ['app', '/min-side/app'],
      ['epost', '/min-side/epost'],
      ['bekreft-deg', '/bekreft-deg?neste=/brukere'],
      ['rolle', '/velg-rolle'],
    ] as const) {
      await page.goto(test.url + path);
      await look(page, name);
    }
    await page.goto(`${test.url}/min-side`);
    await page.getByRole('button', { name: 'Lag nye gjenopprettingskoder' }).click();
    await look(page, 'koder');
    await context.close();
  }, 240_000);
});
