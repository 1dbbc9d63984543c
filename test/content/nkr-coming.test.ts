/** NKR degenerative back as it would be when it is taken into use: its forms and lists with the draft of its register folder. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Content } from '../../src/content/content.ts';
import { loadContent } from '../../src/content/load.ts';
import type { JsonObject } from '../../src/fhir/types.ts';
import { readSchedules } from '../../src/registry/schedule/plan.ts';
import { isOpen } from '../../src/registry/schedule/tasks.ts';
import { repositoryRoot } from '../support/source-files.ts';

const SHARED = ['fhir-profiles', 'instruments', 'valuesets/shared'];
const COMING = ['valuesets', 'questionnaires'];
const episode: JsonObject = {
  resourceType: 'EpisodeOfCare',
  id: 'forlop',
  status: 'active',
  patient: { reference: 'Patient/kari' },
};

describe('NKR degenerative back, when it is taken into use,', () => {
  let root: string;
  let content: Content;

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'nkr-'));
    const copy = (from: string, to: string): Promise<void> =>
      cp(join(repositoryRoot, from), join(root, to), { recursive: true });
    await Promise.all(SHARED.map((folder) => copy(folder, folder)));
    await Promise.all(COMING.map((folder) => copy(`${folder}/nkr-coming`, `${folder}/nkr`)));
    await copy('test/content/nkr-register', 'registers/nkr');
    await Promise.all(COMING.map((folder) => rm(join(root, folder, 'nkr/README.md'), { force: true })));
    content = await loadContent([root]);
  });

  afterAll(async () => {
    await rm(root, { recursive: true });
  });

  it('is a register that the loader has nothing against: its manifest lists every file.', () => {
    expect(content.registers.map(({ id }) => id)).toEqual(['nkr']);
    expect(content.registers[0]?.texts?.['en']).toMatchObject({ name: 'NKR' });
  });

  it('has the patient before, the surgeon, and the patient after 3 and 12 months.', () => {
    const [register] = content.registers;
    const [{ forms } = { forms: [] }] = readSchedules(register as NonNullable<typeof register>);

    expect(forms.map(({ id, answeredBy, isOptional }) => [id, answeredBy, isOptional])).toEqual([
      ['patient', 'patient', true],
      ['surgeon', 'practitioner', false],
      ['followup-3', 'patient', true],
      ['followup-12', 'patient', true],
    ]);
  });

  it('opens the follow-up when the form of the surgeon is locked.', () => {
    const [register] = content.registers;
    const [{ forms } = { forms: [] }] = readSchedules(register as NonNullable<typeof register>);
    const openWith = (responses: readonly JsonObject[]): readonly string[] =>
      forms.filter((each) => isOpen(each, { episode, patient: {}, responses })).map(({ id }) => id);
    const surgeon = {
      resourceType: 'QuestionnaireResponse',
      questionnaire: 'https://ryggrad.no/fhir/Questionnaire/nkr-rygg-surgeon|1.0.0',
    };

    expect(openWith([{ ...surgeon, status: 'in-progress' }])).toEqual(['patient', 'surgeon']);
    expect(openWith([{ ...surgeon, status: 'completed' }])).toEqual([
      'patient',
      'surgeon',
      'followup-3',
      'followup-12',
    ]);
  });
});
