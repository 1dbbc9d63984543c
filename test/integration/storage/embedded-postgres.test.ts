/** The launcher of the embedded database, with real processes and folders. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createDb } from '../../../src/storage/db.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../../src/storage/embedded-postgres.ts';
import { canReach, postgresAccount } from '../../../src/storage/postgres-account.ts';

const isRoot = process.getuid?.() === 0;
const itAsRoot = isRoot ? it : it.skip;
const account = await postgresAccount();
const HOLD = fileURLToPath(new URL('../../support/hold-database.ts', import.meta.url));
/** Root can run the launcher as another user only where that user can read the checkout. */
const canBeOther = isRoot && (await canReach(account, 'folder', dirname(HOLD)));
const itAsOther = canBeOther ? it : it.skip;

let home: string;
let dataDir: string;
const children: ChildProcess[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'ryggrad-launch-'));
  await chmod(home, 0o711);
  dataDir = join(home, 'data');
});

afterEach(async () => {
  children.splice(0).forEach((child) => child.kill('SIGKILL'));
  await rm(home, { recursive: true, force: true, maxRetries: 5 });
});

const start = (dir = dataDir): Promise<EmbeddedPostgres> =>
  startEmbeddedPostgres({ dataDir: dir, path: process.env.PATH ?? '' });

const query = async (server: EmbeddedPostgres, text: string): Promise<readonly object[]> => {
  await using db = createDb(server.connection);
  return await db.query({ text });
};

/** The first line of a process that starts the database of the folder. */
async function hold(options: { uid?: number } = {}): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, [HOLD, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: '/',
    ...options,
  });
  children.push(child);
  const [line] = (await once(createInterface(child.stdout as Readable), 'line')) as [string];
  return { child, line };
}

/** Make a database and leave it stopped; gives its folder. */
async function stoppedDatabase(): Promise<string> {
  await using server = await start();
  await query(server, 'create table kept as select 1 as n');
  return server.folder;
}

describe('The embedded database', () => {
  it('is made at the first start and is the same at the next.', async () => {
    const folder = await stoppedDatabase();

    await using server = await start();

    expect(server.folder).toBe(folder);
    expect(await query(server, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  it('speaks UTF-8, sorts by code point, keeps checksums and listens on no port.', async () => {
    await using server = await start();

    const names = ['server_encoding', 'lc_collate', 'data_checksums', 'listen_addresses', 'fsync'];
    const list = names.map((name) => `'${name}'`).join(', ');
    const rows = await query(
      server,
      `select name, setting from pg_settings where name in (${list}) order by name`,
    );
    const [{ order }] = (await query(
      server,
      `select string_agg(x, '' order by x) as order from unnest('{å,b,A,ø}'::text[]) x`,
    )) as [{ order: string }];

    expect(rows).toEqual(
      expect.arrayContaining([
        { name: 'server_encoding', setting: 'UTF8' },
        { name: 'data_checksums', setting: 'on' },
        { name: 'listen_addresses', setting: '' },
        { name: 'fsync', setting: 'on' },
      ]),
    );
    expect(order).toBe('Abåø');
  });

  it('is refused to a second process, which names the first.', async () => {
    await using _server = await start();

    await expect(start()).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringContaining(`in use by process ${process.pid}`),
    });
    const { line, child } = await hold();
    expect(line).toContain(`refused in-use The data folder ${dataDir} is in use by process ${process.pid}`);
    if (child.exitCode === null) {
      await once(child, 'exit');
    }
    expect(child.exitCode).toBe(1);
  });

  it('takes over a lock whose owner is gone.', async () => {
    await mkdir(dataDir, { mode: 0o711 });
    await writeFile(join(dataDir, 'ryggrad.pid'), '4194303 1\n');

    await using server = await start();

    expect(await query(server, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('goes down with a killed process and keeps what it had confirmed.', async () => {
    const { child, line } = await hold();
    const socket = line.split(' ')[2]!;
    {
      await using db = createDb({ host: socket, port: 5432, user: 'ryggrad', database: 'ryggrad' });
      await db.query({ text: 'create table confirmed as select 42 as n' });
    }
    child.kill('SIGKILL');
    await once(child, 'exit');

    await using server = await start();

    expect(await query(server, 'select n from confirmed')).toEqual([{ n: 42 }]);
    expect(server.pid).not.toBe(Number(line.split(' ')[1]));
  });

  it('is started again when it is killed (RE-03).', async () => {
    await using server = await start();
    await query(server, 'create table kept as select 1 as n');
    const first = server.pid;

    process.kill(first, 'SIGKILL');

    await using db = createDb(server.connection);
    const deadline = Date.now() + 30_000;
    let rows: readonly object[] = [];
    while ((rows.length === 0 || server.pid === first) && Date.now() < deadline) {
      rows = await db.query({ text: 'select n from kept' }).catch(() => []);
    }
    expect(rows).toEqual([{ n: 1 }]);
    expect(server.pid).not.toBe(first);
  });

  it('is refused when another PostgreSQL made the folder.', async () => {
    const folder = await stoppedDatabase();
    await writeFile(join(folder, 'PG_VERSION'), '14\n');

    await expect(start()).rejects.toMatchObject({
      code: 'version',
      message: expect.stringContaining('was made by PostgreSQL 14'),
    });
  });

  it('is refused when its files are damaged, in words and with the reason.', async () => {
    const folder = await stoppedDatabase();
    await rm(join(folder, 'global/pg_control'));

    await expect(start()).rejects.toMatchObject({
      code: 'broken',
      message: expect.stringContaining('pg_control'),
    });
  });

  it('is refused where the folder holds something else.', async () => {
    await mkdir(join(dataDir, 'postgres'), { recursive: true });
    await writeFile(join(dataDir, 'postgres/thesis.doc'), '');

    await expect(start()).rejects.toMatchObject({
      code: 'broken',
      message: expect.stringContaining('PG_VERSION is missing'),
    });
  });

  it('is refused where DATA_DIR is a file or lies below one.', async () => {
    await writeFile(dataDir, '');

    await expect(start()).rejects.toMatchObject({
      code: 'broken',
      message: expect.stringContaining(dataDir),
    });
    await expect(start(join(dataDir, 'below'))).rejects.toMatchObject({ code: 'broken' });
  });

  it('can be tried again after a refusal.', async () => {
    await mkdir(join(dataDir, 'postgres'), { recursive: true });
    await writeFile(join(dataDir, 'postgres/thesis.doc'), '');
    await start().catch(() => undefined);
    await rm(join(dataDir, 'postgres'), { recursive: true });

    await using server = await start();

    expect(await query(server, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('has its socket elsewhere when the folder has a long name.', async () => {
    const deep = join(home, 'a'.repeat(60), 'b'.repeat(60));

    await using server = await start(deep);

    expect(server.folder.startsWith(deep)).toBe(true);
    expect(Buffer.byteLength(String(server.connection.host))).toBeLessThan(92);
    expect(await query(server, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  itAsOther('tells an ordinary user that the folder is not theirs.', async () => {
    await mkdir(dataDir, { mode: 0o755 });

    const { line } = await hold({ uid: account.ids!.uid });

    expect(line).toMatch(/^refused permission .*data may not be read or written by this user/);
  });

  itAsOther('tells an ordinary user whose the database is.', async () => {
    await stoppedDatabase();
    await chmod(dataDir, 0o777);

    const { line } = await hold({ uid: account.ids!.uid + 1 });

    expect(line).toMatch(/^refused permission .*belongs to user id \d+/);
  });

  itAsOther('runs for an ordinary user in a folder of theirs.', async () => {
    await mkdir(dataDir, { mode: 0o755 });
    await chown(dataDir, account.ids!.uid, account.ids!.gid);

    const { line } = await hold({ uid: account.ids!.uid });

    expect(line).toMatch(/^ready \d+/);
  });

  itAsRoot(
    'lies in the state folder when root has a data folder that the database user cannot reach.',
    async () => {
      await mkdir(dataDir, { mode: 0o700 });
      await chmod(home, 0o700);

      const folder = await stoppedDatabase();
      await using server = await start();

      expect(folder.startsWith(dataDir)).toBe(false);
      expect(await readFile(join(dataDir, 'postgres.location'), 'utf8')).toBe(`${folder}\n`);
      expect(await query(server, 'select n from kept')).toEqual([{ n: 1 }]);
      await server[Symbol.asyncDispose]();
      await rm(dirname(folder), { recursive: true });
      await expect(start()).rejects.toMatchObject({
        code: 'broken',
        message: expect.stringContaining('which is gone'),
      });
    },
  );
});
