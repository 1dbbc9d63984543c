/** The table of direct identifiers: what is found, what is made, what is noticed. */
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { markOf } from '../../../src/fhir/direct-identifiers.ts';
import { createDirectIdentifiers } from '../../../src/storage/direct-identifiers.ts';
import { openKeyRing } from '../../../src/storage/key-ring.ts';
import { keyFile } from '../../../src/storage/key-source.ts';
import { memoryKeys } from '../../support/memory-keys.ts';
import { rotateKeys } from '../../../src/storage/rotate-keys.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

/** Another server on the same database, which has met nothing yet. */
const fresh = () => createDirectIdentifiers(database.app, database.keys);

const keep = (values: readonly string[], identifiers = database.identifiers) =>
  database.app.tx((tx) => identifiers.keep(tx, values));

const rows = (order = 'ref') =>
  database.db.query<{ ref: string; lookup: Buffer; cipher: Buffer; version: number }>({
    text: `select ref, lookup, cipher, key_version as version from direct_identifier order by ${order}`,
  });

describe('A direct identifier in the database (ID-01)', () => {
  it('is found by its value and given back by its reference, and is in no column.', async () => {
    const refs = await keep(['n|15838510156', 's|urn:x|A 1', 'f|JVBERi0xLjQK', 'f|not base64!']);

    expect(await fresh().find(['n|15838510156', 'n|15838510172'])).toEqual(
      new Map([['n|15838510156', refs.get('n|15838510156')]]),
    );
    const texts = [...refs.values()].map((ref) => `"${markOf(ref)}"`);
    expect(await fresh().reveal(texts)).toEqual([
      '"15838510156"',
      '"A 1"',
      '"JVBERi0xLjQK"',
      '"not base64!"',
    ]);
    expect(JSON.stringify(await rows())).not.toMatch(/15838510156|JVBER/);
  });

  it('is one row, whoever comes first.', async () => {
    const values = Array.from({ length: 20 }, (_, n) => `n|${10_000_000_000 + n}`);

    const all = await Promise.all(
      Array.from({ length: 8 }, (_, n) => keep(n % 2 === 0 ? values : values.toReversed(), fresh())),
    );

    expect(await rows()).toHaveLength(20);
    expect(new Set(all.map((refs) => values.map((value) => refs.get(value)).join()))).toHaveProperty(
      'size',
      1,
    );
  });

  it('is not there when its transaction fails, and is made anew by the next.', async () => {
    const failing = database.app.tx(async (tx) => {
      await database.identifiers.keep(tx, ['n|15838510156']);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');

    expect(await rows()).toEqual([]);
    const ref = (await keep(['n|15838510156'])).get('n|15838510156') as string;
    expect((await rows()).map((row) => row.ref)).toEqual([ref]);
  });

  it('that was swapped with another is noticed, and neither is given.', async () => {
    const refs = [...(await keep(['n|15838510156', 'n|15838510172'])).values()];
    const [a, b] = await rows();
    for (const [ref, cipher] of [
      [a?.ref, b?.cipher],
      [b?.ref, a?.cipher],
    ]) {
      await database.db.query({
        text: 'update direct_identifier set cipher = $2 where ref = $1',
        values: [ref, cipher],
      });
    }

    for (const ref of refs) {
      await expect(fresh().reveal([`"${markOf(ref)}"`])).rejects.toMatchObject({
        code: 'identifiers',
        message: expect.not.stringMatching(/15838510/),
      });
    }
  });

  it('that was taken away, or changed by one bit, is noticed.', async () => {
    const [ref = ''] = [...(await keep(['n|15838510156'])).values()];
    await database.db.query({
      text: 'update direct_identifier set cipher = set_bit(cipher, 100, 1 - get_bit(cipher, 100))',
    });
    await expect(fresh().reveal([markOf(ref)])).rejects.toMatchObject({ code: 'identifiers' });

    await database.db.query({ text: 'delete from direct_identifier' });
    await expect(fresh().reveal([markOf(ref)])).rejects.toMatchObject({ code: 'identifiers' });
  });
});

describe('A new key for direct identifiers', () => {
  it('leaves references as they are, and every value found and readable (ID-01).', async () => {
    const values = Array.from({ length: 1203 }, (_, n) => `n|${10_000_000_000 + n}`);
    const refs = await keep(values);
    const before = await rows();

    const result = await rotateKeys(database.db, database.keys);

    const after = await rows();
    expect(result).toEqual({ version: 2, done: 1203, total: 1203 });
    expect(after.map(({ ref }) => ref)).toEqual(before.map(({ ref }) => ref));
    expect(after.every(({ version }) => version === 2)).toBe(true);
    expect(after.some(({ lookup }, at) => before[at]?.lookup.equals(lookup))).toBe(false);
    expect(await fresh().find(values)).toEqual(refs);
  });

  it('loses nothing while servers read and write, old ones and new ones (ID-01).', async () => {
    const known = Array.from({ length: 1500 }, (_, n) => `n|${10_000_000_000 + n}`);
    const refs = new Map(await keep(known));
    let isOver = false;
    const failures: unknown[] = [];
    const work = async (worker: number): Promise<void> => {
      const identifiers = worker === 0 ? database.identifiers : fresh();
      for (let n = 0; !isOver; n++) {
        const mine = `n|${20_000_000_000 + worker * 1_000_000 + n}`;
        const shared = `n|${30_000_000_000 + n}`; // the same for all workers
        const old = known[(n * 37 + worker) % known.length] as string;
        const got = await keep([mine, shared, old], identifiers);
        const other = n % 5 === 0 ? fresh() : identifiers;
        const [text] = await other.reveal([markOf(got.get(mine) as string)]);
        const found = (await other.find([old])).get(old);
        if (`n|${text ?? ''}` !== mine || got.get(old) !== refs.get(old) || found !== refs.get(old)) {
          failures.push([worker, n, text, found]);
        }
        const earlier = refs.get(shared) ?? got.get(shared);
        if (earlier !== got.get(shared)) {
          failures.push([worker, n, 'two references for one value']);
        }
        refs.set(shared, got.get(shared) as string);
        refs.set(mine, got.get(mine) as string);
      }
    };
    const workers = [0, 1, 2, 3].map(work);

    await rotateKeys(database.db, database.keys);
    await rotateKeys(database.db, database.keys);
    isOver = true;
    await Promise.all(workers);

    expect(failures).toEqual([]);
    expect((await rows()).map(({ version }) => version)).toEqual(Array.from(await rows(), () => 3));
    expect(await fresh().find([...refs.keys()])).toEqual(refs);
  });

  it('is taken up where an interrupted rotation was.', async () => {
    await keep(Array.from({ length: 700 }, (_, n) => `n|${10_000_000_000 + n}`));
    let batches = 0;
    const cut = rotateKeys(database.db, database.keys, () => {
      if (++batches === 1) {
        throw new Error('power');
      }
    });
    await expect(cut).rejects.toThrow('power');

    const result = await rotateKeys(database.db, database.keys);

    expect(result).toEqual({ version: 2, done: 200, total: 200 });
  });
});

describe('The keys of direct identifiers', () => {
  it('are in a file that its owner alone may read, made at the first start.', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ryggrad-keys-'));
    const path = join(folder, 'keys', 'identifiers.json');

    await openKeyRing(database.app, keyFile(path));

    expect((await stat(path)).mode & 0o777).toBe(0o400);
    expect(await readFile(path, 'utf8')).toMatch(/"version": 1/);
    await expect(openKeyRing(database.app, keyFile(path))).resolves.toBeDefined();
    await chmod(path, 0o444);
    await expect(openKeyRing(database.app, keyFile(path))).rejects.toMatchObject({
      code: 'keys',
      message: expect.stringContaining('chmod 400'),
    });
    await rm(folder, { recursive: true });
  });

  it('that are lost or of another database stop the start, with what to do.', async () => {
    await keep(['n|15838510156']);
    const others = memoryKeys();
    await others.add();

    await expect(openKeyRing(database.app, memoryKeys())).rejects.toMatchObject({
      code: 'keys',
      message: expect.stringMatching(/key 1, which is not in memory.*IDENTIFIER_KEYS_FILE/),
    });
    await expect(openKeyRing(database.app, others)).rejects.toMatchObject({
      code: 'keys',
      message: expect.stringMatching(/Key 1 in memory is not the one/),
    });
  });
});
