/**
 * Messages through the job queue: written with what they tell of, in one transaction, and sent afterwards (OB-01).
 * A message is sent at least once; its id is the key that makes a second sending visible to the receiver's side (OB-02).
 */
import type { Clock, NewId } from '../../fhir/id.ts';
import type { Db, Queryable } from '../../storage/db.ts';
import type { JobContext } from '../../storage/jobs.ts';
import type { SecretBox } from '../../storage/secret-box.ts';
import type { StoreTransaction } from '../../storage/store.ts';
import { type Carrier, type Channel, type Message, Undeliverable } from './message.ts';

export const SEND_MESSAGE = 'send-message';

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

export interface Messages {
  /** Does anything carry this channel here? */
  has(channel: Channel): boolean;
  /** Write a message and its job in the transaction; nothing is sent if that is rolled back. */
  queue(tx: StoreTransaction, message: Message, options?: { readonly minutes?: number }): Promise<void>;
  /** The job: send what waits under this id. Throws when it should be tried again. */
  deliver(payload: unknown, job: Pick<JobContext, 'attempt' | 'maxAttempts'>): Promise<void>;
  /** What was written lately, newest first; only where texts are kept. */
  inbox(): Promise<readonly ReadMessage[]>;
  /** Forget what was sent or given up more than 30 days ago. For a job. */
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
const placeOf = (id: string): string => `message/sealed/${id}`;

export function createMessages(deps: MessagesDeps): Messages {
  const { db, box, clock, newId, carriers, texts } = deps;
  return {
    has: (channel) => carriers[channel] !== undefined,
    async queue(tx, message, { minutes } = {}) {
      const now = clock.now();
      const id = newId(now);
      const { channel, purpose, to, subject, text } = message;
      tx.send({
        text: `insert into message (id, channel, purpose, sealed, created, expires_at)
               values ($1, $2, $3, $4, $5, $6)`,
        values: [
          id,
          channel,
          purpose,
          box.seal(JSON.stringify({ to, subject, text }), placeOf(id)),
          now,
          minutes === undefined ? null : new Date(now.getTime() + minutes * 60_000),
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
        await carrier(readMessage(box, id, waiting, waiting.sealed), id);
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
        ...readMessage(box, row.id, row, row.sealed ?? ''),
        id: row.id,
        created: row.created,
        state: row.state,
      }));
    },
    async sweep() {
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

function readMessage(
  box: SecretBox,
  id: string,
  { channel, purpose }: Pick<Waiting, 'channel' | 'purpose'>,
  sealed: string,
): Message {
  const opened = JSON.parse(box.open(sealed, placeOf(id))) as Pick<Message, 'to' | 'subject' | 'text'>;
  return { channel, purpose, ...opened };
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

async function giveUp({ db, clock, texts }: MessagesDeps, id: string, problem: string): Promise<void> {
  await db.query({
    text: `update message
           set failed = $2, problem = $3 ${texts === 'wipe' ? ', sealed = null' : ''}
           where id = $1`,
    values: [id, clock.now(), problem],
  });
}
