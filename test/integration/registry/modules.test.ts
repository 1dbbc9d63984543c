/**
 * A register with two modules beside SmerteReg on one server (docs/adr/0024): persons and units are shared, forms and pathways are
 * not, and one consent is for both modules.
 */
import type { AnalyticsPrincipal, EhrPrincipal, StaffPrincipal } from '../../../src/access/principal.ts';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadContent } from '../../../src/content/load.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import type { FhirError } from '../../../src/fhir/outcome.ts';
import type { Consent, EpisodeOfCare, JsonObject, Patient, Task } from '../../../src/fhir/types.ts';
import { EPISODE_EXTENSION } from '../../../src/registry/form/pathway.ts';
import { FORLOPS_ID, PASIENT_ID } from '../../../src/registry/person/register-identifiers.ts';
import { questionnaireOf, responseOf } from '../../../src/registry/schedule/tasks.ts';
import { asWithdrawn } from '../../../src/registry/consent/withdrawal.ts';
import type { Operation } from '../../../src/repository/operation.ts';
import { readRegistry } from '../../../src/registry/registry.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { createUnitTree } from '../../../src/registry/unit/unit-tree.ts';
import type { LaunchContext } from '../../../src/smart/launch-context.ts';
import { launchModel, startPathway } from '../../../src/web/data/launch.ts';
import type { Sources } from '../../../src/web/data/sources.ts';
import { workList } from '../../../src/web/data/work-list.ts';
import type { LaunchModel } from '../../../src/web/models/launch.ts';
import { repositoryRoot } from '../../support/source-files.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { clockAt } from '../../support/clock.ts';
import { twoModules, type TwoModules } from '../../support/two-modules.ts';
import { as, post } from '../../support/repository.ts';

const clinic = 'demo-smerteklinikk';
const ward = 'demo-ortopedi';
const OWN = 'https://ryggrad.no/fhir';
const REGISTER = 'tomodul';

const ehr: EhrPrincipal = {
  kind: 'ehr',
  subject: 'client:ehr',
  name: 'Journal',
  scopes: ['system/*.cruds'],
  units: ['demo-hf', 'demo-sykehus', clinic, ward],
};
const staff = (role: 'LU' | 'LC' | 'SC', units = [clinic], register = REGISTER): StaffPrincipal => ({
  kind: 'staff',
  subject: `user:${role}`,
  name: role,
  scopes: ['user/*.cruds'],
  role,
  register,
  units: role === 'SC' ? [] : units,
});
const analytics = (register: string): AnalyticsPrincipal => ({
  kind: 'analytics',
  subject: 'client:analytics',
  name: 'Analyse',
  scopes: ['system/*.rs'],
  registers: [register],
});

const clock = clockAt('2026-11-02T08:00:00+01:00');
let folder: TwoModules;
let server: TestApp;

beforeAll(async () => {
  folder = await twoModules();
  server = await startTestApp({ CONTENT_DIR: folder.folder }, clock);
}, 120_000);
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const SERVICES: Readonly<Record<string, { system: string; code: string }>> = {
  arm: { system: `${OWN}/CodeSystem/tomodul-service`, code: 'arm-operasjon' },
  ben: { system: `${OWN}/CodeSystem/tomodul-service`, code: 'ben-operasjon' },
  tilsyn: { system: `${OWN}/CodeSystem/smertereg-service`, code: 'tilsyn-smerteteam' },
};

const referral = (service: string, subject: string, unit = clinic): Operation =>
  post({
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    code: { coding: [SERVICES[service] ?? {}] },
    subject: { reference: subject },
    performer: [{ reference: `Organization/${unit}` }],
    authoredOn: clock.now().toISOString(),
  });

let minutes = 0;

/** A person whom the hospital refers to these; a minute after the one before. */
async function person(...services: readonly (string | readonly [string, string])[]): Promise<string> {
  minutes += 1;
  clock.set(new Date(Date.parse('2026-11-02T07:00:00Z') + minutes * 60_000).toISOString());
  const [stored] = await server.app.repository.commit(as(ehr), [
    post(
      { resourceType: 'Patient', name: [{ family: `Prøve ${minutes}` }], birthDate: '1970-01-01' },
      { fullUrl: 'urn:uuid:p' },
    ),
    ...services.map((service) =>
      typeof service === 'string'
        ? referral(service, 'urn:uuid:p')
        : referral(service[0], 'urn:uuid:p', service[1]),
    ),
  ]);
  return stored?.id ?? '';
}

async function find<T>(
  principal: StaffPrincipal | AnalyticsPrincipal,
  type: string,
  patient: string,
): Promise<readonly T[]> {
  const query = new URLSearchParams({ [type === 'Patient' ? '_id' : 'patient']: patient, _count: '100' });
  const { matches } = await server.app.forms.search.search(as(principal), type, query, { lenient: false });
  return matches.map(({ content }) => parseJson(content) as unknown as T);
}

const codeOf = ({ type = [] }: EpisodeOfCare): string => type[0]?.coding?.[0]?.code ?? '';

/** The newest pathway of a module. */
async function pathway(patient: string, module: string, who = staff('LC', [clinic, ward])) {
  const found = await find<EpisodeOfCare>(who, 'EpisodeOfCare', patient);
  const own = found.filter((episode) => codeOf(episode) === module);
  const episode = own.toSorted((a, b) => (a.period?.start ?? '').localeCompare(b.period?.start ?? '')).at(-1);
  const tasks = (await find<Task>(who, 'Task', patient)).filter(
    ({ basedOn }) => basedOn?.[0]?.reference === `EpisodeOfCare/${episode?.id ?? ''}`,
  );
  return { id: episode?.id ?? '', episode, tasks };
}

const titles = (tasks: readonly Task[]): readonly string[] =>
  tasks.map(({ code }) => code?.text ?? '').toSorted();

const taskOf = (tasks: readonly Task[], form: string): Task | undefined =>
  tasks.find((task) => questionnaireOf(task as unknown as JsonObject)?.includes(`/tomodul-${form}|`));

/** Save the operation's form of a module; answers the rules that refused it. */
async function save(
  patient: string,
  module: string,
  { consent, form = module, status = 'completed' }: { consent?: string; form?: string; status?: string } = {},
): Promise<readonly (string | undefined)[]> {
  const { id, tasks } = await pathway(patient, module);
  const known = responseOf((taskOf(tasks, form) ?? {}) as unknown as JsonObject)?.split('/')[1];
  const resource: JsonObject = {
    resourceType: 'QuestionnaireResponse',
    ...(known !== undefined && { id: known }),
    extension: [{ url: EPISODE_EXTENSION, valueReference: { reference: `EpisodeOfCare/${id}` } }],
    questionnaire: `${OWN}/Questionnaire/tomodul-${form}|1.0.0`,
    status,
    subject: { reference: `Patient/${patient}` },
    item: [
      { linkId: 'note', answer: [{ valueString: 'Skrue' }] },
      ...(consent === undefined
        ? []
        : [
            {
              linkId: 'consent',
              answer: [{ valueCoding: { system: `${OWN}/CodeSystem/answer`, code: consent } }],
            },
          ]),
    ],
  };
  const type = 'QuestionnaireResponse';
  const operation: Operation =
    known === undefined ? post(resource) : { kind: 'update', type, id: known, resource };
  try {
    await server.app.repository.commit(as(staff('LC', [clinic, ward])), [operation]);
    return [];
  } catch (cause) {
    return (cause as FhirError).issues.map(({ rule }) => rule);
  }
}

/** Modules that the national store has pathways of. */
const national = async (patient: string): Promise<readonly string[]> =>
  (await find<EpisodeOfCare>(analytics(REGISTER), 'EpisodeOfCare', patient)).map(codeOf).toSorted();

async function withdraw(patient: string): Promise<void> {
  const [given] = await find<Consent>(staff('SC'), 'Consent', patient);
  const resource = asWithdrawn(given as unknown as JsonObject, clock.now().toISOString());
  await server.app.repository.commit(as(staff('SC')), [
    { kind: 'update', type: 'Consent', id: given?.id ?? '', resource },
  ]);
}

describe('Two modules of a register, beside another register,', () => {
  it('have pathways and forms of their own, of one person with one PasientID.', async () => {
    const patient = await person('tilsyn', 'arm', 'ben');

    const [arm, ben] = [await pathway(patient, 'arm'), await pathway(patient, 'ben')];
    const pain = await pathway(patient, 'tilsynsforlop', staff('LC', [clinic], 'smertereg'));
    const [stored] = await find<Patient>(staff('LC'), 'Patient', patient);

    expect(titles(arm.tasks)).toEqual(['Etter operasjonen', 'Operasjon: arm']);
    expect(titles(ben.tasks)).toEqual(['Etter operasjonen', 'Operasjon: ben']);
    expect(pain.tasks.length).toBeGreaterThan(5);
    expect(
      pain.tasks.every(({ instantiatesCanonical = '' }) => instantiatesCanonical.includes('smertereg')),
    ).toBe(true);
    expect(stored?.identifier?.filter(({ system }) => system === PASIENT_ID)).toHaveLength(1);
    const numbers = [arm, ben, pain].map(
      ({ episode }) => episode?.identifier?.find(({ system }) => system === FORLOPS_ID)?.value,
    );
    expect(new Set(numbers).size).toBe(3);
  });

  it('take no form of each other.', async () => {
    const patient = await person('arm', 'ben');

    expect(await save(patient, 'arm', { form: 'ben' })).toEqual(['form-of-pathway']);
    expect(await save(patient, 'arm')).toEqual([]);
  });

  it('are finished each by its own forms.', async () => {
    const patient = await person('arm', 'ben');

    await save(patient, 'arm');

    expect((await pathway(patient, 'arm')).episode?.status).toBe('finished');
    expect((await pathway(patient, 'ben')).episode?.status).toBe('active');
  });

  it('are deleted each by itself.', async () => {
    const patient = await person('arm', 'ben');
    const { id } = await pathway(patient, 'arm');

    await server.app.repository.commit(as(staff('LC')), [{ kind: 'delete', type: 'EpisodeOfCare', id }]);

    const left = await find<Task>(staff('LC'), 'Task', patient);
    expect(titles(left)).toEqual(['Etter operasjonen', 'Operasjon: ben']);
  });
});

describe('The pages of a register with two modules', () => {
  const nurse = staff('LU');
  const query = { filter: 'all', sort: 'start', direction: 'descending', page: 1 } as const;
  let sources: Sources;

  beforeAll(async () => {
    const registry = readRegistry(await loadContent([folder.folder]));
    const { forms, repository } = server.app;
    sources = {
      ...forms,
      repository,
      registry,
      units: createUnitTree(server.database.store.as(EVERYTHING), clock),
      newRequestId: () => 'page',
    };
  });

  const launchOf = async (patient: string): Promise<LaunchModel> => {
    const launch = { patient: { resourceType: 'Patient' }, ehr: { name: { nb: 'Journal' } }, missing: [] };
    return launchModel(sources, { ...nurse, patient }, launch as unknown as LaunchContext);
  };

  it('show the work list of one module at a time: its pathways, its columns, its counts.', async () => {
    const patient = await person('arm', 'ben', 'tilsyn');

    const [arm, ben, any] = await Promise.all([
      workList(sources, nurse, { ...query, module: 'arm' }),
      workList(sources, nurse, { ...query, module: 'ben' }),
      workList(sources, nurse, { ...query, module: 'no-such' }),
    ]);

    expect(arm.columns).toEqual([{ short: 'Arm', title: 'Operasjon: arm' }]);
    expect(ben.columns).toEqual([{ short: 'Ben', title: 'Operasjon: ben' }]);
    expect([arm.query.module, ben.query.module, any.query.module]).toEqual(['arm', 'ben', 'arm']);
    expect(arm.modules.map(({ id, short, title }) => [id, short, title])).toEqual([
      ['arm', 'Arm', 'Armkirurgi'],
      ['ben', 'Ben', 'Ben'],
    ]);
    expect(arm.modules.map(({ count }) => count)).toEqual([arm.counts.all, ben.counts.all]);
    const own = [arm, ben].map(({ rows }) => rows.filter((row) => row.patient.id === patient));
    expect(own.map((rows) => rows.map(({ forms }) => forms.map(({ short }) => short)))).toEqual([
      [['Arm', 'Etter']],
      [['Ben', 'Etter']],
    ]);
  });

  it('show the whole list, and nothing to choose, where the register is one.', async () => {
    await person('tilsyn', 'arm');

    const list = await workList(sources, staff('LU', [clinic], 'smertereg'), { ...query, module: 'arm' });

    expect([list.modules, list.query]).toEqual([[], query]);
    expect(list.rows.length).toBe(list.counts.all);
  });

  it('show a consent of the other module, also of another department.', async () => {
    const patient = await person('arm', ['ben', ward]);
    await save(patient, 'ben', { consent: 'yes' });

    const { rows } = await workList(sources, nurse, { ...query, module: 'arm' });

    expect(rows.find((row) => row.patient.id === patient)?.consent).toBe('yes');
  });

  it('open a pathway of the module that was chosen after a launch, and offer what may still be opened.', async () => {
    const patient = await person('arm');
    const before = await launchOf(patient);
    const start = (module: string | undefined) => startPathway(sources, nurse, { id: patient, module });

    expect(await start(undefined).catch((cause: unknown) => (cause as FhirError).issues[0]?.rule)).toBe(
      'module',
    );
    const [one, again] = [await start('ben'), await start('ben')];
    const after = await launchOf(patient);

    expect(before.modules.map(({ id }) => id)).toEqual(['ben']);
    expect(again).toBe(one);
    expect(taskOf((await pathway(patient, 'ben')).tasks, 'ben')?.id).toBe(one);
    expect(after.pathways.map(({ module }) => module).toSorted()).toEqual(['Armkirurgi', 'Ben']);
    expect([after.mayCreate, after.modules.map(({ id }) => id)]).toEqual([true, ['ben']]); // one for each operation
  });

  it('know the module of what was stored before there were any.', async () => {
    const patient = await person('arm', 'ben');
    const { pool } = server.database.db;
    const file = join(repositoryRoot, 'src/storage/sql/0024-pathway-modules.sql');
    const [fill = ''] = /^update pathway_list[^;]+;/m.exec(await readFile(file, 'utf8')) ?? [];
    await pool.query({ text: `update pathway_list set module = ''`, values: [] });

    await pool.query({ text: fill, values: [] });

    const { rows } = await pool.query<{ module: string }>({
      text: 'select module from pathway_list where patient = $1 order by module',
      values: [patient],
    });
    expect(rows).toEqual([{ module: 'arm' }, { module: 'ben' }]);
  });
});

describe('One consent for a register', () => {
  it('given in one module holds in the other, whichever form is locked first, also in another department.', async () => {
    const [after, before] = [await person('arm', ['ben', ward]), await person('arm', ['ben', ward])];

    await save(after, 'arm', { consent: 'yes' });
    expect(await national(after)).toEqual(['arm']);
    await save(after, 'ben');
    expect(await national(after)).toEqual(['arm', 'ben']);

    await save(before, 'ben');
    expect(await national(before)).toEqual([]);
    await save(before, 'arm', { consent: 'yes' });
    expect(await national(before)).toEqual(['arm', 'ben']);
  });

  it('given at the moment at which the other module locks its form holds there, too.', async () => {
    const patients = await Promise.all([1, 2, 3, 4].map(() => person('arm', 'ben')));

    await Promise.all(
      patients.flatMap((patient) => [save(patient, 'arm', { consent: 'yes' }), save(patient, 'ben')]),
    );

    expect(await Promise.all(patients.map(national))).toEqual(patients.map(() => ['arm', 'ben']));
  });

  it('is nobody else’s: a No keeps the pathway at the department, and so does no answer.', async () => {
    const [refusing, silent] = [await person('arm', 'ben'), await person('arm', 'ben')];

    await save(refusing, 'arm', { consent: 'no' });
    await save(refusing, 'ben');
    await save(silent, 'ben');

    expect([await national(refusing), await national(silent)]).toEqual([[], []]);
  });

  it('that is withdrawn takes the person out of all modules, and ends what waits in them.', async () => {
    const patient = await person('arm', ['ben', ward]);
    await save(patient, 'arm', { consent: 'yes' });
    await save(patient, 'ben', { status: 'in-progress' });

    await withdraw(patient);

    const [arm, ben] = [await pathway(patient, 'arm'), await pathway(patient, 'ben')];
    expect(await national(patient)).toEqual([]);
    const states = [...arm.tasks, ...ben.tasks].map(({ status = '' }) => status);
    expect(states.toSorted()).toEqual(['cancelled', 'cancelled', 'cancelled', 'completed']);
    expect(await save(patient, 'ben')).toEqual(['consent-withdrawn']);
    const consents = await find<Consent>(staff('LC', [clinic, ward]), 'Consent', patient);
    expect(consents.map(({ provision }) => provision?.type)).toEqual(['deny', 'deny']);
  });

  it('that is asked again in a later pathway holds from there, and brings nothing of the earlier ones back.', async () => {
    const patient = await person('arm', 'ben');
    await save(patient, 'arm', { consent: 'yes' });
    await save(patient, 'ben');
    clock.set('2026-11-03T08:00:00+01:00');
    await withdraw(patient);
    clock.set('2026-11-04T08:00:00+01:00');
    await server.app.repository.commit(as(ehr), [referral('ben', `Patient/${patient}`)]);

    expect(await save(patient, 'ben', { consent: 'yes' })).toEqual([]);

    const seen = await find<EpisodeOfCare>(analytics(REGISTER), 'EpisodeOfCare', patient);
    expect(seen.map(({ period }) => period?.start?.slice(0, 10))).toEqual(['2026-11-04']);
  });

  it('opens the other module’s form for the patient to be sent.', async () => {
    const patient = await person('arm', 'ben');
    const stateOf = async (module: string): Promise<string | undefined> =>
      taskOf((await pathway(patient, module)).tasks, 'etter')?.businessStatus?.coding?.[0]?.code;
    const before = [await stateOf('arm'), await stateOf('ben')];

    await save(patient, 'arm', { consent: 'yes' });

    expect(before).toEqual(['not-ready', 'not-ready']);
    expect([await stateOf('arm'), await stateOf('ben')]).toEqual(['available', 'available']);
  });

  it('of a register of another kind stays with its pathway: nothing of it is touched.', async () => {
    const patient = await person('tilsyn', 'arm');
    await save(patient, 'arm', { consent: 'yes' });

    expect(await find(analytics('smertereg'), 'EpisodeOfCare', patient)).toEqual([]);
    await withdraw(patient);

    const { tasks } = await pathway(patient, 'tilsynsforlop', staff('LC', [clinic], 'smertereg'));
    expect(tasks.some(({ status }) => status === 'cancelled')).toBe(false);
  });
});
