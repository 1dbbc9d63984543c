/**
 * A register whose plan asks for one form twice, in a real browser: the work list, the patient's forms, the form on paper and the
 * overview. With SCREENSHOTS=<folder> every page is kept as a picture at two widths.
 */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { buildIfStale } from '../../scripts/build.mjs';
import { parseJson } from '../../src/fhir/json.ts';
import { typeCode } from '../../src/fhir/resource-types.ts';
import type { Bundle, JsonObject } from '../../src/fhir/types.ts';
import { saveForm } from '../../src/registry/form/save-form.ts';
import { plannedName } from '../../src/registry/schedule/planned-form.ts';
import { questionnaireOf } from '../../src/registry/schedule/tasks.ts';
import type { Operation } from '../../src/repository/operation.ts';
import { toItems } from '../content/compact-answers.ts';
import { complete, form } from '../content/nnrr-1b-answers.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { launchBrowser, type TestBrowser } from '../support/chromium.ts';
import { complaintsOf, look } from '../support/look.ts';
import { askingFor, ehrOf, staffOf } from '../support/principals.ts';

const INPUT = new URL('../../registers/nnrr/cases/astrid-whole-course/input.json', import.meta.url);
const UNIT = 'demo-ryggpoliklinikk';
const ehr = ehrOf('browser', UNIT);
const nurse = staffOf('browser', { role: 'LU', register: 'nnrr', unit: UNIT });
const callerOf = askingFor('browser');

let server: TestApp;
let chromium: TestBrowser;
let page: Page;
let problems: readonly string[];
let tasks: readonly JsonObject[];
let episode: string;

const taskOf = (name: string): string =>
  String(
    tasks.find((task) => plannedName(task) === name || questionnaireOf(task)?.includes(`/${name}|`))?.['id'],
  );

/** A person is referred, and 1b is locked with consent. */
async function register(): Promise<void> {
  const { repository } = server.app;
  const text = readFileSync(INPUT, 'utf8').replaceAll('9990001', '9990004');
  const { entry = [] } = JSON.parse(text) as Bundle;
  const results = await repository.commit(
    callerOf(ehr),
    entry.map(({ fullUrl, resource, request }, index): Operation => ({
      kind: 'create',
      type: resource?.resourceType ?? '',
      resource: resource as unknown as JsonObject,
      at: `Bundle.entry[${index}].resource`,
      ...(fullUrl !== undefined && { fullUrl }),
      ...(request?.ifNoneExist !== undefined && { ifNoneExist: request.ifNoneExist }),
    })),
  );
  const patient = results.find(({ type }) => type === 'Patient')?.id ?? '';
  const rows = await repository.select(callerOf(nurse), {
    text: 'r.patient = $1 and r.type = $2',
    values: [patient, typeCode('Task') ?? 0],
  });
  tasks = rows.map(({ content }) => parseJson(content) as JsonObject);
  episode = rows[0]?.labels.episode ?? '';
  await saveForm(server.app.forms, callerOf(nurse), {
    taskId: taskOf('nnrr-1b'),
    response: {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      item: toItems(form.items, complete),
    },
    status: 'completed',
    ifMatch: undefined,
  });
}

beforeAll(async () => {
  await buildIfStale();
  server = await startTestApp();
  await register();
  chromium = await launchBrowser();
  const context = await chromium.newContext({ width: 1280, height: 900 });
  page = await context.newPage();
  page.setDefaultTimeout(20_000);
  problems = complaintsOf(page);
  const password = server.hints.accounts.find(({ username }) => username === 'lu-nina')?.password ?? '';
  await page.goto(`${server.url}/arbeidsliste`);
  await page.getByLabel('Brukernavn').fill('lu-nina');
  await page.getByLabel('Passord').fill(password);
  await page.getByRole('button', { name: 'Logg inn' }).click();
  await page.getByRole('heading', { level: 1, name: 'Arbeidsliste' }).waitFor();
}, 240_000);

afterAll(async () => {
  await chromium.close();
  await server[Symbol.asyncDispose]();
});

const go = (path: string) => page.goto(`${server.url}${path}`);

describe('A register that asks for one form twice', () => {
  it('shows each time as a form of its own in the list of patients’ forms.', async () => {
    await go('/pasientregistreringer');

    expect(
      (await page.getByRole('columnheader').allTextContents()).filter((text) => text.startsWith('2')),
    ).toEqual(['2, 6 mnd.', '2, 12 mnd.']);
    expect(await look(page, 'patients-forms-twice')).toEqual([]);
  });

  it('names each time on the page of one pathway, and prints either on paper.', async () => {
    await go(`/pasientregistreringer/${episode}`);
    const links = page.getByRole('link', { name: 'Skriv ut', exact: true });
    const addresses = await Promise.all((await links.all()).map((link) => link.getAttribute('href')));

    expect(addresses).toContain(`/skjema/${taskOf('2-6')}/papir`);
    expect(addresses).toContain(`/skjema/${taskOf('2-12')}/papir`);
    expect(await page.getByRole('rowheader', { name: /12 måneder/ }).count()).toBe(1);
    expect(await look(page, 'patients-forms-of-one-twice')).toEqual([]);
  });

  it('has the paper of the second time with its name, its code and empty boxes.', async () => {
    await go(`/skjema/${taskOf('2-12')}/papir`);

    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('12 måneder');
    expect(await page.getByRole('img', { name: 'QR-kode som åpner skjemaet' }).count()).toBe(1);
    expect(await page.getByText('04857210064').count()).toBe(0);
    expect(await look(page, 'paper-for-patient')).toEqual([]);
  });

  it('opens what was scanned as the form to type it into.', async () => {
    await go(`/skjema/${taskOf('2-12')}`);

    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain('12 måneder');
    expect(await page.getByText('Hvilken nytte har du hatt av behandlingen?').count()).toBeGreaterThan(0);
  });

  it('draws the overview of its own tables.', async () => {
    await go('/oversikt');

    expect(await page.getByRole('heading', { name: 'Tid fra henvisning til besøk' }).count()).toBe(1);
    expect(await look(page, 'overview-with-follow-up')).toEqual([]);
    expect(problems).toEqual([]);
  });
});
