/**
 * A write that is asked for twice is done once: with an Idempotency-Key (IR-02), or when a system sends a transaction again under
 * the same Bundle.identifier (IR-03). What came of it is stored in the transaction of the write, by who asked and the key.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
import { hash64 } from '../fhir/id.ts';
import { error, FhirError, unprocessable } from '../fhir/outcome.ts';
import type { StoreTransaction } from '../storage/store.ts';
import type { Result } from './operation.ts';

export interface Once {
  readonly key: string;
  /** Of everything that was asked. */
  readonly hash: string;
  /** Is the key said to be used once? Else something else under it is something new: a corrected message. */
  readonly isStrict: boolean;
}

/** Result without the text. */
export type Kept = Omit<Result, 'content'>;

const HOURS = 24;

/** What came of it the first time; undefined when this is the first. Throws 409 (under way), 422 (the key stands for something else). */
export async function claim(
  tx: StoreTransaction,
  subject: string,
  { key, hash, isStrict }: Once,
  now: Date,
): Promise<readonly Kept[] | undefined> {
  const [lock] = await tx.query<{ free: boolean }>({
    text: 'select pg_try_advisory_xact_lock($1) as free',
    values: [hash64(`once|${subject}|${key}`)],
  });
  if (lock?.free !== true) {
    throw new FhirError(
      409,
      error('conflict', 'The first request with this key is still being carried out.', undefined, KEY_RULE),
      { headers: { 'Retry-After': '1' } },
    );
  }
  const [row] = await tx.query<{ body_hash: string; response: string }>({
    text: 'select body_hash, response from idempotency where principal = $1 and key = $2 and created > $3',
    values: [subject, key, new Date(now.getTime() - HOURS * 3_600_000)],
  });
  if (row === undefined || (row.body_hash !== hash && !isStrict)) {
    return undefined;
  }
  if (row.body_hash !== hash) {
    throw unprocessable(
      error(
        'business-rule',
        'This Idempotency-Key was used for another request in the last 24 hours. A new request takes a new key.',
        undefined,
        KEY_RULE,
      ),
    );
  }
  return JSON.parse(row.response) as readonly Kept[];
}

const KEY_RULE = 'idempotency-key';

/** Remember what came of it, when the transaction commits. */
export async function keep(
  tx: StoreTransaction,
  subject: string,
  { key, hash }: Once,
  results: readonly Result[],
  now: Date,
): Promise<void> {
  await tx.query({
    text: `insert into idempotency (principal, key, body_hash, response, created)
      values ($1, $2, $3, $4, $5)
      on conflict (principal, key) do update
      set body_hash = excluded.body_hash, response = excluded.response, created = excluded.created`,
    values: [subject, key, hash, JSON.stringify(results.map(withoutContent)), now],
  });
}

const withoutContent = ({ content: _text, ...kept }: Result): Kept => kept;

/** Keys that are no longer looked at are deleted. */
export const forgetKeysSql = (now: Date) => ({
  text: 'delete from idempotency where created <= $1',
  values: [new Date(now.getTime() - HOURS * 3_600_000)],
});
