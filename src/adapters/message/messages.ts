/**
 * Messages through the job queue: written with what they tell of, in one transaction, and sent afterwards (OB-01).
 * A message is sent at least once; its id is the key that makes a second sending visible to the receiver's side (OB-02).
 * What is given up keeps its text, sealed, as long as it may be sent again (given-up.ts).
 */
import type { Clock, NewId } from '../../fhir/id.ts';
import type { Db, Queryable } from '../../storage/db.ts';
import type { JobContext } from '../../storage/jobs.ts';
import type { SecretBox } from '../../storage/secret-box.ts';
import type { StoreTransaction } from '../../storage/store.ts';
import { type GivenUp, listGivenUp, sendAgain } from './given-up.ts';
import { type Carrier, type Channel, type Message, SEND_MESSAGE, Undeliverable } from './message.ts';
import { openMessage, sealMessage } from './sealed-message.ts';

export interface MessagesDeps {
  readonly db: Db;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly newId: NewId;
  /** What carries each channel; a channel without one takes no messages. */
  readonly carriers: Readonly<Partial<Record<Channel, Carrier>>>;
  /** `keep`: texts stay readable after sending, for the demo's inbox. */
  readonly texts: 'wipe' | 'keep';
}

/** A message as the demo's inbox shows it. */
export interface ReadMessage extends Message {
  readonly id: string;
  readonly created: string;
  readonly state: 'waiting' | 'sent' | 'failed';
}

export interface QueueOptions {
  /** Not sent later than this. */
  readonly minutes?: number;
  /** Whom it is about, for who looks after what was given up: `user:…`, `application:…`. */
  readonly about?: string;
  /** Register that it belongs to. */
  readonly register?: string;
  /** The message's own id, where what it tells of has one that it shall be known by. */
  readonly id?: string;
}

export interface Messages {
  /** Does anything carry this channel here? */
  has(channel: Channel): boolean;
  /** Write a message and its job in the transaction; nothing is sent if that is rolled back. */
  queue(tx: StoreTransaction, message: Message, options?: QueueOptions): Promise<void>;
  /** The job: send what waits under this id. Throws when it should be tried again. */
  deliver(payload: unknown, job: Pick<JobContext, 'attempt' | 'maxAttempts'>): Promise<void>;
  /** What was written lately, newest first; only where texts are kept. */
  inbox(): Promise<readonly ReadMessage[]>;
  /** What was given up in a register, and what belongs to none; newest first. */
  givenUp(register: string): Promise<readonly GivenUp[]>;
  /** Write one of those anew; false when it cannot be sent any more, or has been sent again. */
  sendAgain(tx: StoreTransaction, id: string): Promise<boolean>;
  /** Forget texts that are too late to be sent, and what was sent or given up more than 30 days ago. For a job. */
  sweep(): Promise<void>;
}

interface Waiting {
  readonly channel: Channel;
  readonly purpose: string;
  readonly sealed: string | null;
  readonly is_open: boolean;
  readonly is_late: boolean;
}

const INBOX_SIZE = 50;

export function createMessages(deps: MessagesDeps): Messages {
  const { db, box, clock, newId, carriers, texts } = deps;
  return {
    has: (channel) => carriers[channel] !== undefined,
    async queue(tx, message, { minutes, about, register, id: given } = {}) {
      const now = clock.now();
      const id = given ?? newId(now);
      tx.send({
        text: `insert into message (id, channel, purpose, sealed, created, expires_at, about, register)
               values ($1, $2, $3, $4, $5, $6, $7, $8)`,
        values: [
          id,
          message.channel,
          message.purpose,
          sealMessage(box, id, message),
          now,
          minutes === undefined ? null : new Date(now.getTime() + minutes * 60_000),
          about ?? null,
          register ?? null,
        ],
      });
      await tx.enqueue(SEND_MESSAGE, { id });
    },
    async deliver(payload, job) {
      const { id } = payload as { readonly id: string };
      const waiting = await readWaiting(db, id, clock.now());
      if (waiting?.is_open !== true || waiting.sealed === null) {
        return;
      }
      const carrier = carriers[waiting.channel];
      if (waiting.is_late || carrier === undefined) {
        await giveUp(deps, id, waiting.is_late ? 'too late' : `nothing carries ${waiting.channel} here`);
        return;
      }
      try {
        await carrier(openMessage(box, id, waiting, waiting.sealed), id);
      } catch (cause) {
        await failed(deps, id, cause, job);
        return;
      }
      await db.query({
        text: `update message set sent = $2, problem = null ${texts === 'wipe' ? ', sealed = null' : ''} where id = $1`,
        values: [id, clock.now()],
      });
    },
    async inbox() {
      if (texts !== 'keep') {
        return [];
      }
      const rows = await db.query<Waiting & InboxRow>({
        text: `select id, channel, purpose, sealed, created,
                 case when sent is not null then 'sent' when failed is not null then 'failed' else 'waiting' end as state
               from message
               where sealed is not null
               order by created desc, id desc
               limit $1`,
        values: [INBOX_SIZE],
      });
      return rows.map((row) => ({
        ...openMessage(box, row.id, row, row.sealed ?? ''),
        id: row.id,
        created: row.created,
        state: row.state,
      }));
    },
    givenUp: (register) => listGivenUp(deps, register),
    sendAgain: (tx, id) => sendAgain(deps, tx, id),
    async sweep() {
      if (texts === 'wipe') {
        await db.query({
          text: 'update message set sealed = null where failed is not null and expires_at <= $1',
          values: [clock.now()],
        });
      }
      await db.query({
        text: `delete from message where created < $1 and (sent is not null or failed is not null)`,
        values: [new Date(clock.now().getTime() - 30 * 24 * 3_600_000)],
      });
    },
  };
}

interface InboxRow {
  readonly id: string;
  readonly created: string;
  readonly state: ReadMessage['state'];
}

async function readWaiting(db: Queryable, id: string, now: Date): Promise<Waiting | undefined> {
  const [row] = await db.query<Waiting>({
    text: `select channel, purpose, sealed, sent is null and failed is null as is_open,
             coalesce(expires_at <= $2, false) as is_late
           from message
           where id = $1`,
    values: [id, now],
  });
  return row;
}

/** Keep what was met; give up where no attempt is left or none would help; else let the queue try again. */
async function failed(
  deps: MessagesDeps,
  id: string,
  cause: unknown,
  { attempt, maxAttempts }: Pick<JobContext, 'attempt' | 'maxAttempts'>,
): Promise<void> {
  const problem = cause instanceof Error ? cause.message : 'failed';
  if (cause instanceof Undeliverable || attempt >= maxAttempts) {
    await giveUp(deps, id, problem);
    return;
  }
  await deps.db.query({ text: 'update message set problem = $2 where id = $1', values: [id, problem] });
  throw cause;
}

/** The text stays as long as it may be sent again; one that is too late is wiped at once. */
async function giveUp({ db, clock, texts }: MessagesDeps, id: string, problem: string): Promise<void> {
  await db.query({
    text: `update message
           set failed = $2, problem = $3,
             sealed = case when $4 and expires_at <= $2 then null else sealed end
           where id = $1`,
    values: [id, clock.now(), problem, texts === 'wipe'],
  });
}
