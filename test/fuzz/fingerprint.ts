/** A few numbers that change with every change of stored data, the audit trail and the background's own tables apart. */
import { typeCode } from '../../src/fhir/resource-types.ts';

/** Runs a statement. */
export type Query = (text: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/** The server itself sets the status of Subscriptions. */
const OTHERS = `type <> ${typeCode('Subscription') ?? 0}`;

const VERSION = `count(*), sum(ver), sum(rid), max(lu), sum(octet_length(content)), sum(hashtext(op || id))`;

const PARTS = [
  `select 'resource' as name, concat_ws(' ', ${VERSION}, sum(ihash), sum(hashtext(concat_ws('|', natl, reg, unit, episode, patient, org, canon, status, d_lo, d_hi)))) as numbers from resource where ${OTHERS}`,
  `select 'history' as name, concat_ws(' ', ${VERSION}) as numbers from history where ${OTHERS}`,
  `select 'resource_id' as name, concat_ws(' ', count(*), sum(rid)) as numbers from resource_id where ${OTHERS}`,
  `select 'identifier_key' as name, concat_ws(' ', count(*), sum(h), sum(rid)) as numbers from identifier_key`,
  ...['idx_token', 'idx_date', 'idx_text', 'idx_number'].map(
    (table) =>
      `select '${table}' as name, concat_ws(' ', count(*), sum(rid)) as numbers from ${table} where ${OTHERS}`,
  ),
];

/** Table → its numbers, as text. */
export async function fingerprint(query: Query): Promise<Readonly<Record<string, string>>> {
  const rows = await query(PARTS.join(' union all '));
  const events = await query(`select coalesce(max(seq), 0) as numbers from outbox where ${OTHERS}`);
  return Object.fromEntries([
    ...rows.map(({ name, numbers }) => [String(name), String(numbers)] as const),
    ['outbox', String(events[0]?.['numbers'])] as const,
  ]);
}

/** Tables whose numbers differ. Events that consumers have passed are gone from the outbox: only more of them is a change. */
export const changedTables = (
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly string[] =>
  Object.keys(after).filter((name) =>
    name === 'outbox' ? Number(after[name]) > Number(before[name]) : after[name] !== before[name],
  );
