/**
 * The pages about accounts in a real browser: from the application to the work list; readable by everybody.
 * With SCREENSHOTS=<folder> every page is kept as a picture at two widths.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { buildIfStale } from '../../scripts/build.mjs';
import { dayInOslo } from '../../src/sdc/expression.ts';
import { daysAfter } from '../../src/smart/people/dates.ts';
import { saveAccount } from '../../src/smart/accounts.ts';
import { systemClock } from '../../src/fhir/id.ts';
import { totpCode } from '../support/authenticator-app.ts';
import { saveRole } from '../integration/accounts/role.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PASSWORD = 'Furuskog-7 blåbær';
const screenshots = process.env['SCREENSHOTS'];

let test: TestApp;
let chromium: TestBrowser;

beforeAll(async () => {
  await buildIfStale();
  test = await startTestApp({}, systemClock, undefined, 'localhost');
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
    await picture(page, `${name}-${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });

  expect([name, found]).toEqual([name, []]);
  expect([name, widths.every((left) => left >= 0)]).toEqual([name, true]);
}

async function picture(page: Page, name: string): Promise<void> {
  if (screenshots !== undefined) {
    mkdirSync(screenshots, { recursive: true });
    await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
  }
}

const messageTo = async (end: string, purpose: string): Promise<string> => {
  await test.app.jobs.runOnce();
  const all = await test.app.accounts.messages.inbox();
  return all.find((message) => message.to.endsWith(end) && message.purpose === purpose)?.text ?? '';
};

async function logInAs(
  context: BrowserContext,
  account: string,
  password = test.hints.accounts.find(({ username }) => username === account)?.password ?? '',
): Promise<Page> {
  const page = await context.newPage();
  await enterPassword(page, account, password);
  return page;
}

async function enterPassword(page: Page, account: string, password: string): Promise<void> {
  await page.goto(`${test.url}/logg-inn`);
  await page.getByLabel('Brukernavn').fill(account);
  await page.getByLabel('Passord').fill(password);
  await page.getByRole('button', { name: 'Logg inn' }).click();
}

/** As somebody without a mouse: forward with the tabulator until it is there. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let press = 0; press < 40; press++) {
    await page.keyboard.press('Tab');
    const [id, text] = await page.evaluate(() => [
      document.activeElement?.id,
      document.activeElement?.textContent?.trim(),
    ]);
    if (id === name || text === name) {
      return;
    }
  }
  throw new Error(`The tabulator does not reach ${name}`);
}

const logOut = (page: Page): Promise<void> =>
  page.getByRole('button', { name: 'Logg ut', exact: true }).click();

/** A browser with an authenticator that recognises its owner. https://chromedevtools.github.io/devtools-protocol/tot/WebAuthn/ */
async function withAuthenticator(page: Page): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('WebAuthn.enable');
  await devTools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
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
    await picture(applicant, 'ny-bruker-feil-1280');
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
    await picture(applicant, 'forste-passord-1280');
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

  it('is looked after on pages that everybody can read.', async () => {
    const { app, database } = test;
    const account = { username: 'per.moen', name: 'Per Moen', practitionerRoles: ['role-per'] };
    await saveRole(app, 'role-per', daysAfter(dayInOslo(new Date()), 12));
    await saveAccount(database.db.pool, account, PASSWORD);
    const worker = await chromium.newContext();
    const own = await logInAs(worker, 'per.moen', PASSWORD);
    await look(own, 'velg-rolle-snart');
    await own.goto(`${test.url}/min-side`);
    await look(own, 'min-side-snart');
    await worker.close();
    await database.db.query({
      text: `update message set failed = $1, problem = 'The SMS gateway answered 400' where purpose = 'first-password'`,
      values: [new Date()],
    });

    const office = await chromium.newContext();
    const page = await logInAs(office, 'sc-siri');
    await page.goto(`${test.url}/brukere`);
    await page.getByText('Avslutt …').first().click();
    await look(page, 'brukere-sc');
    for (let number = 0; number < 16; number++) {
      const username = `liste.${number}`;
      await saveRole(app, `role-${username}`);
      await saveAccount(
        database.db.pool,
        { username, name: `Liv Liste ${number}`, practitionerRoles: [`role-${username}`] },
        PASSWORD,
      );
    }
    await page.goto(`${test.url}/brukere`);
    await page.getByLabel('Finn navn, brukernavn eller avdeling').fill('liste 7');
    await page.getByRole('button', { name: 'Finn' }).click();
    await look(page, 'brukere-funnet');
    await page.getByRole('link', { name: 'Kari Nordmann' }).click();
    await look(page, 'soknad-sc');
    await page.goto(`${test.url}/brukere/meldinger`);
    await look(page, 'meldinger');
    await page.goto(`${test.url}/apper`);
    await look(page, 'apper');
    await office.close();
  }, 240_000);

  it('is entered, and left everywhere, with the keyboard alone.', async () => {
    const account = { username: 'tast.bruk', name: 'Tast Bruk', mobile: '+4740000041' };
    await saveAccount(
      test.database.db.pool,
      { ...account, practitionerRoles: ['demo-lu-ane', 'demo-lc-bjorn'] },
      PASSWORD,
    );
    const context = await chromium.newContext();
    const page = await context.newPage();
    await page.goto(`${test.url}/logg-inn`);
    await tabTo(page, 'brukernavn');
    await page.keyboard.type('tast.bruk');
    await tabTo(page, 'passord');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.waitForURL(/bekreft/);
    await tabTo(page, 'kode');
    await page.keyboard.type(/\d{6}/.exec(await messageTo('40000041', 'login-code'))?.[0] ?? '');
    await page.keyboard.press('Enter');
    await page.waitForURL(/velg-rolle/);
    await tabTo(page, 'Lokal koordinator (LC)');
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => url.pathname === '/');
    await page.goto(`${test.url}/min-side`);
    await tabTo(page, 'Logg ut overalt');
    await page.keyboard.press('Enter');
    await page.waitForURL(/logg-inn/);

    expect(await page.getByRole('status').innerText()).toContain('Du er logget ut overalt');
    await context.close();
  }, 120_000);

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

  it('is entered with a code by SMS, an app, a passkey and a recovery code, on pages that everybody can read.', async () => {
    await saveAccount(
      test.database.db.pool,
      {
        username: 'ola.hansen',
        name: 'Ola Hansen',
        practitionerRoles: ['demo-lu-ane', 'demo-lc-bjorn'],
        mobile: '+4740000031',
        email: 'ola@fjordheim.example',
        position: 'Lege',
      },
      PASSWORD,
    );
    const context = await chromium.newContext();
    const page = await logInAs(context, 'ola.hansen', PASSWORD);
    await withAuthenticator(page);

    await look(page, 'bekreft-sms');
    await page.getByLabel('Engangspassord').fill('000000');
    await page.getByRole('button', { name: 'Neste' }).click();
    await look(page, 'bekreft-sms-feil');
    const [sms = ''] = /\d{6}/.exec(await messageTo('40000031', 'login-code')) ?? [];
    await page.getByLabel('Engangspassord').fill(sms);
    await page.getByRole('button', { name: 'Neste' }).click();
    await look(page, 'velg-rolle');

    await page.goto(`${test.url}/min-side/app`);
    const secret = (await page.locator('code.secret').innerText()).replaceAll(' ', '');
    await page.getByLabel('Koden som appen viser').fill(totpCode(secret, new Date()));
    await page.getByRole('button', { name: 'Legg til' }).click();
    await page.getByRole('button', { name: 'Legg til passnøkkel' }).click();
    await page.waitForURL(/status=nokkel/);
    await page.getByRole('button', { name: 'Lag nye gjenopprettingskoder' }).click();
    const [recovery = ''] = await page.locator('.recovery-codes code').allInnerTexts();
    await page.goto(`${test.url}/min-side`);
    await look(page, 'min-side-full');

    await logOut(page);
    await enterPassword(page, 'ola.hansen', PASSWORD);
    await page.getByRole('button', { name: 'Bruk passnøkkel' }).waitFor();
    await look(page, 'bekreft-passnokkel');
    await page.getByRole('button', { name: 'Bruk passnøkkel' }).click();
    await page.waitForURL(/velg-rolle/);

    await logOut(page);
    await enterPassword(page, 'ola.hansen', PASSWORD);
    await page.getByRole('link', { name: 'Kode fra autentiseringsapp' }).click();
    await look(page, 'bekreft-app');
    await page.getByRole('link', { name: 'Gjenopprettingskode' }).click();
    await look(page, 'bekreft-gjenoppretting');
    await page.getByLabel('Gjenopprettingskode').fill(recovery);
    await page.getByRole('button', { name: 'Neste' }).click();

    expect(new URL(page.url()).pathname).toBe('/velg-rolle');
    await page.goto(`${test.url}/innboks`);
    await look(page, 'innboks-full');
    await context.close();
  }, 240_000);
});
