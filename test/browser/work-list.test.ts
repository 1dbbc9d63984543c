/**
 * The work list's own pages in a real browser against the whole server: new registration, search, deletion, delivered
 * registrations, print, and two people on one form. With SCREENSHOTS=<folder> every page is kept as a picture at two widths.
 */
import type { Page } from 'playwright-core';
import { buildIfStale } from '../../scripts/build.mjs';
import { b11, startWalkServer, to, type WalkServer } from '../integration/walk/walk-server.ts';
import type { Patient, Task } from '../../src/fhir/types.ts';
import { complaintsOf, look } from '../support/look.ts';
import { heading, startPagesOf, type TestPages } from '../support/pages.ts';

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

afterEach(() => pages.clear());

const go = (page: Page, path: string) => page.goto(`${server.app.url}${path}`);
const choose = (page: Page, question: string, option: string): Promise<void> =>
  page.getByRole('radiogroup', { name: question }).getByRole('radio', { name: option, exact: true }).check();

describe('A new registration', () => {
  it('rule 4: is made by keyboard alone, from the empty work list to the first form.', async () => {
    const page = await pages.logIn('lu-ane');
    const problems = complaintsOf(page);
    const found: unknown[] = [...(await look(page, 'wl-1-empty'))];
    const press = async (...keys: readonly string[]): Promise<void> => {
      for (const key of keys) {
        await page.keyboard.press(key);
      }
    };

    await page.getByRole('main').getByRole('link', { name: 'Ny registrering' }).first().focus();
    await press('Enter');
    await heading(page, 'Ny registrering').waitFor();
    found.push(...(await look(page, 'wl-2-number')));
    await page.getByLabel('Fødselsnummer', { exact: true }).focus();
    await page.keyboard.type('1391690002');
    await press('Enter');
    await page.getByRole('heading', { name: 'Dette må rettes' }).waitFor();
    found.push(...(await look(page, 'wl-3-wrong')));
    await page.getByLabel('Fødselsnummer', { exact: true }).focus();
    await press('End');
    await page.keyboard.type('8');
    await press('Enter');
    await heading(page, 'Ny pasient').waitFor();
    await page.getByLabel('Fornavn').focus();
    await page.keyboard.type('Klar');
    await press('Tab');
    await page.keyboard.type('Himmel');
    await press('Tab');
    await page.keyboard.type('13.11.1969');
    found.push(...(await look(page, 'wl-4-new-patient')));
    await press('Enter');
    await page.waitForURL(/\/skjema\//);

    await go(page, '/arbeidsliste');
    expect(await page.getByRole('link', { name: 'Klar Himmel', exact: true }).count()).toBe(1);
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });
});

describe('The pages beside the work list', () => {
  it('are without fault on a phone and on a PC, and in three languages.', async () => {
    const [first, second, third] = [await server.person(), await server.person(), await server.person()];
    await server.save(first, 'to', to.consenting);
    await server.save(second, 'to', to.notAttended, { status: 'completed' });
    await server.save(second, 'b11', b11, { status: 'completed' });
    const page = await pages.logIn('lc-bjorn');
    const problems = complaintsOf(page);
    const found: unknown[] = [...(await look(page, 'wl-5-list'))];

    await go(page, `/forlop/${third.episode}/slett`);
    found.push(...(await look(page, 'wl-6-delete')));
    await go(page, `/forlop/${second.episode}/slett`);
    found.push(...(await look(page, 'wl-7-delete-refused')));
    const { name: names } = await server.coordinator.read<Patient>(`Patient/${first.patient}`);
    const name = names?.[0]?.family ?? '';
    await go(page, '/pasientsok');
    await page.getByRole('textbox', { name: 'Navn eller fødselsnummer' }).fill(name);
    await page.getByRole('textbox', { name: 'Navn eller fødselsnummer' }).press('Enter');
    await page.getByRole('heading', { level: 2 }).first().waitFor();
    found.push(...(await look(page, 'wl-8-search')));
    await go(page, '/innleverte');
    await page.getByText('Antall registreringer: 1').waitFor();
    found.push(...(await look(page, 'wl-9-delivered')));
    await go(page, `/pasient/${first.patient}`);
    found.push(...(await look(page, 'wl-10-patient')));
    for (const [language, title] of [
      ['Nynorsk', 'Innleverte registreringar'],
      ['English', 'Delivered registrations'],
    ] as const) {
      await go(page, '/innleverte');
      await page.getByRole('button', { name: language }).click();
      await heading(page, title).waitFor();
      found.push(...(await look(page, `wl-11-${language}`)));
    }

    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('rule 3: prints the work list alone, lying down, with the comment of the last form.', async () => {
    const person = await server.person();
    const task = await server.coordinator.read<Task>(`Task/${person.tasks['b22'] ?? ''}`);
    await server.coordinator.request(`Task/${person.tasks['b22'] ?? ''}`, {
      method: 'PUT',
      body: JSON.stringify({ ...task, note: [{ text: 'Følges opp mandag' }] }),
      headers: { 'content-type': 'application/fhir+json' },
    });
    const page = await pages.logIn('lu-ane');
    expect(await page.getByText('Følges opp mandag').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Skriv ut' }).waitFor(); // there as soon as the script is

    await page.emulateMedia({ media: 'print' });

    expect(await page.getByText('Følges opp mandag').isVisible()).toBe(true);
    expect(await page.getByRole('banner').isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: 'Skriv ut' }).isVisible()).toBe(false);
    const afterLink = await page
      .getByRole('link', { name: /Berg|Foss|Dal|Strand|Himmel/ })
      .first()
      .evaluate((link) => getComputedStyle(link, '::after').content);
    expect(afterLink).toBe('none');
    const pdf = await page.pdf({ preferCSSPageSize: true });
    const box = /MediaBox \[\s*0 0 ([\d.]+) ([\d.]+)/.exec(pdf.toString('latin1'));
    expect(Number(box?.[1])).toBeGreaterThan(Number(box?.[2]));
    const folder = process.env['SCREENSHOTS'];
    if (folder !== undefined) {
      await page.screenshot({ path: `${folder}/wl-12-print.png`, fullPage: true });
    }
  });
});

describe('Two people on one form', () => {
  it('rule 5: the second is told who saved and sees what, keeps what was written, and chooses.', async () => {
    const person = await server.person();
    const form = `/skjema/${person.tasks['to'] ?? ''}`;
    const [ane, bjorn] = [await pages.logIn('lu-ane'), await pages.logIn('lc-bjorn')];
    await go(ane, form);
    await go(bjorn, form);

    await choose(ane, 'Har pasienten fått tilsyn?', 'Ja');
    await ane.getByText(/^Lagret kl\./).waitFor();
    await choose(bjorn, 'Har pasienten fått tilsyn?', 'Nei, ikke behov');
    const told = bjorn.getByRole('alert').filter({ hasText: 'Ane Lund' });
    await told.waitFor();
    const found = await look(bjorn, 'wl-13-conflict');
    const [history] = await Promise.all([
      bjorn.context().waitForEvent('page'),
      told.getByRole('link', { name: 'Se den andre versjonen i ny fane' }).click(),
    ]);

    await history.getByRole('heading', { level: 1, name: /Historikk/ }).waitFor();
    expect(await history.getByText('Ane Lund').count()).toBeGreaterThan(0);
    const kept = bjorn
      .getByRole('radiogroup', { name: 'Har pasienten fått tilsyn?' })
      .getByRole('radio', { name: 'Nei, ikke behov', exact: true });
    expect(await kept.isChecked()).toBe(true);
    await told.getByRole('button', { name: 'Lagre mine svar likevel' }).click();
    await bjorn.getByText(/^Lagret kl\./).waitFor();
    await ane.reload();
    expect(
      await ane
        .getByRole('radiogroup', { name: 'Har pasienten fått tilsyn?' })
        .getByRole('radio', { name: 'Nei, ikke behov', exact: true })
        .isChecked(),
    ).toBe(true);
    expect(found).toEqual([]);
  });

  it('rule 5: Next saves and goes on to the next form.', async () => {
    const person = await server.person();
    const page = await pages.logIn('lu-ane');
    await go(page, `/skjema/${person.tasks['to'] ?? ''}`);
    await choose(page, 'Har pasienten fått tilsyn?', 'Ja');

    await page.getByRole('button', { name: /^Neste/ }).click();
    await page.waitForURL((url) => !url.pathname.endsWith(person.tasks['to'] ?? ''));

    expect((await server.taskStates(person))['to']).toBe('in-progress');
  });
});
