/** The pages of the audit trail in a real browser (AU-05). */
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { complaintsOf, problemsAt } from '../support/look.ts';
import { type PageServer, startPages } from './page-server.ts';

let pages: PageServer;
let chromium: TestBrowser;

beforeAll(async () => {
  pages = await startPages();
  chromium = await launchBrowser();
});

afterAll(async () => {
  await chromium.close();
  await pages[Symbol.asyncDispose]();
});

const paths = ['/tilgangslogg', '/tilgangslogg?hvem=user:nobody', '/tilgangslogg/e1', '/pasient/p1/innsyn'];
const widths = [375, 1280];

describe('The pages of the audit trail', () => {
  it.each(paths.flatMap((path) => widths.map((width) => [path, width] as const)))(
    'have no accessibility violation and fit the screen: %s at %d pixels.',
    async (path, width) => {
      const context = await chromium.newContext({ width, height: 900 });
      const page = await context.newPage();
      const complaints = complaintsOf(page);

      await page.goto(pages.url + path);
      const found = await problemsAt(page, width);
      const folder = process.env['SCREENSHOTS'];
      if (folder !== undefined) {
        await page.screenshot({
          path: `${folder}/${path.replaceAll(/\W+/g, '-')}-${width}.png`,
          fullPage: true,
        });
      }

      expect(found).toEqual([]);
      expect(complaints).toEqual([]);
      await context.close();
    },
  );

  it('lead a coordinator from a mark to a follow-up, by keyboard and without a script.', async () => {
    const context = await chromium.newContext();
    const page = await context.newPage();
    await page.goto(`${pages.url}/tilgangslogg`);
    await page
      .getByRole('link', { name: /^Se nærmere Ane Nordli, Åpnet pasientsiden/ })
      .first()
      .press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Hendelse i tilgangsloggen' }).waitFor();

    await page.getByRole('button', { name: 'Merk som fulgt opp' }).press('Enter');
    await page.getByText('Skriv hva som er gjort.').waitFor();
    await page.getByRole('radio', { name: 'Spurt den det gjelder' }).check();
    await page.getByLabel('Hva er gjort?').fill('Hadde tilsyn på sengeposten.');
    await page.getByRole('button', { name: 'Merk som fulgt opp' }).press('Enter');

    await page.getByText('Oppfølgingen er lagret.').waitFor();
    expect(await page.getByText('Hadde tilsyn på sengeposten.').isVisible()).toBe(true);
    await context.close();
  });
});
