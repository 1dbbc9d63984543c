/** The pages around the forms in a real browser. */
import { gzipSync } from 'node:zlib';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { complaintsOf, problemsAt } from '../support/look.ts';
import { b11Draft } from './drafts.ts';
import { startPages, type PageServer } from './page-server.ts';

const paths = [
  '/',
  '/logg-inn?feil=ukjent',
  '/velg-rolle',
  '/arbeidsliste',
  '/arbeidsliste?vis=new',
  '/pasient/p1',
  '/pasient/p1/mottatt',
  '/skjema/b11/historikk?fra=1&til=2',
  '/skjema/launch',
  '/finnes-ikke',
];

let pages: PageServer;
let chromium: TestBrowser;

beforeAll(async () => {
  pages = await startPages({ b11: b11Draft });
  chromium = await launchBrowser();
});

afterAll(async () => {
  await chromium.close();
  await pages[Symbol.asyncDispose]();
});

describe('The pages', () => {
  it.each(paths)('have no accessibility violation and fit 320 pixels: %s', async (path) => {
    const context = await chromium.newContext({ width: 320, height: 640 });
    const page = await context.newPage();
    const complaints = complaintsOf(page);

    await page.goto(pages.url + path);
    const found = await problemsAt(page, 320);

    expect(found).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('lead a nurse from the work list to the form that is to be filled.', async () => {
    const context = await chromium.newContext();
    const page = await context.newPage();
    await page.goto(`${pages.url}/arbeidsliste`);

    await page.getByRole('link', { name: /^B1\.1: Under utfylling.*, Grønn Fjelltopp$/ }).click();

    await page.getByRole('heading', { level: 1, name: 'Behandlerdel 1.1 (B1.1)' }).waitFor();
    expect(await page.getByText('3 hentede svar er ikke bekreftet.').isVisible()).toBe(true);
    await context.close();
  });

  it('put filter and sorting into the address.', async () => {
    const context = await chromium.newContext();
    const page = await context.newPage();
    await page.goto(`${pages.url}/arbeidsliste`);

    await page
      .getByRole('link', { name: /^Under utfylling/ })
      .first()
      .click();
    await page.getByRole('link', { name: 'Samtykke' }).click();

    expect(new URL(page.url()).search).toBe('?vis=in-progress&sorter=consent');
    expect(await page.getByRole('columnheader', { name: 'Samtykke' }).getAttribute('aria-sort')).toBe(
      'ascending',
    );
    await context.close();
  });

  it('send who is not logged in to the login, and back afterwards.', async () => {
    pages.isLoggedIn = false;

    const response = await fetch(`${pages.url}/skjema/b11`, { redirect: 'manual' });

    pages.isLoggedIn = true;
    expect(response.status).toBe(303);
    expect(response.headers.get('location')).toBe('/logg-inn?neste=%2Fskjema%2Fb11');
  });

  it('refuse writes from other sites.', async () => {
    const crossSite = { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' };
    const form = { method: 'POST', body: new URLSearchParams({ _action: 'save' }), headers: crossSite };

    const post = await fetch(`${pages.url}/skjema/b11`, form);
    const put = await fetch(`${pages.url}/skjema/b11/kladd`, {
      method: 'PUT',
      body: '{}',
      headers: crossSite,
    });

    expect([post.status, put.status]).toEqual([403, 403]);
    expect(pages.saves).toEqual([]);
  });

  it('bring less than 120 kB of script, compressed, to a form without expressions.', async () => {
    const html = await (await fetch(`${pages.url}/skjema/b11`)).text();
    const src = /<script[^>]* src="([^"]+)"/.exec(html)?.[1] ?? '';

    const script = await (await fetch(pages.url + src)).arrayBuffer();

    expect(gzipSync(script).length).toBeLessThan(120_000);
  });

  it('carry a policy that allows nothing inline and nothing from elsewhere.', async () => {
    const response = await fetch(`${pages.url}/skjema/b11`);

    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).not.toMatch(/ style="|<style/);
  });
});
