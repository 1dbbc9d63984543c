/** Heads of the chain outside of the database, and the keeper that writes them (AU-04, AU-06). */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newUuid } from '../../../src/fhir/id.ts';
import { type HeadKey, loadHeadKey } from '../../../src/registry/audit/head-key.ts';
import { publishHead, readPublished, unprovenRetirements } from '../../../src/registry/audit/heads.ts';
import { createTrailKeeper, type TrailKeeper } from '../../../src/registry/audit/keeper.ts';
import { type AuditLog, createAuditLog } from '../../../src/storage/audit-log.ts';
import { verifyTrail } from '../../../src/storage/audit-verify.ts';
import { clockAt } from '../../support/clock.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { sealAll } from '../../support/sealing.ts';

const NOW = new Date('2026-11-21T12:00:00.000Z');

let database: TestDatabase;
let folder: string;
let key: HeadKey;
let audit: AuditLog;

beforeEach(async () => {
  database = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'ryggrad-heads-'));
  key = await loadHeadKey(database.db);
  audit = createAuditLog(database.db);
});

afterEach(async () => {
  await database[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const append = (id: string): Promise<void> =>
  audit.append([
    {
      id,
      recorded: NOW.toISOString(),
      action: 'R',
      kind: 'read',
      outcome: 200,
      agent: 'user:lu-ane',
      role: 'LU',
      unit: 'unit-a',
      patients: [],
      entityType: null,
      entityId: null,
      requestId: id,
      content: '{}',
    },
  ]);

const keeper = (months = 60): TrailKeeper =>
  createTrailKeeper({
    db: database.db,
    audit,
    clock: clockAt(NOW.toISOString()),
    newId: newUuid,
    fhirBase: 'https://register.example.no/fhir',
    folder,
    key,
    months,
    onFailure: (error) => {
      throw error as Error;
    },
  });

describe('A published head', () => {
  it('is signed, read back, and written once.', async () => {
    await append('e1');
    await sealAll(database.db);
    await publishHead(database.db, { folder, key, now: NOW });
    await publishHead(database.db, { folder, key, now: new Date('2026-11-21T13:00:00Z') });

    const { heads, findings } = await readPublished(folder, key);

    expect(await readdir(folder)).toEqual(['head-00000000000001.jws']);
    expect(heads).toEqual([{ n: '1', hash: expect.any(String), publishedAt: NOW.toISOString() }]);
    expect(findings).toEqual([]);
    expect(await verifyTrail(database.db, heads)).toMatchObject({ findings: [], heads: 1 });
  });

  it('is signed by the same key after a restart, and by no other.', async () => {
    await append('e1');
    await sealAll(database.db);
    await publishHead(database.db, { folder, key, now: NOW });
    const again = await loadHeadKey(database.db);
    await using other = await createTestDatabase();
    const foreign = await loadHeadKey(other.db);

    expect((await readPublished(folder, again)).heads).toHaveLength(1);
    expect((await readPublished(folder, foreign)).findings).toEqual([
      expect.objectContaining({ kind: 'unsigned' }),
    ]);
  });

  it('that somebody has written over is told.', async () => {
    await append('e1');
    await sealAll(database.db);
    await publishHead(database.db, { folder, key, now: NOW });
    const path = join(folder, 'head-00000000000001.jws');
    const [head, payload, signature] = (await readFile(path, 'utf8')).split('.');
    const claims = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, hash: 'f'.repeat(64) })).toString('base64url');
    await writeFile(path, [head, forged, signature].join('.'));

    const { heads, findings } = await readPublished(folder, key);

    expect(heads).toEqual([]);
    expect(findings.map(({ kind }) => kind)).toEqual(['unsigned']);
  });
});

describe('The keeper of the trail', () => {
  it('seals what is settled and publishes the head when the server stops.', async () => {
    await append('e1');
    await append('e2');
    await sealAll(database.db);
    const sut = keeper();
    sut.start();
    await sut.stop();

    const { heads } = await readPublished(folder, key);

    expect(heads.map(({ n }) => n)).toEqual(['2']);
  });

  it('takes away months when their time has run out, and says so in the trail and beside it.', async () => {
    await database.db.query({
      text: `insert into audit (id, stored, recorded, action, kind, outcome, agent, patients, request_id, content)
        values ('old', '2021-10-31T12:00:00Z', '2021-10-31T12:00:00Z', 'R', 'read', 200, 'user:lu-ane', '{}', 'r', '{}')`,
    });
    await append('new');
    await sealAll(database.db);
    await keeper().tidy();
    await sealAll(database.db);

    const events = await audit.search({ count: 10 });

    expect(events.map(({ id, kind }) => (kind === 'read' ? id : kind))).toEqual(
      expect.arrayContaining(['new', 'trail-retired']),
    );
    expect(events).toHaveLength(2);
    expect(await readdir(folder)).toEqual(['retired-2021-11-01.jws']);
    expect(await unprovenRetirements(database.db, folder, key)).toEqual([]);
    expect((await verifyTrail(database.db)).findings).toEqual([]);
  });

  it('keeps everything when it is told to, and takes nothing younger than two years whatever it is told.', async () => {
    await append('new');
    await sealAll(database.db);
    const all = keeper(0).tidy();
    await expect(all).resolves.toBeUndefined();
    await database.db.query({
      text: `insert into audit (id, stored, recorded, action, kind, outcome, agent, patients, request_id, content)
        values ('young', '2025-10-31T12:00:00Z', '2025-10-31T12:00:00Z', 'R', 'read', 200, 'user:lu-ane', '{}', 'r', '{}')`,
    });
    await sealAll(database.db);

    await expect(keeper(3).tidy()).rejects.toThrow('two years');
    expect(await audit.search({ count: 10 })).toHaveLength(2);
  });

  it('leaves months that vanished in another way to be found.', async () => {
    await append('e1');
    await sealAll(database.db);
    await database.db.query({
      text: `insert into audit_retired (before, n, hash, events, at, proof)
        select now() + interval '1 day', n, hash, 1, now(), 'none' from audit_seal`,
    });
    await database.db.query({ text: 'delete from audit' });
    await database.db.query({ text: 'delete from audit_seal' });

    const found = await unprovenRetirements(database.db, folder, key);

    expect((await verifyTrail(database.db)).findings).toEqual([]);
    expect(found.map(({ kind }) => kind)).toEqual(['unproven']);
  });
});
