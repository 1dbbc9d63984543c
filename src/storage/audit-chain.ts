/**
 * The chain over the audit trail: h(n) = SHA-256(h(n-1), seq, event). Whoever changes, removes, adds or moves an event has
 * to make every later link anew, and then the heads that were published outside of the database fit no longer (AU-04).
 */
import { createHash } from 'node:crypto';

/** A link of the chain as it is stored. */
export interface Link {
  /** Place in the chain, from 1 without gaps. */
  readonly n: string;
  /** The event's own number. */
  readonly seq: string;
  /** Hash in hexadecimal. */
  readonly hash: string;
}

/** An event as the chain sees it: every column that says something, in this order. */
export type SealedEvent = Readonly<
  Record<(typeof COLUMNS)[number], string | number | readonly string[] | null>
>;

const COLUMNS = [
  'stored',
  'recorded',
  'id',
  'action',
  'kind',
  'outcome',
  'agent',
  'role',
  'unit',
  'registers',
  'about',
  'patients',
  'entityType',
  'entityId',
  'requestId',
  'content',
] as const;

const instant = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Columns of the audit row `a` from which `linkHash` makes its hash. Times are text with all their digits. */
export const SEALED_COLUMNS = `${instant('a.stored')} as stored, ${instant('a.recorded')} as recorded, a.id, a.action,
  a.kind, a.outcome, a.agent, a.role, a.unit, a.registers, a.about, a.patients, a.entity_type as "entityType",
  a.entity_id as "entityId", a.request_id as "requestId", a.content`;

/** What the first event is bound to. */
export const GENESIS = '0'.repeat(64);

/** Hash of an event behind the one whose hash is `previous`. The event is canonical as a JSON list of its columns. */
export function linkHash(previous: string, seq: string, event: SealedEvent): string {
  const place = Buffer.allocUnsafe(8);
  place.writeBigInt64BE(BigInt(seq));
  return createHash('sha256')
    .update(previous, 'hex')
    .update(place)
    .update(JSON.stringify(COLUMNS.map((column) => event[column])))
    .digest('hex');
}
