/** A server that is killed while people write in a real browser: what is lost, and what stands afterwards (rule 5). */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { startServer } from '../../bench/server.ts';
import { signIn, type FhirClient } from '../../demo/walk/fhir-client.ts';
import { silent } from '../../demo/walk/narrator.ts';
import { pushPatient, type Registered } from '../../demo/walk/push.ts';
import { readKeyFile, type Walk } from '../../demo/walk/walk.ts';
import { buildIfStale } from '../../scripts/build.mjs';
import type { QuestionnaireResponse, Task } from '../../src/fhir/types.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';

type Server = Awaited<ReturnType<typeof startServer>>;

let folder: string;
let database: TestDatabase;
let server: Server;
let chromium: TestBrowser;
let walk: Walk;
let staff: FhirClient;

beforeAll(async () => {
  await buildIfStale();
  folder = await mkdtemp(join(tmpdir(), 'ryggrad-crash-'));
  database = await createTestDatabase();
  server = await startServer({ dataDir: folder, databaseUrl: database.url });
  walk = { url: server.url, keys: join(folder, 'demo'), narrator: silent };
  staff = await signIn(walk, 'staff');
  chromium = await launchBrowser();
}, 180_000);

afterAll(async () => {
  await chromium.close();
  await server[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** The process is gone at once, and another one takes its place. */
async function kill(): Promise<void> {
  process.kill(server.pid, 'SIGKILL');
  await server.ended;
}

async function startAgain(): Promise<void> {
  server = await startServer({
    dataDir: folder,
    databaseUrl: database.url,
    port: Number(new URL(server.url).port),
  });
}

async function logIn(): Promise<Page> {
  const passwords = await readKeyFile<Readonly<Record<string, string>>>(walk, 'passwords.json');
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.goto(`${server.url}/arbeidsliste`);
  await page.getByLabel('Brukernavn').fill('lu-ane');
  await page.getByLabel('Passord').fill(passwords['lu-ane'] ?? '');
  await page.getByRole('button', { name: 'Logg inn' }).click();
  await page.getByRole('heading', { level: 1, name: 'Arbeidsliste' }).waitFor();
  return page;
}

const person = async (id: string): Promise<Registered> => pushPatient(walk, await signIn(walk, 'ehr'), id);

const choose = (page: Page, question: string, option: string): Promise<void> =>
  page.getByRole('radiogroup', { name: question }).getByRole('radio', { name: option, exact: true }).check();

const isChosen = (page: Page, question: string, option: string): Promise<boolean> =>
  page
    .getByRole('radiogroup', { name: question })
    .getByRole('radio', { name: option, exact: true })
    .isChecked();

/** Status of a form's Task and of its response. */
async function standing(id: string): Promise<readonly (string | undefined)[]> {
  const task = await staff.read<Task>(`Task/${id}`);
  const reference = task.output?.[0]?.valueReference?.reference;
  const response = reference === undefined ? undefined : await staff.read<QuestionnaireResponse>(reference);
  return [task.status, response?.status];
}

describe('A server that is killed while somebody writes', () => {
  it('rule 5: has what was saved by itself, and the page that is open saves the rest when there is a server again.', async () => {
    const { tasks } = await person('pasient-901');
    const page = await logIn();
    await page.goto(`${server.url}/skjema/${tasks['to'] ?? ''}`);
    await choose(page, 'Har pasienten fått tilsyn?', 'Ja');
    await page.getByText(/^Lagret kl\./).waitFor();

    await kill();
    await choose(page, 'Norsktalende', 'Ja');
    await page.getByText('Fikk ikke lagret. Vi prøver igjen; ikke lukk siden.').waitFor();
    await startAgain();

    const other = await logIn();
    await other.goto(`${server.url}/skjema/${tasks['to'] ?? ''}`);
    expect(await isChosen(other, 'Har pasienten fått tilsyn?', 'Ja')).toBe(true);
    expect((await standing(tasks['to'] ?? ''))[1]).toBe('in-progress');
    await page.getByText(/^Lagret kl\./).waitFor();
    await other.reload();
    expect(await isChosen(other, 'Norsktalende', 'Ja')).toBe(true);
  }, 120_000);

  it('rule 5: leaves no form half locked, whenever it is killed while one is being locked.', async () => {
    const stood: (readonly (string | undefined)[])[] = [];
    for (const n of [1, 2, 3]) {
      const { tasks } = await person(`pasient-${901 + 3 * n}`);
      const page = await logIn();
      await page.goto(`${server.url}/skjema/${tasks['to'] ?? ''}`);
      await choose(page, 'Har pasienten fått tilsyn?', 'Nei, ikke behov');
      await page.getByText(/^Lagret kl\./).waitFor();
      await page.getByRole('checkbox', { name: /Ferdigstille skjema/ }).check();
      const sent = page.waitForRequest((request) => request.method() === 'POST');
      await page.getByRole('button', { name: 'Lagre og ferdigstill' }).click({ noWaitAfter: true });
      await sent;
      await kill();
      await startAgain();
      staff = await signIn(walk, 'staff');
      stood.push(await standing(tasks['to'] ?? ''));
      await page.context().close();
    }

    expect(stood.filter(([task, form]) => (task === 'completed') !== (form === 'completed'))).toEqual([]);
  }, 180_000);
});
