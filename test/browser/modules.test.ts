/**
 * A register with several modules in a real browser, beside the others on one server: the module is chosen in the work list, and
 * in a new registration. With SCREENSHOTS=<folder> every page is kept as a picture at two widths.
 */
import type { Page } from 'playwright-core';
import { buildIfStale } from '../../scripts/build.mjs';
import { startTestApp, type TestApp } from '../support/app.ts';
import { complaintsOf, look } from '../support/look.ts';
import { heading, startPagesOf, type TestPages } from '../support/pages.ts';

let server: TestApp;
let pages: TestPages;

beforeAll(async () => {
  await buildIfStale();
  server = await startTestApp();
  pages = await startPagesOf(server);
}, 180_000);

afterAll(async () => {
  await pages[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

afterEach(() => pages.clear());

const go = (page: Page, path: string) => page.goto(`${server.url}${path}`);
const modules = (page: Page) => page.getByRole('navigation', { name: 'Modul' });
/** `Nakke 1`: names and counts of the modules. */
const choices = async (page: Page): Promise<readonly string[]> =>
  (await modules(page).getByRole('link').allInnerTexts()).map((text) => text.replaceAll(/\s+/g, ' '));
const columns = async (page: Page): Promise<readonly string[]> =>
  (await page.getByRole('columnheader').allInnerTexts()).map((text) => text.trim());

describe('A register with several modules', () => {
  it('asks which module a new registration is for, and shows the work list of the one that is chosen.', async () => {
    const page = await pages.logIn('lc-knut');
    const problems = complaintsOf(page);
    const found: unknown[] = [...(await look(page, 'modules-1-empty'))];
    expect(await choices(page)).toEqual(['Rygg 0', 'Nakke 0', 'Deformitet 0']);

    await go(page, '/ny-registrering');
    await page.getByLabel('Fødselsnummer', { exact: true }).fill('13916900028');
    await page.getByRole('button', { name: 'Søk pasient' }).click();
    await heading(page, 'Ny pasient').waitFor();
    await page.getByLabel('Fornavn').fill('Klar');
    await page.getByLabel('Etternavn').fill('Himmel');
    await page.getByLabel('Fødselsdato').fill('13.11.1969');
    found.push(...(await look(page, 'modules-2-new-person')));
    await page.getByRole('button', { name: 'Ny registrering' }).click();
    await page.getByRole('heading', { name: 'Dette må rettes' }).waitFor();
    found.push(...(await look(page, 'modules-3-none-chosen')));
    await page.getByRole('link', { name: 'Velg modul.' }).click();
    await page.keyboard.press('ArrowDown');
    await page.getByRole('radio', { name: 'Degenerativ nakke' }).check();
    await page.getByRole('button', { name: 'Ny registrering' }).click();
    await page.waitForURL(/\/skjema\//);

    await go(page, '/arbeidsliste');
    expect(await choices(page)).toEqual(['Rygg 0', 'Nakke 1', 'Deformitet 0']);
    expect(await modules(page).getByRole('link', { name: 'Nakke' }).getAttribute('aria-current')).toBe(
      'true',
    );
    expect(await page.getByRole('link', { name: 'Klar Himmel', exact: true }).count()).toBe(1);
    found.push(...(await look(page, 'modules-4-list')));

    await page.getByRole('link', { name: 'Klar Himmel', exact: true }).click();
    await page.getByRole('button', { name: '+ Ny registrering: Degenerativ rygg' }).waitFor();
    found.push(...(await look(page, 'modules-5-patient')));
    await page.getByRole('button', { name: '+ Ny registrering: Degenerativ rygg' }).click();
    await page.waitForURL(/\/skjema\//);
    await page.goBack();
    await page.reload();
    expect(await page.getByRole('heading', { level: 3 }).allInnerTexts()).toEqual([
      expect.stringMatching(/^Degenerativ (rygg|nakke): /),
      expect.stringMatching(/^Degenerativ (rygg|nakke): /),
    ]);
    found.push(...(await look(page, 'modules-6-patient-two')));

    await go(page, '/arbeidsliste?modul=rygg&vis=new');
    expect(await modules(page).getByRole('link', { name: 'Rygg' }).getAttribute('aria-current')).toBe('true');
    expect(page.url()).toContain('modul=rygg');
    await modules(page).getByRole('link', { name: 'Deformitet' }).click();
    await page.getByText('Ingen forløp').or(page.getByText('Ingen aktive forløp')).first().waitFor();
    expect(page.url()).toContain('modul=deformitet');
    await go(page, '/pasientregistreringer?vis=all');
    await modules(page).waitFor();
    found.push(...(await look(page, 'modules-7-patient-forms')));
    await go(page, '/innleverte');
    expect(await page.getByLabel('Modul').locator('option').allInnerTexts()).toEqual([
      'Alle',
      'Rygg',
      'Nakke',
      'Deformitet',
    ]);
    found.push(...(await look(page, 'modules-8-delivered')));
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('leaves a register that is one whole as it was: nothing to choose, also for a person whom the other has.', async () => {
    const page = await pages.logIn('lu-ane');
    expect(await modules(page).count()).toBe(0);

    await go(page, '/ny-registrering');
    await page.getByLabel('Fødselsnummer', { exact: true }).fill('13916900028');
    await page.getByRole('button', { name: 'Søk pasient' }).click();
    await heading(page, 'Ny pasient').waitFor();

    expect(await page.getByRole('radiogroup').count()).toBe(0);
    await page.getByLabel('Fornavn').fill('Klar');
    await page.getByLabel('Etternavn').fill('Himmel');
    await page.getByLabel('Fødselsdato').fill('13.11.1969');
    await page.getByRole('button', { name: 'Ny registrering' }).click();
    await page.waitForURL(/\/skjema\//);
    await go(page, '/arbeidsliste');
    expect(await columns(page)).toContain('TO');
  });
});
