/**
 * The store as a target of the kill test.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Db, createDb } from '../../src/storage/db.ts';
import { startEmbeddedPostgres } from '../../src/storage/embedded-postgres.ts';
import type { Target, Verdict } from './harness.ts';

const WRITER = fileURLToPath(new URL('storage-writer.ts', import.meta.url));

/** `faults`: what the writer does wrong on purpose, see storage-writer.ts. */
export function storageTarget(dataDir: string, path: string, faults: readonly string[] = []): Target {
  return {
    async start(acksFile) {
      const child = spawn(process.execPath, [WRITER, dataDir, acksFile, ...faults], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { PATH: path },
      });
      const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
      return { nodePid: child.pid ?? 0, databasePid: Number(line.split(' ')[1]), ended: once(child, 'exit') };
    },
    async verify(acknowledged) {
      await using server = await startEmbeddedPostgres({ dataDir, path });
      await using db = createDb(server.connection, { statementTimeoutMs: 60_000 });
      return await compare(db, acknowledged);
    },
  };
}

async function compare(db: Db, acknowledged: readonly string[]): Promise<Verdict> {
  const rows = await db.query<{ id: string; ver: number }>({
    text: 'select id, ver from resource where type = 103',
  });
  const stored = new Map(rows.map(({ id, ver }) => [id, ver]));
  const lost = acknowledged.filter((line) => {
    const [id = '', version] = line.split(' ');
    return (stored.get(id) ?? 0) < Number(version);
  });
  return { lost, broken: await findBroken(db) };
}

/** Each finds rows that only a half-stored transaction would leave. */
const MUST_BE_EMPTY: Readonly<Record<string, string>> = {
  'patients without their observation':
    'select id from resource p where type = 103 and not exists (select from resource o where o.type = 96 and o.id = p.id)',
  'observations without their patient':
    'select id from resource o where type = 96 and not exists (select from resource p where p.type = 103 and p.id = o.id)',
  'patients without their job': `select id from resource p where type = 103
    and not exists (select from graphile_worker._private_jobs j where j.payload ->> 'id' = p.id)`,
  'versions missing from history':
    'select id from resource r where ver > 1 and not exists (select from history h where h.type = r.type and h.id = r.id and h.ver = r.ver - 1)',
  'resources without exactly one index row':
    'select id from resource r where (select count(*) from idx_token t where t.rid = r.rid) <> 1',
  'index rows without a resource':
    'select rid from idx_token t where not exists (select from resource r where r.rid = t.rid)',
  'patients without their unique key':
    'select id from resource r where type = 103 and not exists (select from identifier_key k where k.rid = r.rid)',
  'ids without a resource':
    'select id from resource_id i where not exists (select from resource r where r.type = i.type and r.id = i.id and r.cmp = i.cmp)',
};

async function findBroken(db: Db): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [what, text] of Object.entries(MUST_BE_EMPTY)) {
    const rows = await db.query({ text });
    if (rows.length > 0) {
      found.push(`${rows.length} ${what}`);
    }
  }
  return found;
}
