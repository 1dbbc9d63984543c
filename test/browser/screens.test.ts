/**
 * The further screens of the workbench in a real browser against the whole server: language, departments and locations.
 * With SCREENSHOTS=<folder> every page is kept as a picture at two widths.
 */
import type { BrowserContext, Page } from 'playwright-core';
import { pushPatient, type Registered } from '../../demo/walk/push.ts';
import { buildIfStale } from '../../scripts/build.mjs';
import { startWalkServer, to, type WalkServer } from '../integration/walk/walk-server.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { complaintsOf, look, problemsAt } from '../support/look.ts';

let server: WalkServer;
let chromium: TestBrowser;
let contexts: readonly BrowserContext[] = [];
let page: Page;
let problems: readonly string[];
let person: Registered;

beforeAll(async () => {
  await buildIfStale();
  server = await startWalkServer();
  chromium = await launchBrowser();
  person = await server.person();
}, 180_000);

afterAll(async () => {
  await chromium.close();
  await server[Symbol.asyncDispose]();
});

afterEach(async () => {
  await Promise.all(contexts.map((context) => context.close()));
  contexts = [];
});

/** A browser of its own, logged in; what the page complains of is in `problems`. */
async function logIn(account: string): Promise<Page> {
  const context = await chromium.newContext({ width: 1280, height: 900 });
  contexts = [...contexts, context];
  page = await context.newPage();
  problems = complaintsOf(page);
  const password = server.app.hints.accounts.find(({ username }) => username === account)?.password ?? '';
  await page.goto(`${server.app.url}/arbeidsliste`);
  await page.getByLabel('Brukernavn').fill(account);
  await page.getByLabel('Passord').fill(password);
  await page.getByRole('button', { name: 'Logg inn' }).click();
  await page.getByRole('heading', { level: 1, name: 'Arbeidsliste' }).waitFor();
  return page;
}

const go = (path: string) => page.goto(`${server.app.url}${path}`);
const heading = (name: string) => page.getByRole('heading', { level: 1, name });

async function addPlace(address: string, name: string, alias: string, resh: string): Promise<void> {
  await go(address);
  await page.getByLabel('Navn', { exact: true }).fill(name);
  await page.getByLabel('Visningsnavn').fill(alias);
  await page.getByLabel('RESH-ID').fill(resh);
  await page.getByRole('button', { name: 'Legg til' }).click();
}

describe('The switch of the language', () => {
  it('turns pages and forms into nynorsk and English, comes back to the page, and remembers.', async () => {
    await logIn('lc-bjorn');
    await go(`/skjema/${person.tasks['b11'] ?? ''}`);

    await page.getByRole('button', { name: 'English' }).click();

    expect(new URL(page.url()).pathname).toBe(`/skjema/${person.tasks['b11'] ?? ''}`);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.getByLabel(/Department/).count()).toBeGreaterThan(0);
    await page.getByRole('button', { name: 'Save draft' }).waitFor();
    await go('/tilgangslogg');
    await heading('Access log').waitFor();
    const found = await look(page, 'language-trail-en');
    await page.getByRole('button', { name: 'Nynorsk' }).click();
    expect(await page.locator('html').getAttribute('lang')).toBe('nn');
    await page.getByText('medarbeidarane').waitFor();
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });
});

describe('Departments and locations', () => {
  it('are added, shown to be wrong, changed, and offered by the form (registers.md, other screens).', async () => {
    await logIn('lc-bjorn');
    const found: unknown[] = [];

    await addPlace('/lokasjoner', 'Fjordheim sykehus', 'Fjordheim', '9990000');
    await page.getByRole('status').getByText('Lagt til.').waitFor();
    await addPlace('/avdelinger', 'Ortopedisk sengepost', 'Ort', 'abc');
    await page.getByRole('link', { name: 'RESH-ID er et tall med tre til åtte siffer.' }).waitFor();
    found.push(...(await look(page, 'places-refused')));
    await page.getByLabel('RESH-ID').fill('9990002');
    await page.getByRole('button', { name: 'Legg til' }).click();
    await page.getByRole('status').getByText('Lagt til.').waitFor();
    found.push(...(await look(page, 'places')));

    await go(`/skjema/${person.tasks['b11'] ?? ''}`);
    const field = page.getByLabel(/Avdeling/).first();
    const list = await field.getAttribute('list');
    expect(
      await page
        .locator(`[id="${list ?? ''}"] option`)
        .evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value)),
    ).toEqual(['Ort']);
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('are offered, too, in a session that the EHR has opened for one person.', async () => {
    const known = await pushPatient(server.walk, server.ehr, 'pasient-1');
    const context = await chromium.newContext({ width: 1280, height: 900 });
    contexts = [...contexts, context];
    page = await context.newPage();
    await go('/demo/ehr');
    await page.getByRole('button', { name: 'Åpne registerskjema for Kari Fjell' }).click();
    await page.getByText('Kontroller at dette er riktig pasient.').waitFor();

    // the launch has a path of its own, and its session is below it
    await page.goto(page.url().replace('/skjema/launch', `/skjema/${known.tasks['b11'] ?? ''}`));

    expect(await page.locator('datalist option[value="Ort"]').count()).toBe(1);
  });

  it('that were used are made inactive, and never deleted; those that were not, are.', async () => {
    await logIn('lc-bjorn');
    await addPlace('/avdelinger', 'Lagt inn ved en feil', 'Feil', '9990009');
    await page.getByRole('link', { name: 'Endre Lagt inn ved en feil' }).click();
    await page.getByRole('button', { name: 'Slett' }).click();
    await page.getByRole('status').getByText('Slettet.').waitFor();
    await addPlace('/avdelinger', 'Kirurgisk sengepost', 'Kir', '9990003');
    await go(`/skjema/${person.tasks['b11'] ?? ''}`);
    await page
      .getByLabel(/Avdeling/)
      .first()
      .fill('Kir');
    await page.getByRole('button', { name: 'Lagre kladd' }).click();
    await page
      .getByText(/Lagret kl|Skjemaet er lagret/)
      .first()
      .waitFor();

    await go('/avdelinger');
    await page.getByRole('link', { name: 'Endre Kirurgisk sengepost' }).click();
    const found = await look(page, 'place');
    await page.getByLabel('Visningsnavn').fill('Kirurgen');
    await page.getByRole('button', { name: 'Lagre' }).click();
    await page.getByRole('link', { name: 'Endre Kirurgisk sengepost' }).click();
    await page.getByRole('button', { name: 'Slett' }).click();
    await page.getByRole('link', { name: /brukt i en registrering/ }).waitFor();
    await page.getByRole('radio', { name: 'Nei' }).check();
    await page.getByRole('button', { name: 'Lagre' }).click();
    await page.getByRole('status').getByText('Endringen er lagret.').waitFor();

    await go(`/skjema/${person.tasks['b11'] ?? ''}`);
    expect(
      await page
        .getByLabel(/Avdeling/)
        .first()
        .inputValue(),
    ).toBe('Kir');
    expect(await page.locator('datalist option[value="Kirurgen"]').count()).toBe(0);
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('are told to the national coordinator with each change, and kept by nobody else than the local one.', async () => {
    await logIn('sc-siri');
    await go('/avdelinger');
    const changes = page.getByRole('region', { name: 'Endringer' });

    expect(await changes.getByRole('row').count()).toBeGreaterThanOrEqual(6);
    expect(await changes.getByText('Satt til Aktiv = Nei').count()).toBe(1);
    expect(await changes.getByText('Slettet').count()).toBe(1);
    expect(await page.getByRole('button', { name: 'Legg til' }).count()).toBe(0);
    expect(await look(page, 'places-national')).toEqual([]);
  });
});

describe('The page of a stored resource', () => {
  it('shows content, versions with what differs, provenance, and references both ways, without person numbers.', async () => {
    await logIn('lc-bjorn');
    const about = { patient: person.patient, task: person.tasks['to'] ?? '' };
    await server.save(person, 'to', to.consenting);
    await go(`/pasient/${about.patient}/mottatt`);
    await page.locator('main table a').first().click();
    const found = [...(await look(page, 'resource-received'))];
    expect(await page.getByRole('heading', { level: 2, name: 'Opphav' }).count()).toBe(1);

    await page
      .getByRole('link', { name: `Patient/${about.patient}` })
      .first()
      .click();
    await page.getByText(`Patient/${about.patient}`).first().waitFor();
    await page.getByText('FHIR (JSON)').first().click();
    const text = await page.locator('main').innerText();
    expect(text.replaceAll(/[0-9a-f-]{36}/g, '').match(/(?<!\d)\d{11}(?!\d)/g)).toEqual(null);
    expect(text).toContain('*****');
    expect(await page.getByRole('link', { name: /^EpisodeOfCare\// }).count()).toBeGreaterThan(0);

    await go(`/ressurs/Task/${about.task}`);
    await page.getByRole('button', { name: 'Sammenlign' }).click();
    await page.getByRole('region', { name: /Forskjeller fra versjon/ }).waitFor();
    found.push(...(await look(page, 'resource-task')));
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('is not found where the reader may not see it: unknown, of no such type, or not of the national store.', async () => {
    await logIn('sc-siri');
    const statuses = await Promise.all(
      [`Patient/${person.patient}`, 'Patient/unknown', 'Nothing/1', 'AuditEvent/1'].map(async (path) =>
        (await page.request.get(`${server.app.url}/ressurs/${path}`)).status(),
      ),
    );

    expect(statuses).toEqual([404, 404, 404, 404]);
  });
});

describe('The local overview', () => {
  it('counts the department’s registrations, consents, completed forms and days until the first visit.', async () => {
    const one = await server.person();
    await server.save(one, 'to', to.consenting, { status: 'completed' });
    await logIn('lc-bjorn');
    await page.getByText('Mer', { exact: true }).click();
    expect(await look(page, 'menu')).toEqual([]);
    await page.getByRole('link', { name: 'Lokal oversikt' }).click();
    await heading('Lokal oversikt').waitFor();
    await page.waitForLoadState();

    expect(await page.getByRole('img', { name: /^Forløp 3/ }).count()).toBe(1);
    expect(await page.getByRole('row', { name: /Samtykke ja.*100 %.*1 av 1/ }).count()).toBe(1);
    expect(await page.getByRole('row', { name: /^TO.*1 av \d/ }).count()).toBe(1);
    expect(await page.getByText(/Medianen er \d+ dager \(n = 1\)/).count()).toBeGreaterThan(0);
    expect(await look(page, 'overview')).toEqual([]);
    await page.getByText('Vis tallene').first().click();
    expect(await look(page, 'overview-figures')).toEqual([]);
    expect(problems).toEqual([]);
  });
});

describe('The file archive', () => {
  it('has files that the national coordinator lays out, the code book, and forms on paper.', async () => {
    await logIn('sc-siri');
    await go('/filarkiv');
    await page.getByRole('button', { name: 'Legg ut' }).click();
    await page.getByRole('link', { name: 'Skriv en tittel.' }).waitFor();
    const found = [...(await look(page, 'files-refused'))];
    await page.getByLabel('Tittel').fill('Brukerveiledning');
    await page.getByLabel('Velg fil').setInputFiles({
      name: 'Veiledning æøå.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('%PDF-1.4 guide\r\n--x'),
    });
    await page.getByRole('button', { name: 'Legg ut' }).click();
    await page.getByRole('status').getByText('Filen er lagt ut.').waitFor();
    found.push(...(await look(page, 'files')));

    await logIn('lu-ane');
    await go('/filarkiv');
    const href = await page.getByRole('link', { name: 'Brukerveiledning' }).getAttribute('href');
    const file = await page.request.get(`${server.app.url}${href ?? ''}`);
    expect(await file.text()).toBe('%PDF-1.4 guide\r\n--x');
    expect(file.headers()['content-type']).toBe('application/pdf');
    expect(file.headers()['content-disposition']).toMatch(/^attachment/);
    expect(await page.getByRole('button', { name: /Slett/ }).count()).toBe(0);
    expect((await page.request.post(`${server.app.url}${href ?? ''}/slett`)).status()).toBe(403);

    await page.getByRole('link', { name: /Klokebok/ }).click();
    expect(await page.getByRole('rowheader', { name: /REFERRAL_DATE/ }).count()).toBeGreaterThan(0);
    await page.setViewportSize({ width: 375, height: 900 });
    found.push(...(await problemsAt(page, 375))); // a long page: at one width
    const csv = await (await page.request.get(`${server.app.url}/filarkiv/kodebok.csv`)).text();
    expect(csv.split('\r\n').find((line) => line.includes('"SUPERVISION"'))).toMatch(
      /^"mce";"SUPERVISION";.*"attended".*"choice"/,
    );
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });
});

describe('The system information', () => {
  it('shows versions, contacts and the history of versions to the national coordinator alone.', async () => {
    await logIn('sc-siri');
    await go('/system');
    await heading('Systeminfo').waitFor();
    expect(await page.getByText(/^Ryggrad \d/).count()).toBe(1);
    expect(await page.getByText('Versjonshistorikk').count()).toBe(1);
    expect(await look(page, 'system')).toEqual([]);

    await logIn('lc-bjorn');
    expect((await page.request.get(`${server.app.url}/system`)).status()).toBe(403);
  });
});

/** Pages of a PDF: each has an object of that type. */
const pagesOf = (pdf: Buffer): number => pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length ?? 0;

describe('A form on paper', () => {
  it('has the answers and the numbers of the screen, and becomes a PDF of whole questions.', async () => {
    const one = await server.person();
    await server.save(one, 'to', to.consenting, { status: 'completed' });
    await logIn('lc-bjorn');
    await go(`/skjema/${one.tasks['to'] ?? ''}`);
    await page.getByRole('link', { name: 'Skriv ut' }).click();
    await page.getByText('Ferdigstilt').first().waitFor();

    expect(await page.getByText('Har pasienten fått tilsyn?').count()).toBe(1);
    const found = [...(await look(page, 'paper-filled'))];
    expect(pagesOf(await page.pdf({ format: 'A4' }))).toBeGreaterThan(0);

    await go(`/skjema/${one.tasks['b11'] ?? ''}`);
    const labels = await page.locator('fieldset legend, label').allInnerTexts();
    const numbered = labels.find((label) => /^1b /.test(label)) ?? 'none';
    await go('/skjema/tomt/smertereg-b11');
    expect(await page.getByText(numbered.split('\n')[0] ?? '', { exact: false }).count()).toBeGreaterThan(0);
    found.push(...(await look(page, 'paper-empty')));
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('header').isVisible()).toBe(false);
    const breaks = await page
      .locator('.paper__question')
      .evaluateAll((all) => new Set(all.map((one) => getComputedStyle(one).breakInside)).size);
    expect(breaks).toBe(1);
    const pdf = await page.pdf({ format: 'A4', preferCSSPageSize: true });
    expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-');
    expect(pagesOf(pdf)).toBeGreaterThan(2);
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });

  it('of an instrument is in the words of the content pack that is installed.', async () => {
    await logIn('lu-ane');
    await go('/skjema/tomt/smertereg-hads');

    await page.getByText('Hvor ofte har du tenkt på havet den siste uken?').waitFor();
    expect(await look(page, 'paper-pack')).toEqual([]);
    expect((await page.request.get(`${server.app.url}/skjema/tomt/unknown`)).status()).toBe(404);
  });
});

describe('Connections', () => {
  it('show who has sent and what was refused; one is carried out again on the page.', async () => {
    const response = await fetch(`${server.app.url}/fhir/Observation`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${await server.app.token('ehr')}`,
        'Content-Type': 'application/fhir+json',
        'Idempotency-Key': 'ORU-20261122-0001',
      },
      body: JSON.stringify({
        resourceType: 'Observation',
        status: 'final',
        code: { text: 'Hb' },
        device: { reference: 'Device/browser-device' },
      }),
    });
    expect(response.status).toBe(422);
    const found: unknown[] = [];
    await logIn('lc-bjorn');

    await go('/forbindelser');
    await heading('Forbindelser').waitFor();
    found.push(...(await look(page, 'connections')));
    await page
      .getByRole('link', { name: /^Vis meldingen fra/ })
      .first()
      .click();
    await heading('Melding').waitFor();
    found.push(...(await look(page, 'connection-message')));
    await page.getByRole('button', { name: 'Kjør på nytt' }).click();
    await page.getByRole('status').getByText('Meldingen er fortsatt avvist.').waitFor();
    await page.getByRole('button', { name: 'Legg bort' }).click();

    await page.getByRole('status').getByText('Meldingen er lagt bort.').waitFor();
    expect(found).toEqual([]);
    expect(problems).toEqual([]);
  });
});
