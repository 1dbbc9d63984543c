/** A register made of a code book, on a server: a referral opens its pathway, and its forms are filled in and locked. */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { type StaffPrincipal, SYSTEM } from '../../../src/access/principal.ts';
import { caseInput } from '../../../src/content/scaffold/case.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import { typeCode } from '../../../src/fhir/resource-types.ts';
import type { JsonObject, QuestionnaireResponse } from '../../../src/fhir/types.ts';
import { bookFiles, readBook } from '../../../src/operations/dictionary/import-book.ts';
import { openForm } from '../../../src/registry/form/open-form.ts';
import { saveForm } from '../../../src/registry/form/save-form.ts';
import { toItems } from '../../content/compact-answers.ts';
import { content } from '../../content/fill-form.ts';
import { register } from '../../content/dictionary/books.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { type ContentFolder, contentFolder } from '../../support/content-folder.ts';
import { repositoryRoot } from '../../support/source-files.ts';

const KLOKEBOK = join(import.meta.dirname, '../../content/dictionary/klokebok.csv');
const coordinator: StaffPrincipal = {
  kind: 'staff',
  subject: 'user:lc',
  name: 'Koordinator',
  scopes: ['user/*.cruds'],
  role: 'LC',
  register: 'fot',
  units: ['demo-smerteklinikk'],
};
const staff = { principal: coordinator, requestId: 'import', interaction: 'test' };
const system = { principal: SYSTEM, requestId: 'import', interaction: 'test' };

let folder: ContentFolder;
let server: TestApp;

beforeAll(async () => {
  const book = await readBook('openqreg', [{ file: KLOKEBOK, form: '' }]);
  folder = await contentFolder(bookFiles(register, book, content, 'openqreg').files);
  for (const name of ['questionnaires', 'valuesets', 'registers']) {
    await cp(join(repositoryRoot, name, 'smertereg'), join(folder.root, name, 'smertereg'), {
      recursive: true,
    });
  }
  server = await startTestApp({ CONTENT_DIR: folder.root });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function stored(type: 'Task' | 'QuestionnaireResponse'): Promise<readonly JsonObject[]> {
  const rows = await server.app.repository.select(system, {
    text: `r.type = $1 and r.reg = 'fot'`,
    values: [typeCode(type) ?? 0],
  });
  return rows.map(({ content: text }) => parseJson(text) as JsonObject);
}

describe('A register that was made of a code book', () => {
  it('is at work: its forms wait in a pathway, refuse what the book refuses, and are locked.', async () => {
    const ehr = await server.client('ehr');
    expect((await ehr.post('fhir', caseInput('fot'))).status).toBe(200);
    const tasks = await stored('Task');
    expect(tasks.map(({ code, status }) => [(code as { text: string }).text, status])).toEqual([
      ['Innkomst 1.1', 'ready'],
      ['Utskriving', 'ready'],
    ]);

    const id = String(tasks[0]?.['id']);
    const { form } = await openForm(server.app.forms, staff, id);
    const save = (answers: Parameters<typeof toItems>[1]): Promise<unknown> =>
      saveForm(server.app.forms, staff, {
        taskId: id,
        response: {
          resourceType: 'QuestionnaireResponse',
          status: 'completed',
          item: toItems(form.items, answers) as NonNullable<QuestionnaireResponse['item']>,
        },
        status: 'completed',
        ifMatch: undefined,
      });

    const whole = {
      'registered-date': '2026-03-02',
      walks: 'no',
      weight: 71.5,
      swelling: true,
      side: 'hoyre',
    };
    await expect(save({ inn: { ...whole, weight: 301 } })).rejects.toThrow(/300/);
    await expect(save({ inn: { ...whole, note: 'Et tegn som boken ikke har: ☃' } })).rejects.toThrow(
      /skriv bare tegnene abcæøå/,
    );
    await save({ inn: { ...whole, steps: 4000, note: 'abc 09' } });

    const [response] = await stored('QuestionnaireResponse');
    expect(response).toMatchObject({
      status: 'completed',
      questionnaire: 'https://ryggrad.no/fhir/Questionnaire/fot-innkomst-1-1|1.0.0',
    });
    expect((await stored('Task')).find((task) => task['id'] === id)?.['status']).toBe('completed');
  });
});
