/** The outbox against the real database: written with the data, read in order, nothing skipped. */
import type { Queryable } from '../../../src/storage/db.ts';
import { openOutbox, type OutboxConsumer, type OutboxEvent, watch } from '../../../src/storage/outbox.ts';
import type { StoreTransaction, Write } from '../../../src/storage/store.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { readThrough } from '../../support/outbox.ts';

let database: TestDatabase;

beforeEach(async () => {
  database = await createTestDatabase();
});

afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

const writeOf = (id: string, type = 'Observation'): Write => ({
  type,
  id,
  versionId: 1,
  lastUpdated: '2026-11-20T08:00:00.000Z',
  content: `{"resourceType":"${type}","id":"${id}"}`,
  labels: { register: 'r', unit: 'u', episode: 'e', national: true },
  index: {
    hot: { patient: 'p', org: null, canon: null, status: null, dLo: null, dHi: null },
    tokens: [],
    dates: [],
    texts: [],
    numbers: [],
  },
  uniqueKeys: [],
  previous: null,
  op: 'C',
});

const write = (...ids: readonly string[]): Promise<void> =>
  database.store.transaction((tx) => tx.write(ids.map((id) => writeOf(id))));

interface Recording extends OutboxConsumer {
  readonly events: readonly OutboxEvent[];
}

function recording(name = 'test', types: readonly string[] = ['Observation'], fail?: () => void): Recording {
  const events: OutboxEvent[] = [];
  return {
    name,
    types,
    events,
    consume(_tx: Queryable, page) {
      fail?.();
      events.push(...page);
      return Promise.resolve();
    },
  };
}

const idsOf = ({ events }: Recording): readonly string[] => events.map(({ id }) => id);
const rows = async (): Promise<number> => (await database.db.query({ text: 'select from outbox' })).length;

/** A transaction that stays open until it is told to go on. */
function open(
  work: (tx: StoreTransaction) => Promise<unknown>,
  last?: (tx: StoreTransaction) => Promise<unknown>,
) {
  let go = (): void => undefined;
  const waiting = new Promise<void>((resolve) => (go = resolve));
  let begun = (): void => undefined;
  const started = new Promise<void>((resolve) => (begun = resolve));
  const ended = database.store.transaction(async (tx) => {
    await work(tx);
    await tx.query({ text: 'select 1', values: [] }); // new rows are sent without waiting for the answer
    begun();
    await waiting;
    await last?.(tx);
  });
  return { started, finish: () => (go(), ended) };
}

describe('The outbox', () => {
  it('holds an event with what is needed to match it later.', async () => {
    const consumer = recording();
    const outbox = await openOutbox(database.db, [consumer]);

    await write('o1');
    await readThrough(outbox, database.db);

    expect(consumer.events).toEqual([
      {
        seq: expect.any(String),
        type: 'Observation',
        id: 'o1',
        versionId: 1,
        op: 'C',
        register: 'r',
        unit: 'u',
        national: true,
        patient: 'p',
        episode: 'e',
        at: '2026-11-20T08:00:00.000Z',
      },
    ]);
  });

  it('takes up nothing of types that nobody watches.', async () => {
    await openOutbox(database.db, [recording('test', ['Patient'])]);

    await write('o1');

    expect(await rows()).toBe(0);
  });

  it('knows nothing of a transaction that was rolled back.', async () => {
    const consumer = recording();
    const outbox = await openOutbox(database.db, [consumer]);

    const failing = database.store.transaction(async (tx) => {
      await tx.write([writeOf('o1')]);
      throw new Error('no');
    });
    await failing.catch(() => undefined);
    await readThrough(outbox, database.db);

    expect(await rows()).toBe(0);
    expect(consumer.events).toEqual([]);
  });

  it('skips no event of a transaction that began before and committed after others.', async () => {
    const consumer = recording();
    const outbox = await openOutbox(database.db, [consumer]);
    const slow = open((tx) => tx.write([writeOf('slow')]));
    await slow.started;

    await write('quick');
    await outbox.run();
    expect(idsOf(consumer)).toEqual([]);
    await slow.finish();
    await readThrough(outbox, database.db);

    expect(idsOf(consumer)).toEqual(['slow', 'quick']);
  });

  it('keeps the order of commits for a resource, also when the later writer’s transaction is the older.', async () => {
    const consumer = recording();
    const outbox = await openOutbox(database.db, [consumer]);
    const older = open(
      (tx) => tx.write([writeOf('other', 'Patient')]),
      async (tx) => {
        const [previous] = await tx.lockMany([{ type: 'Observation', id: 'o1' }]);
        await tx.write([{ ...writeOf('o1'), versionId: 2, previous: previous ?? null, op: 'U' }]);
      },
    );
    await older.started;
    await write('o1');
    await outbox.run();
    await older.finish();

    await readThrough(outbox, database.db);

    expect(consumer.events.map(({ versionId }) => versionId)).toEqual([1, 2]);
  });

  it('hands every event to each consumer, at its own pace, and clears what all have passed.', async () => {
    let isBroken = true;
    const first = recording('first');
    const second = recording('second', ['Observation'], () => {
      if (isBroken) {
        throw new Error('not now');
      }
    });
    const outbox = await openOutbox(database.db, [first, second]);
    await write('o1', 'o2');
    await expect(readThrough(outbox, database.db)).rejects.toThrow('not now');
    expect(idsOf(first)).toEqual(['o1', 'o2']);
    expect(await rows()).toBe(2);

    isBroken = false;
    await readThrough(outbox, database.db);

    expect(idsOf(first)).toEqual(['o1', 'o2']);
    expect(idsOf(second)).toEqual(['o1', 'o2']);
    expect(await rows()).toBe(0);
  });

  it('pages through more than it hands over at once.', async () => {
    const consumer = recording();
    const outbox = await openOutbox(database.db, [consumer]);
    const ids = Array.from({ length: 1203 }, (_, n) => `o${String(n).padStart(5, '0')}`);

    await write(...ids);
    await readThrough(outbox, database.db);

    expect(idsOf(consumer)).toEqual(ids);
  });

  it('goes on where it was after a restart, and a consumer that is gone holds nothing back.', async () => {
    const before = recording();
    await openOutbox(database.db, [before, recording('gone')]);
    await write('o1');

    const after = recording();
    const outbox = await openOutbox(database.db, [after]);
    await readThrough(outbox, database.db);

    expect(idsOf(after)).toEqual(['o1']);
    expect(await rows()).toBe(0);
  });

  it('reads what a backup brought from a cluster with higher transaction numbers, and what comes after.', async () => {
    await openOutbox(database.db, [recording()]);
    await write('o1');
    await database.db.query({ text: `update outbox set xid = '900000000000'` });
    await database.db.query({ text: `update outbox_cursor set lo = '800000000000', hi = '800000000000'` });

    const consumer = recording();
    const outbox = await openOutbox(database.db, [consumer]);
    await write('o2');
    await readThrough(outbox, database.db);

    expect(idsOf(consumer)).toEqual(['o1', 'o2']);
  });

  it('lets a consumer watch more and less while it runs.', async () => {
    await openOutbox(database.db, [recording('test', [])]);
    await watch(database.db, 'test', 'a', ['Observation']);
    await write('o1');
    await watch(database.db, 'test', 'a', []);
    await write('o2');

    expect(await rows()).toBe(1);
  });

  it('tells this process of commits with events, and of no others.', async () => {
    let count = 0;
    await openOutbox(database.db, [recording('test', ['Observation'])]);
    database.store.onEvents(() => count++);

    await write('o1');
    await database.store.transaction((tx) => tx.write([writeOf('p1', 'Patient')]));

    expect(count).toBe(1);
  });
});
