/** National identity numbers after a whole run: where they are not (ID-02; test 12 of the reference). */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pino from 'pino';
import { play } from '../../../demo/walk/play.ts';
import type { Bundle, Patient } from '../../../src/fhir/types.ts';
import { startWalkServer, type WalkServer } from '../walk/walk-server.ts';

const lines: string[] = [];
let server: WalkServer;
/** Numbers of everybody who is known after the run. */
let numbers: readonly string[];

beforeAll(async () => {
  server = await startWalkServer(pino({ level: 'trace' }, { write: (line) => void lines.push(line) }));
  await server.app.app.jobs.start();
  await play(server.walk, 60_003, 60_006);
  const { entry = [] } = await server.ehr.read<Bundle>('Patient?_count=100');
  numbers = entry.flatMap(({ resource }) =>
    ((resource as Patient).identifier ?? []).flatMap(({ system, value = '' }) =>
      /\.4\.1\.4\.[123]$/.test(system ?? '') ? [value] : [],
    ),
  );
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

/** A number alone, or as it is written by hand. */
const anyNumber = (): RegExp =>
  new RegExp(numbers.map((number) => `${number.slice(0, 6)}[ -]?${number.slice(6)}`).join('|'));

describe('After a whole run', () => {
  it('there are persons whose numbers are known to who may read them.', () => {
    expect(numbers.length).toBeGreaterThan(1);
    expect(numbers.every((number) => /^\d{11}$/.test(number))).toBe(true);
  });

  it('no column of any table has one (ID-01, ID-02).', async () => {
    const { db } = server.app.database;
    const tables = await db.query<{ name: string }>({
      text: `select format('%I.%I', n.nspname, c.relname) as name
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')`,
    });
    const found: string[] = [];
    for (const { name } of tables) {
      const rows = await db.query<{ row: string }>({
        text: `select left(t::text, 300) as row from ${name} t where t::text ~ $1 limit 1`,
        values: [anyNumber().source],
      });
      found.push(...rows.map(({ row }) => `${name}: ${row}`));
    }

    expect(tables.length).toBeGreaterThan(40);
    expect(found).toEqual([]);
  });

  it('no hash in the database can be guessed from one: the index knows references alone.', async () => {
    const { db } = server.app.database;

    const [row] = await db.query<{ n: number }>({
      text: `with guess as (
          select ('x' || left(md5(text), 16))::bit(64)::bigint as h
          from unnest($1::text[]) n, lateral (values (n), ('urn:oid:2.16.578.1.12.4.1.4.1|' || n)) v (text)
        )
        select (select count(*) from idx_token where h in (table guess) or hv in (table guess))::int
          + (select count(*) from identifier_key where h in (table guess))::int as n`,
      values: [numbers],
    });

    expect(row?.n).toBe(0);
  });

  it('no line of the log has one, and no name of a file (ID-02).', async () => {
    const files = await readdir(server.app.config.dataDir, { recursive: true });

    expect(lines.filter((line) => anyNumber().test(line))).toEqual([]);
    expect(files.filter((name) => anyNumber().test(name))).toEqual([]);
  });

  it('no finished export of a client that reads pseudonymised data has one.', async () => {
    const folder = join(server.app.config.dataDir, 'exports');
    const names = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = names.filter((entry) => entry.isFile());
    const texts = await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));

    expect(texts.length).toBeGreaterThan(0);
    expect(texts.filter((text) => anyNumber().test(text) || text.includes('~i'))).toEqual([]);
  });
});
