/**
 * The data dump: written, read into an empty store, written again, identical. `PATHWAYS=1000` for the long form
 * (`npm run dump:round-trip`).
 */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browser } from '../../../demo/walk/browser.ts';
import { silent } from '../../../demo/walk/narrator.ts';
import { PAIN_TEAM_RESH } from '../../../demo/ehr/patients.ts';
import { syntheticPerson } from '../../../demo/ehr/synthetic-person.ts';
import { IMPORT, SYSTEM } from '../../../src/access/principal.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import type { Clock } from '../../../src/fhir/id.ts';
import type { JsonObject, Patient, QuestionnaireResponse } from '../../../src/fhir/types.ts';
import { csvLine, writeDumpFolder } from '../../../src/operations/dump/files.ts';
import { loadDump } from '../../../src/operations/dump/load-dump.ts';
import { type DumpLayout, dumpLayout, type DumpModule } from '../../../src/operations/dump/tables.ts';
import { writeDump } from '../../../src/operations/dump/write-dump.ts';
import { readRegistry } from '../../../src/registry/registry.ts';
import type { Operation } from '../../../src/repository/operation.ts';
import { asWithdrawn } from '../../../src/registry/consent/withdrawal.ts';
import { content } from '../../content/fill-form.ts';
import { clockAt } from '../../support/clock.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { fillAtRandom, randomFrom, type Given } from '../../support/random-forms.ts';

const PATHWAYS = Number(process.env['PATHWAYS'] ?? 40);
const REGISTER = 'smertereg';
const SOURCE_DAY = '2026-03-09T12:00:00+01:00';
const DATES: Given = {
  'referral-date': '2026-03-02',
  'start-date': '2026-03-03',
  'registration-date': '2026-03-04',
  'end-date': '2026-03-06',
  'consent-date': '2026-03-04',
  'birth-date': '1971-05-17',
  phone: '+47 400 00 001',
  email: 'en.pasient@eksempel.example',
};

/** What makes a pathway national, for every third. */
const CONSENTING: Given = {
  attended: 'yes',
  'norwegian-speaking': 'yes',
  'cognitively-impaired': 'no',
  consent: 'yes',
};

const registry = readRegistry(content);
const layout: DumpLayout = dumpLayout(registry, REGISTER);
const { schedule } = layout.modules[0] as DumpModule;
const caller = (principal: typeof SYSTEM) => ({ principal, requestId: 'dump', interaction: 'dump' });
const folders: string[] = [];

let source: TestApp;
let target: TestApp;
let first: ReadonlyMap<string, string>;

beforeAll(async () => {
  source = await startTestApp({}, clockAt(SOURCE_DAY));
  await fillRegister(source, PATHWAYS);
  first = await dumpOf(source);
  target = await startTestApp({}, clockAt('2027-01-15T09:00:00+01:00'));
}, 1_800_000);
afterAll(async () => {
  await source[Symbol.asyncDispose]();
  await target[Symbol.asyncDispose]();
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
});

/**
 * The rows as they are written, byte for byte, laid by the number that they begin with: pathways are read in two batches at a time,
 * so that which comes first may differ; the rows of one pathway keep their order.
 */
const byPathway = (text: string): readonly string[] => {
  const [head, ...rows] = parse(text, { delimiter: ';', bom: true, raw: true }) as unknown as readonly {
    readonly record: readonly string[];
    readonly raw: string;
  }[];
  return [
    head?.raw ?? '',
    ...rows.toSorted((a, b) => Number(a.record[0]) - Number(b.record[0])).map(({ raw }) => raw),
  ];
};

describe('A data dump', () => {
  it('is identical when it is written again from the store that it was read into.', async () => {
    const report = await load(folders[0]);

    expect(report).toMatchObject({ loaded: PATHWAYS, known: 0, refused: [] });
    expect(report.totals).toEqual({ taken: rowsOf(first), corrected: 0, unchanged: 0, refused: 0 });
    const second = await dumpOf(target);
    expect([...second.keys()]).toEqual([...first.keys()]);
    for (const [name, text] of first) {
      expect([name, byPathway(second.get(name) ?? '')]).toEqual([name, byPathway(text)]);
    }
  }, 1_800_000);

  it('leaves alone what is there already, and gives new pathways numbers of their own.', async () => {
    const again = await load(folders[0]);
    await fillRegister(target, 1, PATHWAYS + 1);

    expect(again).toMatchObject({ loaded: 0, known: PATHWAYS, refused: [] });
    const numbers = (await dumpOf(target))
      .get('mce.csv')
      ?.split('\n')
      .slice(1)
      .map((line) => line.split(';')[0]);
    expect(new Set(numbers).size).toBe(numbers?.length);
  }, 1_800_000);

  it('reads in the whole of a pathway or nothing of it, and says what was wrong.', async () => {
    const files = await withOneRow({ MCEID: '999999', REFERRAL_DATE: '2031-01-01' });

    const report = await load(files);

    expect(report).toMatchObject({
      loaded: 0,
      refused: [{ pathway: '999999', problems: ['«Henvist dato»: Datoen kan ikke være etter i dag.'] }],
    });
    expect((await dumpOf(target)).get('mce.csv')).not.toContain('999999');
  });

  const taken = { MCEID: String(20_001 + PATHWAYS), PATHWAY_START: '2019-01-01T08:00:00+01:00' };
  it.each<readonly [string, Readonly<Record<string, string>>, string, RegExp]>([
    ['a PasientID that is somebody else’s', {}, '13916900028', /PATIENT_ID \d+ is somebody else's/],
    ['a person whose number is left out', {}, 'none', /cannot be told that it is the same/],
    [
      'a person whom the dump does not have',
      { PATIENT_ID: '777777' },
      'own',
      /no person with the PATIENT_ID/,
    ],
    ['a ForløpsID that is another pathway', taken, 'own', /is another pathway here/],
    ['a number that is none', { MCEID: "1'; --" }, 'own', /MCEID must be a whole number/],
  ])(
    'never writes to another’s record: refuses %s, and changes nothing.',
    async (_what, change, ssn, why) => {
      const before = await dumpOf(target);
      const folder = await withOneRow({ MCEID: '999998', ...change }, ssn);

      const report = await load(folder);

      const refused = [{ problems: [expect.stringMatching(why) as string] }];
      expect(report).toMatchObject({ loaded: 0, known: 0, refused });
      expect(await dumpOf(target)).toEqual(before);
    },
  );

  it('has the whole of a pathway or nothing when the server is killed, and goes on where it was.', async () => {
    const folder = await withOneRow({ MCEID: '888888' });
    const { repository } = target.app;
    const transaction = repository.deps.store.transaction.bind(repository.deps.store);
    repository.deps.store.transaction = (work) =>
      transaction(async (tx) => {
        await work(tx);
        throw new Error('killed');
      });
    await expect(load(folder)).rejects.toThrow('killed');
    repository.deps.store.transaction = transaction;
    expect((await dumpOf(target)).get('mce.csv')).not.toMatch(/^888888;/m);

    const again = await load(folder);
    const thrice = await load(folder);

    expect(again).toMatchObject({ loaded: 1, known: 0, refused: [] });
    expect(thrice).toMatchObject({ loaded: 0, known: 1, refused: [] });
    expect((await dumpOf(target)).get('mce.csv')).toMatch(/^888888;.*;1;/m);
  });

  it('sends nothing to anybody.', async () => {
    const sent = await target.database.db.query<{ n: number }>({
      text: "select count(*)::int as n from message where purpose not like 'account%'",
    });

    expect(sent).toEqual([{ n: 0 }]);
  });

  it('has the old names and codes, a row for each diagnosis, and no comment or name (rule 3).', () => {
    const [head = '', row = ''] = first.get('mce.csv')?.split('\n') ?? [];
    const to = Object.fromEntries(head.split(';').map((name, at) => [name, row.split(';')[at]]));

    expect(to).toMatchObject({ REFERRAL_DATE: '2026-03-02', CENTREID: PAIN_TEAM_RESH });
    expect(to['SUPERVISION']).toMatch(/^[1-5]$/);
    expect(first.get('smertediagnoser.csv')).toMatch(/^MCEID;CENTREID;PATIENT_ID;ROW;PAINCAT;/);
    expect([...first.keys()].sort()).toEqual(
      [...layout.tables.map(({ name }) => name), 'patient', 'koblingstabell']
        .map((name) => `${name}.csv`)
        .sort(),
    );
    const text = [...first].filter(([name]) => name !== 'koblingstabell.csv').map(([, file]) => file);
    expect(text.join('\n')).not.toMatch(/Intern kommentar|\b\d{11}\b/);
  });
});

describe('The data dump in the file archive', () => {
  const fetched = async (account: string, path: string): Promise<Response> => {
    const user = browser({ url: source.url, keys: '', narrator: silent });
    const login = await user.open('/logg-inn?neste=/filarkiv');
    const password = source.hints.accounts.find(({ username }) => username === account)?.password ?? '';
    await user.submit(login, '/logg-inn', { brukernavn: account, passord: password });
    return user.request(path);
  };

  it('is for coordinators: the own department, without numbers and without contact details.', async () => {
    const own = await fetched('lc-bjorn', '/filarkiv/datadump/po.csv');
    const text = await own.text();

    expect([own.status, own.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(text.split('\n').length).toBeGreaterThan(10);
    expect(text).toMatch(/^\uFEFF?MCEID;CENTREID;PATIENT_ID;STATUS;/);
    expect(text).not.toMatch(/400 00 001|eksempel\.example|\b\d{11}\b/);
    expect((await fetched('lc-bjorn', '/filarkiv')).status).toBe(200);
    expect((await fetched('lc-bjorn', '/filarkiv/datadump/koblingstabell.csv')).status).toBe(404);
    expect((await fetched('lu-ane', '/filarkiv/datadump/po.csv')).status).toBe(403);
  });

  it('has for the national coordinator what is national, and every reading in the trail.', async () => {
    const national = await (await fetched('sc-siri', '/filarkiv/datadump/mce.csv')).text();
    const local = await (await fetched('lc-bjorn', '/filarkiv/datadump/mce.csv')).text();

    const rows = (text: string): number => text.trim().split('\n').length - 1;
    expect(rows(local)).toBeGreaterThanOrEqual(PATHWAYS);
    expect(rows(national)).toBeGreaterThan(0);
    expect(rows(national)).toBeLessThan(rows(local));
    const events = await source.database.db.query<{ n: number }>({
      text: "select count(*)::int as n from audit where kind = 'data-dump'",
    });
    expect(events[0]?.n).toBeGreaterThan(0);
  });
});

describe('A data dump without numbers', () => {
  it('says nowhere how somebody is reached.', async () => {
    const files = [...(await dumpOf(source, 'left-out')).values()].join('\n');

    expect([...first.values()].join('\n')).toContain(String(DATES['email']));
    expect(files).not.toContain(String(DATES['email']));
    expect(files).not.toContain(String(DATES['phone']));
    expect(files).toContain(String(DATES['birth-date']));
  });
});

const load = (folder: string | undefined) =>
  loadDump(target.app.repository, caller(IMPORT), layout, folder ?? '');

/** Rows of all files of a dump, as a CSV parser counts them, without their heads. */
const rowsOf = (files: ReadonlyMap<string, string>): number =>
  [...files.values()]
    .map((text) => parse(text, { delimiter: ';' }).length - 1)
    .reduce((sum, count) => sum + count, 0);

/** A folder with the dump's first locked TO of somebody with a national number, alone and changed; `ssn` takes the number's place. */
async function withOneRow(
  change: Readonly<Record<string, string>>,
  ssn: string | undefined = 'own',
): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'ryggrad-dump-'));
  folders.push(parent);
  await cp(folders[0] ?? '', parent, { recursive: true });
  const read = (name: string) =>
    parse<Record<string, string>>(first.get(`${name}.csv`) ?? '', { delimiter: ';', columns: true });
  const write = (name: string, rows: readonly Readonly<Record<string, string>>[], head: readonly string[]) =>
    writeFile(
      join(parent, `${name}.csv`),
      [head, ...rows.map((row) => head.map((column) => row[column] ?? ''))]
        .map((cells) => csvLine(cells, layout))
        .join(''),
    );
  const numbers = read('koblingstabell');
  const numbered = new Set(numbers.map(({ PATIENT_ID }) => PATIENT_ID));
  const row = read('mce').find(({ STATUS, PATIENT_ID }) => STATUS === '1' && numbered.has(PATIENT_ID));
  const person = numbers.filter(({ PATIENT_ID }) => PATIENT_ID === row?.['PATIENT_ID']);
  for (const { name } of layout.tables) {
    await rm(join(parent, `${name}.csv`), { force: true });
  }
  await write('mce', [{ ...row, ...change }], Object.keys(row ?? {}));
  await write('koblingstabell', ssn === 'own' ? person : person.map((each) => ({ ...each, SSN: ssn })), [
    'PATIENT_ID',
    'SYSTEM',
    'SSN',
  ]);
  if (ssn === 'none') {
    await rm(join(parent, 'koblingstabell.csv'));
  }
  return parent;
}

async function dumpOf(
  { app }: TestApp,
  numbers: 'left-out' | 'as-table' = 'as-table',
): Promise<ReadonlyMap<string, string>> {
  const parent = await mkdtemp(join(tmpdir(), 'ryggrad-dump-'));
  const folder = join(parent, 'dump');
  folders.push(folder);
  const rows = writeDump(app.repository, caller(SYSTEM), layout, { numbers });
  await writeDumpFolder(folder, layout, rows);
  const names = (await readdir(folder)).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
  );
}

/** Pathways of all kinds, with whichever of their forms are open filled in at random: locked, or left as drafts. */
async function fillRegister({ app }: TestApp, count: number, from = 1): Promise<void> {
  const { repository } = app;
  const units = await repository.select(caller(SYSTEM), {
    text: "r.content like '%' || $1 || '%' and r.reg is null",
    values: [`"value":"${PAIN_TEAM_RESH}"`],
  });
  const unit = units.find(({ type }) => type === 'Organization')?.id ?? '';
  for (let number = from; number < from + count; number++) {
    const random = randomFrom(number);
    const patient = personOf(number);
    const [person, episode] = await repository.commit(caller(SYSTEM), [
      { kind: 'create', type: 'Patient', resource: patient, fullUrl: 'urn:uuid:1' },
      {
        kind: 'create',
        type: 'EpisodeOfCare',
        resource: {
          resourceType: 'EpisodeOfCare',
          status: 'active',
          type: (schedule.pathwayType ?? []) as unknown as JsonObject[],
          patient: { reference: 'urn:uuid:1' },
          managingOrganization: { reference: `Organization/${unit}` },
          period: { start: '2026-03-02T08:30:00+01:00' },
        },
      },
    ]);
    await fillForms(
      app.repository.deps.clock,
      { app },
      person?.content ?? '',
      episode?.content ?? '',
      random,
      number % 3 === 0 ? { ...DATES, ...CONSENTING } : DATES,
    );
  }
}

const personOf = (number: number): JsonObject => {
  const { fnr, family, given, gender, birthDate } = syntheticPerson(50_000 + number);
  const national = { system: 'urn:oid:2.16.578.1.12.4.1.4.1', value: fnr };
  return {
    resourceType: 'Patient',
    ...(number % 10 !== 0 && { identifier: [national] }),
    name: [{ family, given: [given] }],
    gender,
    birthDate,
    ...(number % 13 === 0 && { deceasedDateTime: '2026-03-08' }),
  };
};

async function fillForms(
  clock: Clock,
  { app }: Pick<TestApp, 'app'>,
  patientText: string,
  episodeText: string,
  random: () => number,
  given: Given,
): Promise<void> {
  const patient = parseJson(patientText) as unknown as Patient;
  const episode = parseJson(episodeText) as JsonObject;
  const context = { now: clock.now(), launch: { patient, episode } };
  for (const { questionnaire, answeredBy } of schedule.forms) {
    const task = (await tasksOf(app, String(episode['id']))).find(
      ({ input }) => input?.[0]?.valueCanonical === questionnaire,
    );
    const form = registry.forms.form(questionnaire);
    if (form === undefined || task?.status !== 'ready' || random() < (answeredBy === 'patient' ? 0.4 : 0.1)) {
      continue;
    }
    const head: Omit<QuestionnaireResponse, 'item'> = {
      resourceType: 'QuestionnaireResponse',
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare',
          valueReference: { reference: `EpisodeOfCare/${String(episode['id'])}` },
        },
      ],
      questionnaire,
      status: 'completed',
      subject: { reference: `Patient/${patient.id ?? ''}` },
    };
    const filled = fillAtRandom(form, head, context, random, given);
    const status = random() < 0.15 ? 'in-progress' : 'completed';
    const create: Operation = {
      kind: 'create',
      type: 'QuestionnaireResponse',
      resource: { ...(filled as unknown as JsonObject), status },
    };
    const [saved] = await app.repository.commit(caller(SYSTEM), [create]);
    if (status === 'completed' && random() < 0.1) {
      await correct(app, parseJson(saved?.content ?? '{}') as JsonObject);
    }
  }
  await maybeWithdraw(app, String(episode['id']), random);
}

async function tasksOf(app: TestApp['app'], episode: string) {
  const rows = await app.repository.select(caller(SYSTEM), {
    text: 'r.episode = $1 and r.content like \'{"resourceType":"Task"%\'',
    values: [episode],
  });
  return rows.map(
    ({ content: text }) =>
      parseJson(text) as unknown as { status?: string; input?: { valueCanonical?: string }[] },
  );
}

async function correct(app: TestApp['app'], response: JsonObject): Promise<void> {
  const reason = {
    url: 'https://ryggrad.no/fhir/StructureDefinition/change-reason',
    valueString: 'Rettet; «feil» avdeling',
  };
  const extension = [...(response['extension'] as JsonObject[]), reason];
  const resource = { ...response, status: 'amended', extension };
  const id = String(response['id']);
  await app.repository.commit(caller(SYSTEM), [
    { kind: 'update', type: 'QuestionnaireResponse', id, resource },
  ]);
}

async function maybeWithdraw(app: TestApp['app'], episode: string, random: () => number): Promise<void> {
  const rows = await app.repository.select(caller(SYSTEM), {
    text: 'r.episode = $1 and r.content like \'{"resourceType":"Consent"%\'',
    values: [episode],
  });
  for (const { id, content: text } of rows) {
    const consent = parseJson(text) as JsonObject;
    if ((consent['provision'] as JsonObject)['type'] === 'permit' && random() < 0.2) {
      const resource = asWithdrawn(consent, '2026-03-08');
      await app.repository.commit(caller(SYSTEM), [{ kind: 'update', type: 'Consent', id, resource }]);
    }
  }
}
