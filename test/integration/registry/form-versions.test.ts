/**
 * A retired version of a form takes what is read in from elsewhere, and nothing else; its scores are its own. A Questionnaire
 * that the plan asks for twice has two answers, each in its own Task.
 */
import { readFile } from 'node:fs/promises';
import { IMPORT, type Principal, type StaffPrincipal, SYSTEM } from '../../../src/access/principal.ts';
import { FhirError } from '../../../src/fhir/outcome.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import { typeCode } from '../../../src/fhir/resource-types.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { EPISODE_EXTENSION } from '../../../src/registry/form/pathway.ts';
import { PLANNED_FORM, plannedName } from '../../../src/registry/schedule/planned-form.ts';
import { questionnaireOf, responseOf } from '../../../src/registry/schedule/tasks.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import type { Answers } from '../../content/case.ts';
import { toItems } from '../../content/compact-answers.ts';
import { content } from '../../content/fill-form.ts';
import { complete, form as form1b } from '../../content/nnrr-1b-answers.ts';
import { formOf } from '../../content/run-case.ts';

const INPUT = new URL('../../../registers/nnrr/cases/bjarne-says-no/input.json', import.meta.url);
const coordinator: StaffPrincipal = {
  kind: 'staff',
  subject: 'user:lc',
  name: 'Koordinator',
  scopes: ['user/*.cruds'],
  role: 'LC',
  register: 'nnrr',
  units: ['demo-smerteklinikk'],
};

let server: TestApp;
let episode: string;
let patient: string;

const callerOf = (principal: Principal) => ({ principal, requestId: 'versions', interaction: 'test' });

async function rowsOf(
  type: 'Task' | 'Observation' | 'QuestionnaireResponse',
): Promise<readonly JsonObject[]> {
  const rows = await server.app.repository.select(callerOf(SYSTEM), {
    text: 'r.episode = $1 and r.type = $2',
    values: [episode, typeCode(type) ?? 0],
  });
  return rows.map(({ content: text }) => parseJson(text) as JsonObject);
}

async function answer(
  principal: Principal,
  id: string,
  answers: Answers,
  named?: string,
): Promise<string | undefined> {
  const form = id === 'nnrr-1b' ? form1b : formOf(content, id);
  const naming = named === undefined ? [] : [{ url: PLANNED_FORM, valueCode: named }];
  try {
    await server.app.repository.commit(callerOf(principal), [
      {
        kind: 'create',
        type: 'QuestionnaireResponse',
        resource: {
          resourceType: 'QuestionnaireResponse',
          extension: [
            { url: EPISODE_EXTENSION, valueReference: { reference: `EpisodeOfCare/${episode}` } },
            ...naming,
          ],
          questionnaire: form.canonical,
          status: 'completed',
          subject: { reference: `Patient/${patient}` },
          authored: '2016-03-03T10:00:00+01:00',
          item: toItems(form.items, answers) as unknown as JsonObject[],
        },
      },
    ]);
    return undefined;
  } catch (cause) {
    if (cause instanceof FhirError) {
      return cause.issues[0]?.rule;
    }
    throw cause;
  }
}

const threeLevels = {
  'eq-5d-3l': {
    'eq-5d-3l-mo': '2',
    'eq-5d-3l-sc': '1',
    'eq-5d-3l-ua': '2',
    'eq-5d-3l-pd': '2',
    'eq-5d-3l-ad': '1',
  },
};

beforeAll(async () => {
  server = await startTestApp();
  const ehr = await server.client('ehr');
  const bundle = await readFile(INPUT, 'utf8');
  const sent = await ehr.post('fhir', JSON.parse(bundle));
  const [person] = (sent.body as { entry: { response: { location: string } }[] }).entry;
  patient = /Patient\/([^/]+)/.exec(person?.response.location ?? '')?.[1] ?? '';
  const [own] = await server.app.repository.select(callerOf(SYSTEM), {
    text: 'r.patient = $1 and r.type = $2',
    values: [patient, typeCode('EpisodeOfCare') ?? 0],
  });
  episode = own?.id ?? '';
  expect(await answer(coordinator, 'nnrr-1b', complete)).toBeUndefined();
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

describe('A retired version of a form', () => {
  it('takes no new answers from staff: the pathway asks for the version in use.', async () => {
    expect(await answer(coordinator, 'nnrr-1a-0-9-0', threeLevels)).toBe('questionnaire-version');
  });

  it('takes what is read in from elsewhere; the Task follows, and the index is that of three levels alone.', async () => {
    expect(await answer(IMPORT, 'nnrr-1a-0-9-0', threeLevels)).toBeUndefined();

    const tasks = await rowsOf('Task');
    const own = tasks.find((task) => questionnaireOf(task)?.endsWith('/nnrr-1a|0.9.0'));
    const scores = (await rowsOf('Observation')).filter((each) => JSON.stringify(each).includes('eq-5d-'));

    expect(own?.['status']).toBe('completed');
    expect(tasks).toHaveLength(4);
    expect(scores).toHaveLength(1);
    expect(scores[0]).toMatchObject({
      code: {
        coding: expect.arrayContaining([expect.objectContaining({ code: 'eq-5d-3l-index' })]) as unknown,
      },
      valueQuantity: { value: 0.691 },
    });
    expect(JSON.stringify(scores[0]?.['method'])).toContain('eq5d3l-tto-uk');
  });
});

describe('A Questionnaire that the plan asks for twice', () => {
  it('has its answer in the Task that the answer names.', async () => {
    expect(
      await answer(coordinator, 'nnrr-2', { result: { 'use-of-treatment': 'much-better' } }, '2-12'),
    ).toBeUndefined();

    const tasks = (await rowsOf('Task')).filter((task) => plannedName(task) !== undefined);
    const [response] = (await rowsOf('QuestionnaireResponse')).filter((each) => plannedName(each) === '2-12');

    expect(
      Object.fromEntries(tasks.map((task) => [plannedName(task), [task['status'], responseOf(task)]])),
    ).toEqual({
      '2-6': ['ready', undefined],
      '2-12': ['completed', `QuestionnaireResponse/${String(response?.['id'])}`],
    });
  });

  it('has the next one in the Task that waits, and refuses a third.', async () => {
    const worse = { result: { 'use-of-treatment': 'unchanged' } };

    expect(await answer(coordinator, 'nnrr-2', worse)).toBeUndefined();
    expect((await rowsOf('QuestionnaireResponse')).map(plannedName).filter(Boolean).toSorted()).toEqual([
      '2-12',
      '2-6',
    ]);
    expect(await answer(coordinator, 'nnrr-2', worse)).toBe('form-started');
  });
});
