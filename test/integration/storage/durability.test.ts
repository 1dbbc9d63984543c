/** RE-01: a database that could lose what it confirmed is not served from. */
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDb } from '../../../src/storage/db.ts';
import { checkDurability } from '../../../src/storage/durability.ts';
import { openStorage } from '../../../src/storage/open-storage.ts';
import { EVERYTHING } from '../../../src/storage/row-access.ts';
import { type TestDatabase, createTestDatabase } from '../../support/database.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

describe('The durability check', () => {
  it('reports the version and the checksums of a database as it should be.', async () => {
    expect(await checkDurability(database.db)).toEqual({
      version: expect.stringMatching(/^\d+\.\d+/),
      dataChecksums: true,
    });
  });

  it('refuses synchronous_commit=off, naming the setting, also when only this role or database has it (RE-01).', async () => {
    const name = database.connection.database as string;
    await database.db.query({ text: `alter database ${name} set synchronous_commit = off` });
    await using fresh = createDb(database.connection);

    await expect(checkDurability(fresh)).rejects.toMatchObject({
      code: 'not-durable',
      message: expect.stringContaining('synchronous_commit is off, must be on or remote_apply'),
    });
  });

  it('keeps storage from opening (RE-01).', async () => {
    const name = database.connection.database as string;
    await database.db.query({ text: `alter database ${name} set synchronous_commit = local` });

    const opening = openStorage({ databaseUrl: database.url, dataDir: '/nowhere' });

    await expect(opening).rejects.toMatchObject({ code: 'not-durable' });
  });
});

describe('Storage', () => {
  it('opens over a DATABASE_URL without touching the data folder.', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'ryggrad-keys-'));
    const keysFile = join(folder.path, 'identifiers.json');

    await using storage = await openStorage({ databaseUrl: database.url, dataDir: '/nowhere', keysFile });

    expect(storage).toMatchObject({ kind: 'url', migrated: [], place: expect.stringContaining('test_') });
    expect(await storage.store.as(EVERYTHING).read({ type: 'Patient', id: 'none' })).toBeUndefined();
  });

  it.each([
    ['postgres://localhost:1/x', 'unavailable', 'localhost:1/x does not answer'],
    ['not a url', 'refused', 'DATABASE_URL is not a URL'],
  ])('says what is wrong with %s.', async (databaseUrl, code, message) => {
    const opening = openStorage({ databaseUrl, dataDir: '/nowhere', patienceMs: 0 });

    await expect(opening).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('says so when there is no database of that name, and keeps the password to itself.', async () => {
    const databaseUrl = database.url.replace(/\/test_\w+/, '/absent').replace('ryggrad@', 'ryggrad:hunter2@');

    const opening = openStorage({ databaseUrl, dataDir: '/nowhere', patienceMs: 0 });

    await expect(opening).rejects.toMatchObject({
      code: 'refused',
      message: expect.not.stringContaining('hunter2'),
    });
  });
});
