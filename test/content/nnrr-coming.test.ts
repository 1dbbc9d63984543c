/** NNRR as it would be when it is taken into use: its forms and lists with the draft of its register folder. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Content } from '../../src/content/content.ts';
import { loadContent } from '../../src/content/load.ts';
import type { JsonObject } from '../../src/fhir/types.ts';
import { readSchedules } from '../../src/registry/schedule/plan.ts';
import { isOpen } from '../../src/registry/schedule/tasks.ts';
import { repositoryRoot } from '../support/source-files.ts';
import { content as inUse, kari, response } from './fill-form.ts';
import { complete, form } from './nnrr-1b-answers.ts';

const SHARED = ['fhir-profiles', 'instruments', 'valuesets/shared'];
const COMING = ['valuesets', 'questionnaires'];
const episode: JsonObject = {
  resourceType: 'EpisodeOfCare',
  id: 'forlop',
  status: 'active',
  patient: { reference: 'Patient/kari' },
};

const json = (resource: object): JsonObject => structuredClone(resource) as JsonObject;

describe('NNRR, when it is taken into use,', () => {
  let root: string;
  let content: Content;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'nnrr-'));
    const copy = (from: string, to: string): Promise<void> =>
      cp(join(repositoryRoot, from), join(root, to), { recursive: true });
    await Promise.all(SHARED.map((folder) => copy(folder, folder)));
    await Promise.all(COMING.map((folder) => copy(`${folder}/nnrr-coming`, `${folder}/nnrr`)));
    await copy('test/content/nnrr-register', 'registers/nnrr');
    await Promise.all(COMING.map((folder) => rm(join(root, folder, 'nnrr/README.md'), { force: true })));
    content = await loadContent([root]);
  });

  afterAll(async () => {
    await rm(root, { recursive: true });
  });

  it('is a register that the loader has nothing against: its manifest lists every file.', () => {
    expect(content.registers.map(({ id }) => id)).toEqual(['nnrr']);
    expect(content.registers[0]?.texts?.['en']).toMatchObject({ name: 'NNRR' });
  });

  it('has 1b for the clinic, 1a at the visit, and 2 after 6 and 12 months.', () => {
    const [register] = content.registers;
    const [{ forms } = { forms: [] }] = readSchedules(register as NonNullable<typeof register>);

    expect(forms.map(({ id, answeredBy, isOptional }) => [id, answeredBy, isOptional])).toEqual([
      ['1b', 'practitioner', false],
      ['1a', 'patient', true],
      ['2-6', 'patient', true],
      ['2-12', 'patient', true],
    ]);
  });

  it('rule 1: opens 1a when 1b has begun, and 2 when 1b is locked.', () => {
    const [register] = content.registers;
    const [{ forms } = { forms: [] }] = readSchedules(register as NonNullable<typeof register>);
    const openWith = (responses: readonly JsonObject[]): readonly string[] =>
      forms.filter((each) => isOpen(each, { episode, patient: json(kari), responses })).map(({ id }) => id);
    const draft = json(response(form, complete));

    expect(openWith([])).toEqual(['1b']);
    expect(openWith([draft])).toEqual(['1b', '1a']);
    expect(openWith([{ ...draft, status: 'completed' }])).toEqual(['1b', '1a', '2-6', '2-12']);
  });

  it('rule 4: is mandatory for staff and voluntary for patients.', () => {
    const required = (id: string): number =>
      JSON.stringify(content.questionnaires.get(`https://ryggrad.no/fhir/Questionnaire/nnrr-${id}`)).split(
        '"required":true',
      ).length - 1;

    expect(required('1b')).toBeGreaterThan(40);
    expect([required('1a'), required('2')]).toEqual([0, 0]);
  });

  it('is not in use yet: no register has its forms.', async () => {
    const listed = await Promise.all(
      inUse.registers.map(({ id }) =>
        readFile(join(repositoryRoot, 'registers', id, 'manifest.json'), 'utf8'),
      ),
    );

    expect(listed.filter((manifest) => manifest.includes('/nnrr-'))).toEqual([]);
  });
});
