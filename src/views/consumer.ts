/**
 * The tables of views follow what is stored: they take up the events of the outbox.
 */
import type { OutboxConsumer, OutboxEvent } from '../storage/outbox.ts';
import { CONSUMER } from './materialise.ts';
import { refreshView } from './refresh.ts';
import { keptTables, type ViewTable } from './table.ts';
import { ViewError } from './view-error.ts';

/** `failed` is told of a table that a resource cannot be made rows of: it stays as it was, for `views list` and the log. */
export const viewConsumer = (failed: (table: ViewTable, cause: ViewError) => void): OutboxConsumer => ({
  name: CONSUMER,
  types: [],
  async consume(tx, events) {
    const types = [...new Set(events.map(({ type }) => type))];
    for (const { table } of await keptTables(tx, types)) {
      const ids = changed(events, table);
      if (ids.length > 0) {
        await tx.query({ text: 'savepoint view' });
        try {
          await refreshView(tx, table, ids);
          await tx.query({ text: 'release savepoint view' });
        } catch (cause) {
          if (!(cause instanceof ViewError)) {
            throw cause;
          }
          await tx.query({ text: 'rollback to savepoint view' });
          failed(table, cause);
        }
      }
    }
  },
});

const changed = (events: readonly OutboxEvent[], { view, register }: ViewTable): readonly string[] => [
  ...new Set(
    events
      .filter((event) => event.type === view.definition.resource)
      .filter((event) => event.register === null || event.register === register)
      .map(({ id }) => id),
  ),
];
