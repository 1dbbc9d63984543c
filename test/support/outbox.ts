/** Reading the outbox to its end. */
import type { Queryable } from '../../src/storage/db.ts';
import type { Outbox } from '../../src/storage/outbox.ts';

/**
 * Hand over every event that is committed. One run may leave some: it waits for the open transactions of the whole
 * cluster, those of other tests' databases too. Not for a test that holds a transaction open itself.
 */
export async function readThrough(outbox: Outbox, db: Queryable): Promise<void> {
  do {
    await outbox.run();
  } while (await hasUnread(db));
}

async function hasUnread(db: Queryable): Promise<boolean> {
  const [row] = await db.query<{ unread: boolean }>({
    text: 'select exists (select from outbox o join outbox_cursor c on o.xid >= c.hi) as unread',
    values: [],
  });
  return row?.unread ?? false;
}
