/**
 * A mutant: the database connection of a server whose access filter (src/access/filter.ts) lets everything through. What
 * is still hidden is hidden by row-level security alone (RL-03).
 */
import type { Asking, Db, Statement, Transaction } from '../../src/storage/db.ts';
import type { ResourceStore } from '../../src/storage/store.ts';

/** Every form that a filter begins with or ends on, made true. Throws when a filter is still there. */
export function filterOff(text: string): string {
  const off = text
    .replaceAll(/\(r\.unit is null or/g, '(true or r.unit is null or')
    .replaceAll(/and \(r\.patient = \$(\d+) or/g, 'and (true or r.patient = $$$1 or')
    .replaceAll(/and not \(r\.type = any/g, 'and not (false and r.type = any')
    .replaceAll(
      /\(\(r\.patient is null and r\.unit is null\)/g,
      '(true or (r.patient is null and r.unit is null)',
    );
  if (/r\.unit = any\(\$\d+\)/.test(off) && !off.includes('(true or')) {
    throw new Error(`The mutant does not know this filter: ${off}`);
  }
  return off;
}

const mutated = <T extends { readonly text: string }>(statement: T): T => ({
  ...statement,
  text: filterOff(statement.text),
});

/** The same connections without the filter in any statement. */
export function withoutFilter(db: Db): Db {
  return {
    ...db,
    query: <T extends object>(statement: Statement) => db.query<T>(mutated(statement)),
    lane: { query: <T extends object>(statement: Statement) => db.lane.query<T>(mutated(statement)) },
    as: (access) => withoutFilter(db.as(access)),
    tx: (work, options) => db.tx((tx) => work(mutatedTransaction(tx)), options),
  };
}

/** Streams take their text past the connection's methods. */
export const withoutStreamFilter = (store: ResourceStore): ResourceStore => ({
  ...store,
  as(access) {
    const reader = store.as(access);
    return { ...reader, stream: (sql) => reader.stream(mutated(sql)) };
  },
});

const mutatedAsking = (tx: Asking): Asking => ({
  query: <T extends object>(statement: Statement) => tx.query<T>(mutated(statement)),
  send: <T extends object>(statement: Statement, then?: (rows: readonly T[]) => void) => {
    tx.send<T>(mutated(statement), then);
  },
});

const mutatedTransaction = (tx: Transaction): Transaction => ({
  ...mutatedAsking(tx),
  as: (access) => mutatedAsking(tx.as(access)),
});
