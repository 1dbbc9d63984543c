/**
 * A register whose form goes from 1.0.0 to 1.1.0 while forms are open: a draft stays on its version until it is locked, what nobody
 * has begun is filled in the new one, and so is what begins afterwards.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { syntheticPerson } from '../../../demo/ehr/synthetic-person.ts';
import { type Principal, type StaffPrincipal, SYSTEM } from '../../../src/access/principal.ts';
import { caseInput } from '../../../src/content/scaffold/case.ts';
import { newRegister } from '../../../src/content/scaffold/register.ts';
import type { NewFile } from '../../../src/content/scaffold/artefacts.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import { typeCode } from '../../../src/fhir/resource-types.ts';
import type { JsonObject, QuestionnaireResponse } from '../../../src/fhir/types.ts';
import { openForm, type OpenedForm } from '../../../src/registry/form/open-form.ts';
import { saveForm } from '../../../src/registry/form/save-form.ts';
import { openForms } from '../../../src/registry/publication/open-forms.ts';
import { questionnaireOf } from '../../../src/registry/schedule/tasks.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { restartTestApp, startTestApp, type TestApp } from '../../support/app.ts';
import { type ContentFolder, contentFolder } from '../../support/content-folder.ts';
import { repositoryRoot } from '../../support/source-files.ts';

const URL_OF_FORM = 'https://ryggrad.no/fhir/Questionnaire/fot-start';
const coordinator: StaffPrincipal = {
  kind: 'staff',
  subject: 'user:lc',
  name: 'Koordinator',
  scopes: ['user/*.cruds'],
  role: 'LC',
  register: 'fot',
  units: ['demo-smerteklinikk'],
};
const files = newRegister({
  id: 'fot',
  name: 'Fot',
  title: 'Fotregisteret',
  publisher: 'Helse Prøve HF',
  date: '2026-11-22',
});

/** The next version: the text of a severe condition must be given, and there is a new question. */
function nextVersion(): readonly NewFile[] {
  const change = (path: string, replace: (text: string) => string, to = path): NewFile => {
    const text = JSON.stringify(files.find((one) => one.path === path)?.content);
    return { path: to, content: JSON.parse(replace(text)) as JsonObject };
  };
  const form = 'questionnaires/fot/Questionnaire-fot-start.json';
  const line = '{"reference":{"reference":"https://ryggrad.no/fhir/Questionnaire/fot-start|1.0.0"';
  return [
    change(
      form,
      (text) => text.replace('"id":"fot-start"', '"id":"fot-start-1-0-0"'),
      'questionnaires/fot/Questionnaire-fot-start-1-0-0.json',
    ),
    change(form, (text) =>
      text
        .replace('"version":"1.0.0"', '"version":"1.1.0"')
        .replace('"type":"string","maxLength":200', '"type":"string","required":true,"maxLength":200'),
    ),
    change('registers/fot/manifest.json', (text) =>
      text.replace(line, `${line.replace('1.0.0', '1.1.0')},"type":"Questionnaire"}},${line}`),
    ),
    change('registers/fot/schedule/PlanDefinition-fot-forlop.json', (text) =>
      text.replace('fot-start|1.0.0', 'fot-start|1.1.0'),
    ),
  ];
}

let folder: ContentFolder;
let server: TestApp;
/** Tasks of three pathways: with a draft, with nothing, and of a pathway that begins afterwards. */
let drafted: string;
let untouched: string;

const callerOf = (principal: Principal) => ({ principal, requestId: 'versions', interaction: 'test' });

async function openPathway(number: number): Promise<string> {
  const person = syntheticPerson(number);
  const input = JSON.stringify(caseInput('fot')).replaceAll('15838510237', person.fnr);
  const bundle = JSON.parse(input.replace('1985-03-15', person.birthDate)) as JsonObject;
  const ehr = await server.client('ehr');
  expect((await ehr.post('fhir', bundle)).status).toBe(200);
  const rows = await tasks();
  return String(rows.at(-1)?.['id']);
}

async function tasks(): Promise<readonly JsonObject[]> {
  const rows = await server.app.repository.select(callerOf(SYSTEM), {
    text: `r.type = $1 and r.content like '%fot-start|%'`,
    values: [typeCode('Task') ?? 0],
  });
  return rows
    .map(({ content }) => parseJson(content) as JsonObject)
    .toSorted((a, b) => String(a['authoredOn']).localeCompare(String(b['authoredOn'])));
}

const versionOf = async (task: string): Promise<string | undefined> =>
  questionnaireOf((await tasks()).find(({ id }) => id === task) ?? {})?.split('|')[1];

const open = (task: string): Promise<OpenedForm> => openForm(server.app.forms, callerOf(coordinator), task);

const items = (severity?: string, why?: string): NonNullable<QuestionnaireResponse['item']> => [
  {
    linkId: 'registration',
    item: [
      { linkId: 'registration-date', answer: [{ valueDate: '2026-03-02' }] },
      ...(severity === undefined
        ? []
        : [
            {
              linkId: 'severity',
              answer: [
                {
                  valueCoding: { system: 'https://ryggrad.no/fhir/CodeSystem/fot-severity', code: severity },
                },
              ],
            },
          ]),
      ...(why === undefined ? [] : [{ linkId: 'severity-why', answer: [{ valueString: why }] }]),
    ],
  },
];

/** The rules that refused it; none when it is saved. */
async function save(
  task: string,
  status: 'in-progress' | 'completed',
  item: QuestionnaireResponse['item'],
): Promise<readonly (string | undefined)[]> {
  const { version } = await open(task);
  try {
    await saveForm(server.app.forms, callerOf(coordinator), {
      taskId: task,
      response: { resourceType: 'QuestionnaireResponse', status, ...(item !== undefined && { item }) },
      status,
      ifMatch: version,
    });
    return [];
  } catch (cause) {
    if (cause instanceof FhirError) {
      return cause.issues.map(({ rule }) => rule);
    }
    throw cause;
  }
}

beforeAll(async () => {
  folder = await contentFolder(files);
  for (const name of ['questionnaires', 'valuesets', 'registers']) {
    await cp(join(repositoryRoot, name, 'smertereg'), join(folder.root, name, 'smertereg'), {
      recursive: true,
    });
  }
  server = await startTestApp({ CONTENT_DIR: folder.root });
  drafted = await openPathway(71);
  untouched = await openPathway(72);
  expect(await save(drafted, 'in-progress', items())).toEqual([]);
  expect(await openForms(server.database.app.as(EVERYTHING))).toEqual([
    { canonical: `${URL_OF_FORM}|1.0.0`, drafts: 1, waiting: 1 },
  ]);
  await folder.write(nextVersion());
  server = await restartTestApp(server, { CONTENT_DIR: folder.root });
  await server.app.jobs.runOnce();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe('A form whose register has got a new version of it', () => {
  it('stays on its version as a draft: it opens, is saved and is locked by the rules of 1.0.0.', async () => {
    expect((await open(drafted)).form.canonical).toBe(`${URL_OF_FORM}|1.0.0`);
    expect(await save(drafted, 'in-progress', items('moderate'))).toEqual([]);
    expect(await save(drafted, 'completed', items('severe'))).toEqual([]);

    const { response, form } = await open(drafted);
    expect([response.status, response.questionnaire, form.canonical]).toEqual([
      'completed',
      `${URL_OF_FORM}|1.0.0`,
      `${URL_OF_FORM}|1.0.0`,
    ]);
    expect(await versionOf(drafted)).toBe('1.0.0');
  });

  it('is moved to the new version while nobody has begun it, and is locked by the rules of 1.1.0.', async () => {
    expect(await versionOf(untouched)).toBe('1.1.0');
    expect((await open(untouched)).form.canonical).toBe(`${URL_OF_FORM}|1.1.0`);
    expect(await save(untouched, 'completed', items('severe'))).toEqual(['required']);
    expect(await save(untouched, 'completed', items('severe', 'Rask forverring'))).toEqual([]);
  });

  it('begins in the new version in a pathway that is opened afterwards.', async () => {
    const task = await openPathway(73);

    expect(await versionOf(task)).toBe('1.1.0');
    expect(await save(task, 'completed', items('severe'))).toEqual(['required']);
  });

  it('is read over the API in both versions.', async () => {
    const ehr = await server.client('ehr');
    const found = await ehr.get(`fhir/Questionnaire?url=${encodeURIComponent(URL_OF_FORM)}`);
    const { entry = [] } = found.body as { entry?: { resource: { version: string } }[] };

    expect(entry.map(({ resource }) => resource.version).toSorted()).toEqual(['1.0.0', '1.1.0']);
  });

  it('is moved once: the next start finds nothing to move.', async () => {
    const before = await tasks();
    server = await restartTestApp(server, { CONTENT_DIR: folder.root });
    await server.app.jobs.runOnce();

    const versions = (all: readonly JsonObject[]) =>
      all.map(({ id, meta }) => [id, (meta as { versionId?: string }).versionId]);
    expect(versions(await tasks())).toEqual(versions(before));
  });
});
