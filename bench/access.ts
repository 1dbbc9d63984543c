/**
 * What row-level security costs a read: the same look-ups over the lane and the same searches' pages over the pool, as the
 * owner without settings and as the server's role with them, in one run. CPU of this process and of the database's
 * processes, per statement. `node bench/access.ts`
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { accessOf, rowFilter } from '../src/access/filter.ts';
import type { Principal } from '../src/access/principal.ts';
import { typeCode } from '../src/fhir/resource-types.ts';
import { readSql, shifted } from '../src/repository/rows.ts';
import { openStorage } from '../src/storage/open-storage.ts';
import type { Sql } from '../src/storage/store.ts';

const PATIENTS = 2000;
const UNITS = 40;
const READS = 4000;
const PAGES = 400;
const TOGETHER = 16;
const TICK_MS = 10;

const folder = await mkdtemp(join(tmpdir(), 'ryggrad-bench-'));
await using storage = await openStorage({
  dataDir: folder,
  statementTimeoutMs: 0,
  keysFile: join(folder, 'keys', 'identifiers.json'),
});
const { db, owner } = storage;
const [{ pid }] = (await owner.query({ text: 'select pg_backend_pid() as pid' })) as [{ pid: number }];
const postmaster = parentOf(String(pid));
await fill();

const ehr: Principal = { kind: 'ehr', subject: 'client:bench', name: '', scopes: [], units: ['u1'] };
const staff: Principal = {
  kind: 'staff',
  subject: 'user:bench',
  name: '',
  scopes: [],
  role: 'LU',
  register: 'r1',
  units: ['u1'],
};
const own = (n: number): string => `p${(n % (PATIENTS / UNITS)) * UNITS + 1}`;

for (const [name, principal] of [['EHR', ehr] as const, ['LU', staff] as const]) {
  const filter = rowFilter(principal);
  const read = (n: number): Sql => readSql({ type: 'Observation', id: `${own(n)}-5` }, filter);
  const page = (n: number): Sql => {
    const seen = shifted(filter, 2);
    return {
      text: `select r.* from resource r where r.type = $1 and r.patient = $2 and r.content is not null and ${seen.text}
        order by r.d_lo desc, r.rid desc limit 51`,
      values: [typeCode('Observation'), own(n), ...seen.values],
    };
  };
  const guarded = db.as(accessOf(principal));
  for (const round of [1, 2]) {
    await measure(`${name} read ${round}, without`, READS, (n) => owner.lane.query(read(n)));
    await measure(`${name} read ${round}, with`, READS, (n) => guarded.lane.query(read(n)));
    await measure(`${name} page ${round}, without`, PAGES, (n) => owner.query(page(n)));
    await measure(`${name} page ${round}, with`, PAGES, (n) => guarded.query(page(n)));
  }
}
await rm(folder, { recursive: true, force: true }).catch(() => undefined);

async function measure(
  name: string,
  count: number,
  ask: (n: number) => Promise<readonly unknown[]>,
): Promise<void> {
  for (let n = 0; n < 50; n++) {
    await ask(n);
  }
  const before = { database: databaseMs(), own: process.cpuUsage() };
  for (let n = 0; n < count; n += TOGETHER) {
    const answers = await Promise.all(Array.from({ length: TOGETHER }, (_, i) => ask(n + i)));
    if (answers.some((rows) => rows.length === 0)) {
      throw new Error(`${name}: an own row is missing`);
    }
  }
  const { user, system } = process.cpuUsage(before.own);
  const database = ((databaseMs() - before.database) * 1000) / count;
  const server = (user + system) / count;
  console.log(
    `${name.padEnd(22)} database ${database.toFixed(0).padStart(5)} µs   server ${server.toFixed(0).padStart(5)} µs`,
  );
}

/** CPU of the database processes that serve us: children of the postmaster. */
function databaseMs(): number {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
        const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
        return fields[1] === postmaster ? (Number(fields[11]) + Number(fields[12])) * TICK_MS : 0;
      } catch {
        return 0; // it has ended
      }
    })
    .reduce((sum, ms) => sum + ms, 0);
}

function parentOf(pid: string): string {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[1] as string;
}

async function fill(): Promise<void> {
  await owner.query({
    text: `insert into resource (cmp, type, rid, lu, ver, d_lo, op, reg, unit, natl, id, patient, content)
      select hashtext('p' || p), case k when 0 then 103 when 1 then 48 else 96 end, p * 10 + k, now(), 1,
        now() - p * interval '1 hour', 'C', case when k in (1, 2, 3) then 'r1' end, 'u' || (p % ${UNITS}), false,
        'p' || p || case k when 0 then '' else '-' || k end, 'p' || p, repeat('x', 800)
      from generate_series(1, ${PATIENTS}) p, generate_series(0, 9) k`,
  });
  await owner.query({ text: 'analyze resource' });
}
