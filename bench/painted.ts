/**
 * `npm run bench -- painted`: the same as people see it, in Chromium: the work list of 200 pathways from the request until it is
 * painted, a form from the click until it can be written in, and a draft from the last key until it is stored. Beside each, what the
 * server had of it. Medians of some rounds, milliseconds.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { demoBundle } from '../demo/ehr/bundle.ts';
import { signIn } from '../demo/walk/fhir-client.ts';
import { silent } from '../demo/walk/narrator.ts';
import { readKeyFile, type Walk } from '../demo/walk/walk.ts';
import { startEmbeddedPostgres } from '../src/storage/embedded-postgres.ts';
import { launchBrowser } from '../test/support/chromium.ts';
import { startServer } from './server.ts';

const PATHWAYS = 200;
const ROUNDS = 15;
const ACCOUNT = 'lu-ane';

/** Until the person has it, and the server's part of that. */
interface Waited {
  readonly whole: number;
  readonly server: number;
}

const cell = (text: string, index: number): string => (index === 0 ? text.padEnd(42) : text.padStart(10));

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const folder = await mkdtemp(join(tmpdir(), 'ryggrad-bench-'));
await chmod(folder, 0o711);
try {
  await run(folder);
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function run(dataDir: string): Promise<void> {
  await using database = await startEmbeddedPostgres({ dataDir, path: process.env['PATH'] ?? '' });
  const socket = String(database.connection.host);
  const databaseUrl = `postgres://ryggrad@localhost/ryggrad?host=${encodeURIComponent(socket)}`;
  await using server = await startServer({ dataDir, databaseUrl });
  const walk: Walk = { url: server.url, keys: join(dataDir, 'demo'), narrator: silent };
  const ehr = await signIn(walk, 'ehr');
  for (let n = 0; n < PATHWAYS; n++) {
    await ehr.transaction(demoBundle(`pasient-${1000 + n}`, new Date()));
  }
  const passwords = await readKeyFile<Readonly<Record<string, string>>>(walk, 'passwords.json');
  await using chromium = await launchBrowser();
  const page = await (await chromium.newContext()).newPage();
  await page.goto(`${server.url}/arbeidsliste`);
  await page.getByLabel('Brukernavn').fill(ACCOUNT);
  await page.getByLabel('Passord').fill(passwords[ACCOUNT] ?? '');
  await page.getByRole('button', { name: 'Logg inn' }).click();
  await page.getByRole('heading', { level: 1, name: 'Arbeidsliste' }).waitFor();

  console.log(`${cpus().length} cores, Chromium on the same machine. Medians of ${ROUNDS}, milliseconds.`);
  console.log(['', 'whole', 'server'].map(cell).join(''));
  const show = async (name: string, wait: () => Promise<Waited>): Promise<void> => {
    await wait();
    const rounds: Waited[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      rounds.push(await wait());
    }
    const figures = [median(rounds.map(({ whole }) => whole)), median(rounds.map((each) => each.server))];
    console.log([name, ...figures.map((figure) => figure.toFixed(0))].map(cell).join(''));
  };
  await show(`work list of ${PATHWAYS}, request to painted`, () =>
    painted(page, `${server.url}/arbeidsliste`),
  );
  await show('the form TO, click to usable', () => opened(page, server.url, 'TO'));
  await show('the form B1.1, click to usable', () => opened(page, server.url, 'B1.1'));
  await show('a draft, last key to stored', () => saved(page));
}

/** From the request to the first paint of its content. */
async function painted(page: Page, address: string): Promise<Waited> {
  await page.goto(address);
  return page.evaluate(async () => {
    const paint = (): number | undefined =>
      performance.getEntriesByName('first-contentful-paint')[0]?.startTime;
    while (paint() === undefined) {
      await new Promise((next) => requestAnimationFrame(next));
    }
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return {
      whole: paint() ?? 0,
      server: (navigation?.responseStart ?? 0) - (navigation?.requestStart ?? 0),
    };
  });
}

/** From the click in the list until the form answers by itself: the button is [Lagre] until then. */
async function opened(page: Page, url: string, form: string): Promise<Waited> {
  await page.goto(`${url}/arbeidsliste`);
  const link = page.getByRole('link', { name: new RegExp(`^${form.replaceAll('.', '\\.')}:`) }).first();
  await link.waitFor();
  const begun = performance.now();
  await link.click();
  await page.getByRole('button', { name: 'Lagre kladd' }).waitFor();
  const whole = performance.now() - begun;
  const server = await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    return (navigation?.responseStart ?? 0) - (navigation?.requestStart ?? 0);
  });
  return { whole, server };
}

/** From [Lagre kladd] to the answer; the form that is open is B1.1. */
async function saved(page: Page): Promise<Waited> {
  const field = page.getByRole('textbox', { name: 'Intern kommentar' });
  await field.fill(`Målt ${performance.now()}`);
  const begun = performance.now();
  const [response] = await Promise.all([
    page.waitForResponse((answer) => answer.url().endsWith('/kladd')),
    page.getByRole('button', { name: 'Lagre kladd' }).click(),
  ]);
  await response.finished();
  const whole = performance.now() - begun;
  const { requestStart, responseStart } = response.request().timing();
  return { whole, server: responseStart - requestStart };
}
