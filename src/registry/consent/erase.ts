/**
 * What was deleted because somebody does not want to be in a register is gone for good: earlier versions, and files that were sent.
 * A job of the transaction that deletes; the deletion itself stays, so that copies elsewhere learn of it.
 */
import type { Queryable } from '../../storage/db.ts';

/** The job. */
export const ERASE = 'erase';

export interface Erasure {
  /** Resources whose earlier versions go; types by their codes. */
  readonly keys: readonly { readonly type: number; readonly id: string }[];
  /** References of files (fhir/direct-identifiers.ts) that go with them. */
  readonly files: readonly string[];
}

/** Repeatable: what is gone stays gone. */
export async function erase(db: Queryable, { keys, files }: Erasure): Promise<void> {
  await db.query({
    text: `delete from history h
      using json_to_recordset($1) as k (type smallint, id text)
      where h.type = k.type
        and h.id = k.id
        and h.content is not null`,
    values: [JSON.stringify(keys)],
  });
  await db.query({
    text: 'delete from direct_identifier where ref = any($1)',
    values: [files],
  });
}
