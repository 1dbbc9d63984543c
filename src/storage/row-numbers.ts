/**
 * Row numbers, taken from the database in blocks of 1000 so that a batch of any size costs no round trip each.
 * A block that is not used up when the process ends is lost; numbers only have to be unique and roughly in time order.
 */
import type { Queryable } from './db.ts';

const BLOCK = 1000;

export interface RowNumbers {
  /** `count` new numbers, as text. Asks the transaction's own connection: the pool may be exhausted by waiting ones. */
  take(client: Queryable, count: number): Promise<readonly string[]>;
}

export function createRowNumbers(): RowNumbers {
  let free: number[] = [];
  return {
    async take(client, count) {
      while (free.length < count) {
        const rows = await client.query<{ block: string }>({
          name: 'rid_block',
          text: `select nextval('rid_block') as block`,
        });
        const first = Number(rows[0]?.block) * BLOCK;
        free = [...free, ...Array.from({ length: BLOCK }, (_, index) => first + index)];
      }
      return free.splice(0, count).map(String);
    },
  };
}
