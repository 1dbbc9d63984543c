/**
 * Rows of the `resource` table, and the port's `Row`.
 */
import { typeName } from '../fhir/resource-types.ts';
import type { Row } from './store.ts';

/** Columns of `resource r` that make a `Row`. */
export const ROW_COLUMNS =
  'r.cmp, r.type, r.id, r.ver, r.lu, r.rid, r.content, r.reg, r.unit, r.episode, r.natl';

export interface RowRecord {
  readonly cmp: number;
  readonly type: number;
  readonly id: string;
  readonly ver: number;
  readonly lu: string;
  readonly rid: string;
  readonly content: string | null;
  readonly reg: string | null;
  readonly unit: string | null;
  readonly episode: string | null;
  readonly natl: boolean;
}

/** A row that remembers its distribution key, so that an update goes straight to its place. */
export interface PlacedRow extends Row {
  readonly cmp: number;
}

export function toRow(record: RowRecord): PlacedRow {
  return {
    cmp: record.cmp,
    type: typeName(record.type),
    id: record.id,
    versionId: record.ver,
    lastUpdated: record.lu,
    rid: record.rid,
    content: record.content,
    labels: { register: record.reg, unit: record.unit, episode: record.episode, national: record.natl },
  };
}
