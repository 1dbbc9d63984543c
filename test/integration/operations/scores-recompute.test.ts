/** Scores of a register again: shown first, then written, with history and origin (ADR 0023). */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { Registered } from '../../../demo/walk/push.ts';
import { SYSTEM } from '../../../src/access/principal.ts';
import { recomputeCommand } from '../../../src/cli-scores.ts';
import type { Content } from '../../../src/content/content.ts';
import type { Observation, Provenance, Questionnaire } from '../../../src/fhir/types.ts';
import { recomputeScores, type RecomputeOptions } from '../../../src/operations/scores/recompute.ts';
import { readRegistry } from '../../../src/registry/registry.ts';
import { INSTRUMENT } from '../../../src/registry/scoring/bind.ts';
import { withMissingRules } from '../../../src/registry/scoring/score.ts';
import type { Repository } from '../../../src/repository/repository.ts';
import type { Answers } from '../../content/case.ts';
import { content } from '../../content/fill-form.ts';
import { days, startWalkServer, to, type WalkServer } from '../walk/walk-server.ts';

const SCORE = 'https://ryggrad.no/fhir/CodeSystem/instrument-score';
const REGISTER = 'smertereg';
const caller = { principal: SYSTEM, requestId: 'test', interaction: 'scores-recompute' };

/** HADS: 1 to all odd questions but the first `unknown`, 2 to all even ones. */
const hads = (unknown: number): Answers => ({
  'filling-in': { 'registration-date': days.today },
  hads: Object.fromEntries(
    Array.from({ length: 14 }, (_, index) => {
      const answer = index % 2 === 1 ? '2' : '1';
      return [`hads-${index + 1}`, index % 2 === 0 && index / 2 < unknown ? 'unknown' : answer];
    }),
  ),
});

/** HADS as if its owner had decided that all seven answers are needed for anxiety, in a new version. */
function stricter(): Content {
  const defined = content.instruments.get('hads')!;
  const rule = { minAnswered: 7, fill: 'person-mean', basis: 'All seven' } as const;
  const changed = { ...withMissingRules(defined, { 'hads-anxiety': rule }), version: '2.0.0' };
  return {
    ...content,
    instruments: {
      ...content.instruments,
      get: (id) => (id === 'hads' ? changed : content.instruments.get(id)),
    },
  };
}

/** The forms as if they asked no instrument any more. */
const unasked = (): Content => ({
  ...content,
  questionnaires: {
    ...content.questionnaires,
    all: () => content.questionnaires.all().map(withoutInstrument),
  },
});

const withoutInstrument = (questionnaire: Questionnaire): Questionnaire =>
  JSON.parse(
    JSON.stringify({
      ...questionnaire,
      extension: questionnaire.extension?.filter(({ url }) => url !== INSTRUMENT),
    }).replaceAll('/CodeSystem/instrument-item', '/CodeSystem/none'),
  ) as Questionnaire;

let server: WalkServer;

beforeAll(async () => {
  server = await startWalkServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** A person who has answered HADS. */
async function answered(unknown: number): Promise<Registered> {
  const person = await server.person();
  await server.save(person, 'to', to.consenting, { status: 'completed' });
  const { status } = await server.save(person, 'hads', hads(unknown), { status: 'completed' });
  expect(status).toBe(201);
  return person;
}

const run = (
  mode: RecomputeOptions['mode'],
  by: Content = content,
  options: Partial<RecomputeOptions> & { readonly through?: Repository } = {},
) => {
  const { through = server.app.app.repository, ...more } = options;
  return recomputeScores(through, caller, readRegistry(by), { register: REGISTER, mode, ...more });
};

const scores = (person: Registered, client = server.coordinator): Promise<readonly Observation[]> =>
  client.search<Observation>(`Observation?patient=${person.patient}&code=${SCORE}|&_sort=code`);
const told = async (person: Registered, client = server.coordinator) =>
  (await scores(person, client)).map(({ meta, valueQuantity, dataAbsentReason, method }) => [
    meta?.versionId,
    valueQuantity?.value ?? dataAbsentReason?.coding?.at(-1)?.code,
    method?.text,
  ]);

const AS_BEFORE = [
  ['1', 7, 'hads 1.0.0, sum-1'],
  ['1', 14, 'hads 1.0.0, sum-1'],
];

describe('Scores of a register again', () => {
  it('change nothing when answers and definitions are the same.', async () => {
    const person = await answered(1);

    const report = await run('apply');

    expect(report).toMatchObject({ written: 0, met: 0, unknown: 0 });
    expect(report.scores.map(({ score, counts: { same, ...others } }) => [score, same > 0, others])).toEqual([
      ['hads-anxiety', true, { method: 0, value: 0, new: 0, gone: 0 }],
      ['hads-depression', true, { method: 0, value: 0, new: 0, gone: 0 }],
    ]);
    expect(await told(person)).toEqual(AS_BEFORE);
  });

  it('are shown with old and new before anything is written.', async () => {
    const person = await answered(1);
    const [anxiety] = await scores(person);

    const report = await run('show', stricter(), { examples: 100 });

    const [first, second] = report.scores;
    expect([first?.score, first?.counts.value, second?.counts.method]).toEqual([
      'hads-anxiety',
      report.forms,
      report.forms,
    ]);
    const example = first?.examples.find(({ after }) => after?.id === anxiety?.id);
    expect([
      example?.before?.valueQuantity?.value,
      example?.after?.dataAbsentReason?.coding?.[1]?.code,
    ]).toEqual([7, 'too-few-answers']);
    expect([report.written, await told(person)]).toEqual([0, AS_BEFORE]);
  });

  it('are written as new versions in the same store, with their origin, and once.', async () => {
    const person = await answered(2);
    const [before] = await scores(person);

    const first = await run('apply', stricter());
    const second = await run('apply', stricter());

    expect([first.written, second.written]).toEqual([first.forms, 0]);
    const now = [
      ['2', 'too-few-answers', 'hads 2.0.0, sum-1'],
      ['2', 14, 'hads 2.0.0, sum-1'],
    ];
    expect(await told(person)).toEqual(now);
    expect(await told(person, server.analytics)).toEqual(now);
    const [after] = await scores(person);
    expect(after?.id).toBe(before?.id);
    const old = await server.coordinator.read<Observation>(`Observation/${before?.id ?? ''}/_history/1`);
    expect(old.valueQuantity?.value).toBe(7);
    const [origin] = await server.coordinator.search<Provenance>(
      `Provenance?target=Observation/${before?.id ?? ''}`,
    );
    expect(origin?.entity?.[0]?.what?.reference).toMatch(/^QuestionnaireResponse\/.+\/_history\/1$/);
    expect(origin?.reason?.[0]?.text).toContain(
      'hads-anxiety 7 (hads 1.0.0, sum-1) → absent: too-few-answers (hads 2.0.0, sum-1)',
    );
    await run('apply');
  });

  it('are made where a form was locked before it asked the instrument, and taken away when it asks it no more.', async () => {
    const person = await answered(0);

    const without = await run('apply', unasked());

    expect(without.scores.map(({ counts }) => counts.gone)).toEqual([without.forms, without.forms]);
    expect(await scores(person)).toEqual([]);

    const again = await run('apply');

    expect(again.scores.map(({ counts }) => counts.new)).toEqual([again.forms, again.forms]);
    const values = (await told(person, server.analytics)).map(([, value]) => value);
    expect(values).toEqual([7, 14]);
  });

  it('are of one instrument when it is named.', async () => {
    const report = await run('apply', stricter(), { instrument: 'odi' });

    expect([report.scores, report.written, report.forms]).toEqual([[], 0, 0]);
    expect(report.read).toBeGreaterThan(0);
  });

  it('are read page by page, and go on where an earlier run had come.', async () => {
    const rows: string[] = [];
    const all = await run('show', content, { page: 2, report: ({ row }) => rows.push(row) });

    const rest = await run('show', content, { page: 2, after: rows[0]! });

    expect(rows.length).toBe(Math.ceil(all.read / 2));
    expect(rest.read).toBe(all.read - 2);
  });

  it('do not overwrite a form that is corrected meanwhile; another run finds it right.', async () => {
    const person = await answered(1);
    const { repository } = server.app.app;
    let isCorrected = false;
    const through = Object.assign(Object.create(repository) as Repository, {
      async select(...args: Parameters<Repository['select']>) {
        const rows = await repository.select(...args);
        if (!isCorrected && args[1].text.includes('= any($1)')) {
          isCorrected = true;
          await server.save(person, 'hads', hads(3), { status: 'amended', reason: 'Feil i plottingen.' });
        }
        return rows;
      },
    });

    const met = await run('apply', stricter(), { through });

    expect([met.met, met.written]).toEqual([1, met.forms - 1]);
    expect((await told(person)).map(([, value]) => value)).toEqual([7, 14]);

    const after = await run('apply');

    expect(after.met).toBe(0);
    expect(await scores(person)).toHaveLength(2);
  });

  it('are not those of another register.', async () => {
    expect(await run('show', content, { register: 'none' })).toMatchObject({ read: 0, scores: [] });
  });
});

describe('The command for scores', () => {
  let lines: string[];
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ryggrad-keys-'));
    const keys = (await server.app.database.keys.load()).map(({ version, secret }) => ({
      version,
      created: new Date().toISOString(),
      key: Buffer.from(secret).toString('base64url'),
    }));
    await writeFile(join(folder, 'keys.json'), JSON.stringify({ keys }), { mode: 0o400 });
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    process.env['IDENTIFIER_KEYS_FILE'] = join(folder, 'keys.json');
    process.env['DATABASE_URL'] = server.app.database.url;
    lines = [];
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
      lines.push(String(text).trimEnd());
      return true;
    });
  });
  afterEach(() => {
    delete process.env['DATABASE_URL'];
    delete process.env['IDENTIFIER_KEYS_FILE'];
    jest.restoreAllMocks();
  });

  it('says what would change, and writes only with --apply.', async () => {
    const person = await answered(1);
    await run('apply', unasked());

    expect(await recomputeCommand([REGISTER, '--instrument', 'hads'])).toBe(0);

    expect(lines.some((line) => /^hads hads-anxiety: same 0, .* new \d+, gone 0$/.test(line))).toBe(true);
    expect(lines.some((line) => /none → 7 \(hads 1\.0\.0, sum-1\)/.test(line))).toBe(true);
    expect(lines.at(-1)).toBe('Nothing was written. --apply writes it.');
    expect(await scores(person)).toEqual([]);

    expect(await recomputeCommand([REGISTER, '--apply'])).toBe(0);

    expect(lines.at(-1)).toMatch(/^Scores of \d+ forms were written/);
    expect((await told(person)).map(([, value]) => value)).toEqual([7, 14]);
  });

  it('names what may be named.', async () => {
    await expect(recomputeCommand(['none'])).rejects.toThrow(/There is no register "none": .*smertereg/);
    await expect(recomputeCommand([REGISTER, '--instrument', 'none'])).rejects.toThrow(
      /There is no instrument/,
    );
    await expect(recomputeCommand([])).rejects.toThrow(/Usage/);
  });
});
