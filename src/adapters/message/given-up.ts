/**
 * Messages that were given up: who looks after a register sees that there are such, and has them sent again (OB-02). What
 * they say, and where exactly they go, is shown to nobody.
 */
import type { Clock, NewId } from '../../fhir/id.ts';
import type { Queryable } from '../../storage/db.ts';
import type { SecretBox } from '../../storage/secret-box.ts';
import type { StoreTransaction } from '../../storage/store.ts';
import { NOT_WANTED } from './cancel.ts';
import { type Channel, type Message, SEND_MESSAGE } from './message.ts';
import { openMessage, sealMessage } from './sealed-message.ts';

export interface GivenUpDeps {
  readonly db: Queryable;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly newId: NewId;
}

export interface GivenUp {
  readonly id: string;
  readonly channel: Channel;
  readonly purpose: string;
  /** Register that it belongs to; undefined: about an account alone. */
  readonly register: string | undefined;
  /** Whom it is about: `user:…`, `application:…`. */
  readonly about: string | undefined;
  readonly created: string;
  readonly failed: string;
  /** What the last attempt met. */
  readonly problem: string;
  /** Where it goes, as far as somebody who knows the address can tell: `…21`, `k…@fjordheim.example`. */
  readonly receiver: string | undefined;
  /** `late`: what it says is no longer good; `again`: it has been sent again. */
  readonly state: 'open' | 'late' | 'again';
}

type Row = Omit<GivenUp, 'receiver' | 'state'> & {
  readonly sealed: string | null;
  readonly again: string | null;
};

const MOST = 200;
const COLUMNS = 'id, channel, purpose, register, about, created, failed, problem, sealed, again';

/** What was given up in a register, and what belongs to none, newest first. */
export async function listGivenUp(
  { db, box, clock }: GivenUpDeps,
  register: string,
): Promise<readonly GivenUp[]> {
  const rows = await db.query<Row & { readonly is_late: boolean }>({
    text: `select ${COLUMNS}, coalesce(expires_at <= $2, false) as is_late
           from message
           where failed is not null
             and problem is distinct from $4
             and (register = $1 or register is null)
           order by failed desc, id desc
           limit $3`,
    values: [register, clock.now(), MOST, NOT_WANTED],
  });
  return rows.map(({ sealed, again, is_late: isLate, ...row }) => ({
    ...row,
    register: row.register ?? undefined,
    about: row.about ?? undefined,
    receiver: sealed === null ? undefined : masked(openMessage(box, row.id, row, sealed)),
    state: stateOf(again !== null, isLate || sealed === null),
  }));
}

const stateOf = (isAgain: boolean, isLate: boolean): GivenUp['state'] => {
  if (isAgain) {
    return 'again';
  }
  return isLate ? 'late' : 'open';
};

/**
 * Write it anew, as a message of its own: a gateway that remembers keys would answer the old one as it did before. Once:
 * false when it is gone, too late, or has been sent again already.
 */
export async function sendAgain(
  { box, clock, newId }: GivenUpDeps,
  tx: StoreTransaction,
  id: string,
): Promise<boolean> {
  const now = clock.now();
  const next = newId(now);
  const [old] = await tx.query<Row>({
    text: `update message
           set again = $2
           where id = $1
             and failed is not null
             and again is null
             and sealed is not null
             and coalesce(expires_at > $3, true)
           returning ${COLUMNS}`,
    values: [id, next, now],
  });
  if (old === undefined) {
    return false;
  }
  const message = openMessage(box, id, old, old.sealed ?? '');
  await tx.query({
    text: `insert into message (id, channel, purpose, register, about, sealed, created, expires_at)
           select $2, channel, purpose, register, about, $3, $4, expires_at from message where id = $1`,
    values: [id, next, sealMessage(box, next, message), now],
  });
  await tx.query({ text: 'update message set sealed = null where id = $1', values: [id] });
  await tx.enqueue(SEND_MESSAGE, { id: next });
  return true;
}

function masked({ channel, to }: Pick<Message, 'channel' | 'to'>): string {
  return channel === 'sms' ? `…${to.slice(-2)}` : to.replace(/^(.).*@/, '$1…@');
}
