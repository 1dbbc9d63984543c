/**
 * Reading an old dump in: made-up pathways with known mess, every row of the report compared with what was to become of it.
 * `PATHWAYS=…` for more than the short form; `npm run import:bench` for a hundred thousand by the command line.
 */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import pino from 'pino';
import { IMPORT, SYSTEM } from '../../../src/access/principal.ts';
import { createEngine, type Engine } from '../../../src/app/engine.ts';
import { readConfig } from '../../../src/config.ts';
import { newUuid } from '../../../src/fhir/id.ts';
import { loadDump } from '../../../src/operations/dump/load-dump.ts';
import { reportFile, type RowReport, type Totals } from '../../../src/operations/dump/report.ts';
import { type DumpLayout, dumpLayout } from '../../../src/operations/dump/tables.ts';
import { writeDump } from '../../../src/operations/dump/write-dump.ts';
import { csvLine, heads } from '../../../src/operations/dump/files.ts';
import { clockAt } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { type ExpectedRow, type Row, writeLegacyDump } from '../../support/legacy-dump.ts';
import { GIVEN } from '../../support/legacy-given.ts';
import { MESSES } from '../../support/legacy-messes.ts';

const PATHWAYS = Number(process.env['PATHWAYS'] ?? 120);
const UNIT = '9990004';
const MINUTES = 60_000;
const caller = { principal: IMPORT, requestId: 'import', interaction: 'load-dump' };

describe.each(['nnrr', 'smertereg', 'nkr'])('Reading an old dump of %s in', (register) => {
  let database: TestDatabase;
  let engine: Engine;
  let layout: DumpLayout;
  let folder: string;
  const expected: ExpectedRow[] = [];
  let totalsOf: ReadonlyMap<string, Totals> = new Map();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ryggrad-import-'));
    database = await createTestDatabase();
    engine = await createEngine({
      config: readConfig({ DATA_DIR: folder, PUBLIC_URL: 'http://127.0.0.1:1', PORT: '1' }),
      storage: { db: database.app, store: database.store },
      log: pino({ level: 'silent' }),
      clock: clockAt('2026-11-20T08:00:00.000Z'),
      newId: newUuid,
    });
    layout = dumpLayout(engine.registry, register);
    const unit = {
      resourceType: 'Organization',
      name: 'Poliklinikken',
      identifier: [{ system: 'urn:oid:2.16.578.1.12.4.1.4.102', value: UNIT }],
    };
    await engine.repository.commit({ ...caller, principal: SYSTEM }, [
      { kind: 'create', type: 'Organization', resource: unit },
    ]);
    const messes = MESSES.map((mess) => ({ ...mess, share: mess.share * 5 })); // each of them in a short dump, too
    const options = { pathways: PATHWAYS, seed: 7, unit: UNIT, messes, given: GIVEN, templates: 12 };
    await writeLegacyDump(join(folder, 'dump'), layout, options, (row) => expected.push(row));
  }, 10 * MINUTES);
  afterAll(async () => {
    await database[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function load(name: string, from = 'dump') {
    const file = join(folder, `${name}.jsonl`);
    const report = await (async () => {
      await using sink = reportFile(file);
      return await loadDump(engine.repository, caller, layout, join(folder, from), { report: sink });
    })();
    const lines = (await readFile(file, 'utf8')).trim().split('\n');
    return { report, rows: lines.map((line) => JSON.parse(line) as RowReport) };
  }

  const stored = async (): Promise<unknown> =>
    database.db.query({
      text: `select (select count(*)::int from resource) as resources, (select count(*)::int from history) as history,
        (select sum(ver)::int from resource) as versions, (select count(*)::int from import_pathway) as pathways`,
    });
  const events = async (): Promise<number> => {
    const [row] = await database.db.query<{ n: number }>({ text: 'select count(*)::int as n from audit' });
    return row?.n ?? 0;
  };
  const read = async (table: string, from = 'dump'): Promise<readonly Row[]> =>
    parse<Row>(await readFile(join(folder, from, `${table}.csv`), 'utf8'), {
      delimiter: layout.solution.delimiter,
      columns: true,
    });

  it(
    'tells of every row once, as it was to be told, and its totals are the rows of the files.',
    async () => {
      const { report, rows } = await load('first');

      const told = new Map(rows.map((row) => [`${row.table}:${row.line}`, row]));
      const otherwise = expected.filter(({ table, line, outcome, rule }) => {
        const row = told.get(`${table}:${line}`);
        return (
          row?.outcome !== outcome || (rule !== undefined && !row.findings.some((each) => each.rule === rule))
        );
      });
      expect(otherwise).toEqual([]);
      expect(rows).toHaveLength(expected.length);
      totalsOf = report.rows;
      const { taken, corrected, unchanged, refused } = report.totals;
      expect(taken + corrected + unchanged + refused).toBe(expected.length);
      expect(Math.min(taken, corrected, unchanged, refused)).toBeGreaterThan(0);
      expect(report.unread).toEqual([]);
    },
    10 * MINUTES,
  );

  it('says what was corrected and how, and of what is no code which are nearest.', async () => {
    const rows = (await readFile(join(folder, 'first.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as RowReport);

    const findings = rows.flatMap((row) => row.findings);
    const date = findings.find(({ rule }) => rule === 'date-form');
    expect([date?.old, date?.new]).toEqual([
      expect.stringMatching(layout.solution.dates === 'iso' ? /^\d\d\.\d\d\.\d{4}$/ : /^\d{4}-\d\d-\d\d$/),
      expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    ]);
    expect(findings.find(({ old, rule }) => old === '77' && rule === 'value')?.why).toMatch(
      /Nearest are \S+/,
    );
    expect(JSON.stringify(findings)).not.toMatch(/\b\d{11}\b/);
  });

  it(
    'writes nothing the second time but the event that tells of the run.',
    async () => {
      const [before, told] = [await stored(), await events()];

      const { report, rows } = await load('second');

      expect(await stored()).toEqual(before);
      expect(await events()).toBe(told + 1);
      expect(report).toMatchObject({ loaded: 0, totals: { taken: 0, corrected: 0 } });
      expect(rows).toHaveLength(expected.length);
    },
    10 * MINUTES,
  );

  it('sends nothing to anybody, and asks nobody anything.', async () => {
    const waiting = await database.db.query({
      text: `select (select count(*)::int from message) as messages, (select count(*)::int from patient_form_timer) as timers,
        (select count(*)::int from resource where content like '{"resourceType":"Communication%') as requests`,
    });

    expect(waiting).toEqual([{ messages: 0, timers: 0, requests: 0 }]);
  });

  it(
    'refuses a pathway whose rows have changed since, by the table, and leaves what is here as it is.',
    async () => {
      const good = expected.filter(({ outcome }) => outcome === 'taken');
      const main = layout.modules[0]?.pathways.name ?? '';
      const line = good.find(({ table }) => table === main)?.line ?? 0;
      await cp(join(folder, 'dump'), join(folder, 'changed'), { recursive: true });
      const rows = await read(main);
      const { pathway, form, authored } = layout.solution.columns;
      const key = (await load('keys')).rows.find((row) => row.table === main && row.line === line)?.key;
      const changed = rows.map((row) =>
        row[form === '' ? pathway : form] === key ? { ...row, [authored]: '2017-01-01' } : row,
      );
      const head = heads(layout).get(main) ?? [];
      const lines = changed.map((row) => head.map((column) => row[column] ?? ''));
      await writeFile(
        join(folder, 'changed', `${main}.csv`),
        [head, ...lines].map((cells) => csvLine(cells, layout)).join(''),
      );
      const before = await stored();

      const { report } = await load('third', 'changed');

      expect(await stored()).toEqual(before);
      const own = report.refused.find((each) => each.pathway === key);
      expect(own?.problems).toEqual([expect.stringContaining(`other rows now in ${main}`)]);
    },
    10 * MINUTES,
  );

  it('takes each version of a form that has tables of its own, and none twice for a pathway.', async () => {
    const canonicals = new Set(
      layout.tables.filter(({ name }) => totalsOf.get(name)?.taken).map(({ form }) => form.canonical),
    );
    const rows = await database.db.query<{ canonical: string; n: number }>({
      text: `select content::jsonb ->> 'questionnaire' as canonical, count(*)::int as n
        from resource where content like '{"resourceType":"QuestionnaireResponse"%' group by 1`,
    });

    expect(new Set(rows.map(({ canonical }) => canonical))).toEqual(canonicals);
    expect(canonicals.size).toBe(new Set(layout.tables.map(({ form }) => form.canonical)).size);
  });

  it(
    'tells of a row with a quote that is not closed, and reads the others.',
    async () => {
      await cp(join(folder, 'dump'), join(folder, 'quote'), { recursive: true });
      const main = layout.modules[0]?.pathways.name ?? '';
      const { delimiter } = layout.solution;
      const columns = (heads(layout).get(main) ?? []).map((_, at) => (at === 0 ? '987654321' : ''));
      const last = [...columns.slice(0, -1), '"nei'].join(delimiter);
      await writeFile(join(folder, 'quote', `${main}.csv`), `${last}\n`, { flag: 'a' });

      const { report, rows } = await load('quoted', 'quote');

      const told = rows.filter(({ key }) => key === '987654321');
      expect(told).toMatchObject([{ table: main, outcome: 'refused' }]);
      expect(told[0]?.findings).toContainEqual(
        expect.objectContaining({ rule: 'row-form', why: expect.stringContaining('not closed') as string }),
      );
      expect(rows).toHaveLength(expected.length + 1);
      expect(report.loaded).toBe(0);
    },
    10 * MINUTES,
  );

  it(
    'gives back the keys and the answers that came: the mapping holds both ways.',
    async () => {
      const written = new Map<string, string[][]>();
      const all = writeDump(engine.repository, { ...caller, principal: SYSTEM }, layout, {
        numbers: 'left-out',
      });
      for await (const { table, cells } of all) {
        written.set(table, [...(written.get(table) ?? []), [...cells]]);
      }
      const first = await load('again');
      const asTheyCame = new Set(
        expected.filter(({ outcome }) => outcome === 'taken').map(({ table, line }) => `${table}:${line}`),
      );
      const other = layout.tables.flatMap(({ columns }) =>
        columns.filter(({ items }) =>
          items.some(
            ({ source, calculation }) =>
              calculation !== undefined || JSON.stringify(source).includes('direct-identifier'),
          ),
        ),
      ); // what the forms calculate anew, and what such a dump leaves out
      const leftOut = new Set(other.map(({ name }) => name));
      for (const table of layout.tables.filter(({ group }) => group === undefined)) {
        const head = heads(layout).get(table.name) ?? [];
        const cell = (cells: readonly string[], column: string): string => cells[head.indexOf(column)] ?? '';
        const { pathway } = layout.solution.columns;
        const back = new Map((written.get(table.name) ?? []).map((cells) => [cell(cells, pathway), cells]));
        const came = await read(table.name);
        const lines = first.rows
          .filter((row) => row.table === table.name)
          .toSorted((a, b) => a.line - b.line);
        for (const [at, row] of came.entries()) {
          if (asTheyCame.has(`${table.name}:${lines[at]?.line ?? 0}`)) {
            const own = back.get(row[pathway] ?? '') ?? [];
            const differing = head.filter(
              (name) => !leftOut.has(name) && cell(own, name) !== (row[name] ?? ''),
            );
            expect([row[pathway], differing]).toEqual([row[pathway], []]);
          }
        }
      }
    },
    10 * MINUTES,
  );
});
