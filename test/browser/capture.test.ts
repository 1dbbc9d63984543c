/**
 * A form that nobody fills in, in a real browser: its coordinator withdraws it by keyboard, on a phone and on a PC. With
 * SCREENSHOTS=<folder> every page is kept as a picture at two widths.
 */
import { readFile } from 'node:fs/promises';
import { buildIfStale } from '../../scripts/build.mjs';
import type { Bundle } from '../../src/fhir/types.ts';
import { startWalkServer, type WalkServer } from '../integration/walk/walk-server.ts';
import { complaintsOf, look } from '../support/look.ts';
import { startPagesOf, type TestPages } from '../support/pages.ts';

const INPUT = new URL('../../registers/gastronet/cases/olav-silent/input.json', import.meta.url);

let server: WalkServer;
let pages: TestPages;

beforeAll(async () => {
  await buildIfStale();
  server = await startWalkServer();
  pages = await startPagesOf(server.app);
}, 180_000);

afterAll(async () => {
  await pages[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

describe('A form that nobody fills in', () => {
  it('is withdrawn by the coordinator by keyboard, who is asked why.', async () => {
    const page = await pages.logIn('lc-geir');
    const problems = complaintsOf(page);
    const found: unknown[] = [...(await look(page, 'captured-1-empty'))];
    expect(await page.getByRole('link', { name: 'Ny registrering' }).count()).toBe(0);

    await server.ehr.transaction(JSON.parse(await readFile(INPUT, 'utf8')) as Bundle);
    expect(await server.app.app.jobs.runOnce()).toHaveLength(0);
    await page.goto(`${server.app.url}/pasientsok`);
    await page.getByRole('textbox', { name: 'Navn eller fødselsnummer' }).fill('Olav');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: /Olav/ }).click();
    await page.getByRole('link', { name: 'Koloskopi' }).first().click();
    const form = page.getByRole('form', { name: 'Trekk skjemaet tilbake' });
    await form.waitFor();
    found.push(...(await look(page, 'captured-2-form')));

    const reason = form.getByLabel('Grunn til tilbaketrekkingen');
    await reason.focus();
    await page.keyboard.press('Enter');
    await form.getByText('Ingenting er endret ennå').waitFor();
    found.push(...(await look(page, 'captured-3-why')));
    await reason.focus();
    await page.keyboard.type('Undersøkelsen gjaldt en annen');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');

    await page.getByRole('status').filter({ hasText: 'Skjemaet er trukket tilbake' }).waitFor();
    expect(await form.count()).toBe(0);
    found.push(...(await look(page, 'captured-4-withdrawn')));
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });
});
