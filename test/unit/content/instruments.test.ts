import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readInstruments } from '../../../src/content/instruments.ts';

type Json = Record<string, unknown>;

const repository = join(import.meta.dirname, '../../..');

describe('The reader of instruments', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'ryggrad-instruments-'));
    await cp(join(repository, 'instruments'), join(root, 'instruments'), { recursive: true });
  });
  afterEach(() => rm(root, { recursive: true }));

  const change = async (file: string, how: (json: Json) => Json): Promise<void> => {
    const path = join(root, 'instruments', file);
    await writeFile(path, JSON.stringify(how(JSON.parse(await readFile(path, 'utf8')) as Json)));
  };
  const reasons = async (): Promise<readonly string[]> =>
    (await readInstruments([root])).problems.map(
      ({ file, element, reason }) => `${file} ${element}: ${reason}`,
    );
  const firstScore = (json: Json, how: (score: Json) => Json): Json => ({
    ...json,
    scores: (json['scores'] as Json[]).map((score, index) => (index === 0 ? how(score) : score)),
  });

  it('finds nothing wrong with those of the repository, and each table at its instrument.', async () => {
    const { instruments, problems } = await readInstruments([root]);

    expect(problems).toEqual([]);
    expect([...(instruments.get('eq-5d-5l')?.tables.keys() ?? [])]).toEqual([
      'eq5d5l-crosswalk-uk',
      'eq5d5l-vt-norway',
      'eq5d5l-vt-uk',
    ]);
    expect(instruments.get('none')).toBeUndefined();
  });

  it('has none where there is no folder.', async () => {
    const { instruments, problems } = await readInstruments([join(root, 'nothing-here')]);

    expect([instruments.all(), problems]).toEqual([[], []]);
  });

  it.each<[string, string, (json: Json) => Json, string]>([
    [
      'a part is missing',
      'nrs.json',
      ({ source: _source, ...rest }) => rest,
      'instruments/nrs.json source: source is needed.',
    ],
    [
      'the file has another name',
      'nrs.json',
      (json) => ({ ...json, id: 'pain' }),
      'instruments/nrs.json id: The file must be named pain.json.',
    ],
    [
      'a score names an item that is not there',
      'nrs.json',
      (json) => firstScore(json, (score) => ({ ...score, items: ['vas'] })),
      'instruments/nrs.json scores[0]: No item has the code "vas".',
    ],
    [
      'a sum would be too small when answers are missing',
      'mjoa.json',
      (json) => firstScore(json, (score) => ({ ...score, missing: { minAnswered: 3, basis: 'x' } })),
      'instruments/mjoa.json scores[0]: sum without fill needs all 4 answers.',
    ],
    [
      'a percentage would never be 0',
      'odi.json',
      (json) => ({ ...json, items: (json['items'] as Json[]).map((item) => ({ ...item, min: 1 })) }),
      'instruments/odi.json scores[0]: sum-percent needs items that begin with 0.',
    ],
    [
      'more answers are needed than there are',
      'odi.json',
      (json) => firstScore(json, (score) => ({ ...score, missing: { minAnswered: 11, basis: 'x' } })),
      'instruments/odi.json scores[0]: missing.minAnswered must be from 1 to 10.',
    ],
    [
      'the algorithm is unknown',
      'nrs.json',
      (json) => firstScore(json, (score) => ({ ...score, algorithm: { id: 'guess', version: '1' } })),
      'instruments/nrs.json scores[0]: There is no algorithm "guess"; known are sum-percent, sum, mean, value-set, linear, value, body-mass-index, factor-sum.',
    ],
    [
      'a value set is of another instrument',
      'eq-5d-3l.json',
      (json) =>
        firstScore(json, (score) => ({
          ...score,
          algorithm: { id: 'value-set', version: '1', table: 'eq5d5l-vt-norway' },
        })),
      'instruments/eq-5d-3l.json scores[0]: value-set needs a table of this instrument (states or additive), not "eq5d5l-vt-norway".',
    ],
    [
      'the column is not in the table',
      'rand-12.json',
      (json) =>
        firstScore(json, (score) => ({
          ...score,
          algorithm: { ...(score['algorithm'] as Json), column: 'x' },
        })),
      'instruments/rand-12.json scores[0]: The table has no column "x".',
    ],
    [
      'a recoding is too short',
      'nrs.json',
      (json) => ({
        ...json,
        items: (json['items'] as Json[]).map((item) => ({ ...item, recode: [10, 0] })),
      }),
      'instruments/nrs.json items[0]: recode needs one number for each answer.',
    ],
    [
      'a table does not say by which licence it is here',
      'tables/eq5d5l-vt-uk.json',
      (json) => ({ ...json, licence: '' }),
      'instruments/tables/eq5d5l-vt-uk.json licence: licence is needed.',
    ],
    [
      'two instruments share a code',
      'eq-vas.json',
      (json) => ({ ...json, items: [...(json['items'] as Json[]), { code: 'nrs', min: 0, max: 10 }] }),
      'instruments/nrs.json items: The code "nrs" already stands in instruments/eq-vas.json.',
    ],
  ])('refuses an instrument when %s.', async (_what, file, how, expected) => {
    await change(file, how);

    expect(await reasons()).toContain(expected);
  });

  it('says which file it cannot read.', async () => {
    await writeFile(join(root, 'instruments/nrs.json'), '{ "id": ');

    const [first] = await reasons();

    expect(first).toMatch(/^instruments\/nrs\.json : /);
  });

  it('reads a list as no instrument.', async () => {
    await writeFile(join(root, 'instruments/nrs.json'), '[]');

    expect(await reasons()).toEqual(['instruments/nrs.json : The file must hold one JSON object.']);
  });
});
