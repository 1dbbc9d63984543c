/**
 * The inbox: what systems have sent, and what became of it (docs/adr/0030). What was refused is kept with its reasons, sealed, so
 * that it can be carried out again when what was wrong has been mended.
 */
import type { Clock, NewId } from '../../fhir/id.ts';
import { FhirError, printable, toOutcome } from '../../fhir/outcome.ts';
import type { OperationOutcome } from '../../fhir/types.ts';
import type { EhrPrincipal } from '../../access/principal.ts';
import { nameOf } from '../../repository/enter-inbox.ts';
import type { Db } from '../../storage/db.ts';
import {
  type Door,
  forgetRefusedSql,
  hashOfMessage,
  type InboxQuery,
  type InboxRow,
  listSql,
  oneSql,
  refusedSql,
  settledSql,
  type SourceState,
  sourcesSql,
  stillRefusedSql,
} from '../../storage/inbox.ts';
import type { SecretBox } from '../../storage/secret-box.ts';

/** What was sent, whole: enough to carry it out again. */
export interface Sent {
  readonly door: Door;
  readonly raw: string;
  readonly contentType: string;
  /** The sender's own id of it. */
  readonly id?: string;
  readonly sentAt?: Date;
  /** Of what came over FHIR: `POST`, `Observation/1`, `identifier=…`, and headers that change what is asked for. */
  readonly method?: string;
  readonly path?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface InboxDeps {
  /** Asking for everything. */
  readonly db: Db;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly newId: NewId;
}

export interface Inbox {
  /** Keep what was refused; the same from the same source again is counted. Answers the id of its line. */
  refuse(principal: EhrPrincipal, sent: Sent, refusal: FhirError): Promise<string>;
  list(query: InboxQuery): Promise<readonly InboxRow[]>;
  /** One line; undefined when there is none. */
  read(id: string): Promise<InboxRow | undefined>;
  /** With what was sent, as long as that is kept. */
  open(id: string): Promise<{ readonly row: InboxRow; readonly sent: Sent | undefined } | undefined>;
  /** It was carried out after all, or is let be. */
  settle(id: string, outcome: 'replayed' | 'dismissed', by: string): Promise<void>;
  /** It was tried again in vain. */
  refuseAgain(id: string, refusal: FhirError): Promise<void>;
  /** How each source stands, counted since a moment; `units` undefined = all. */
  sources(units: readonly string[] | undefined, since: Date): Promise<readonly SourceState[]>;
  /** What was sent is let go of when it is old, and beyond the latest of each source. */
  tidy(): Promise<void>;
}

const DAYS_KEPT = 90;
const MOST_KEPT = 10_000;
const DAY = 86_400_000;

const placeOf = (id: string): string => `inbox/sealed/${id}`;

/** The inbox over its table. */
export function createInbox({ db, box, clock, newId }: InboxDeps): Inbox {
  const one = async (id: string): Promise<(InboxRow & { readonly sealed: string | null }) | undefined> =>
    isId(id) ? (await db.query<InboxRow & { sealed: string | null }>(oneSql(id)))[0] : undefined;
  return {
    async refuse(principal, sent, refusal) {
      const now = clock.now();
      const id = newId(now);
      const [row] = await db.query<{ id: string }>(
        refusedSql({
          id,
          source: principal.subject,
          unit: principal.units[0] ?? null,
          door: sent.door,
          message: nameOf(sent.id),
          hash: hashOfMessage(whole(sent)),
          sentAt: sent.sentAt ?? null,
          now,
          status: refusal.status,
          issues: issuesText(refusal),
          sealed: box.seal(JSON.stringify(sent), placeOf(id)),
        }),
      );
      return row?.id ?? id;
    },
    list: (query) => db.query<InboxRow>(listSql(query)),
    async read(id) {
      const found = await one(id);
      return found && withoutSealed(found);
    },
    async open(id) {
      const found = await one(id);
      return (
        found && {
          row: withoutSealed(found),
          sent: found.sealed === null ? undefined : readSent(box.open(found.sealed, placeOf(id))),
        }
      );
    },
    async settle(id, outcome, by) {
      await db.query(settledSql(id, outcome, by, clock.now()));
    },
    async refuseAgain(id, refusal) {
      await db.query(stillRefusedSql(id, refusal.status, issuesText(refusal), clock.now()));
    },
    sources: (units, since) => db.query<SourceState>(sourcesSql(units, since)),
    async tidy() {
      const before = new Date(clock.now().getTime() - DAYS_KEPT * DAY);
      await db.query(forgetRefusedSql(before, MOST_KEPT));
    },
  };
}

/** The reasons as they were answered: what they quote of the message may be no text that a database takes. */
const issuesText = ({ issues }: FhirError): string =>
  JSON.stringify(issues, (_key, value: unknown) => (typeof value === 'string' ? printable(value) : value));

/** Two deletions have no text, and are not the same. */
const whole = ({ method, path, query, raw }: Sent): string =>
  raw === '' ? `${method ?? ''} ${path ?? ''}?${query ?? ''}` : raw;

const isId = (id: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);

function withoutSealed({ sealed: _sealed, ...row }: InboxRow & { readonly sealed: string | null }): InboxRow {
  return row;
}

function readSent(text: string): Sent {
  const sent = JSON.parse(text) as Omit<Sent, 'sentAt'> & { readonly sentAt?: string };
  const { sentAt, ...rest } = sent;
  return { ...rest, ...(sentAt !== undefined && { sentAt: new Date(sentAt) }) };
}

/** The reasons of a refusal, as they were answered. */
export const outcomeOf = ({ issues }: InboxRow): OperationOutcome =>
  toOutcome(
    issues.map((each) => ({ severity: 'error', ...each }) as Parameters<typeof toOutcome>[0][number]),
  );

/** Refusals that are a message's own fault, or the register's; who may not come in at all has sent no message. */
const KEPT: ReadonlySet<number> = new Set([400, 403, 404, 409, 410, 412, 413, 415, 422]);

/** Do the work of a message; what is refused is kept, and thrown on. */
export async function keepingRefused<T>(
  inbox: Pick<Inbox, 'refuse'>,
  principal: EhrPrincipal,
  sent: () => Sent,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof FhirError && KEPT.has(cause.status) && !mayPass(cause)) {
      await inbox.refuse(principal, sent(), cause);
    }
    throw cause;
  }
}

/** To be sent again as it is: the first of two at the same time is still being carried out. */
const mayPass = ({ headers }: FhirError): boolean => headers['Retry-After'] !== undefined;
