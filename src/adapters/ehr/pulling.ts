/**
 * The connections to EHRs that we fetch from ourselves: when, for whom, one run of a connection at a time, and how each of them
 * stands (docs/adr/0036).
 */
import type { JWK } from 'jose';
import type { EhrPrincipal, Principal } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { recordOperations } from '../../registry/intake/record-bundle.ts';
import type { Sent } from '../../registry/intake/inbox.ts';
import type { Queryable } from '../../storage/db.ts';
import type { OutboxConsumer } from '../../storage/outbox.ts';
import {
  type Backlog,
  backlogSql,
  contactSql,
  failedSql,
  finishedRunSql,
  holdSql,
  type PullState,
  releaseSql,
  stateSql,
  waitSql,
} from '../../storage/pull.ts';
import { guardedFetch } from '../guarded-fetch.ts';
import { type BackendToken, backendToken } from './backend-token.ts';
import { EhrAway, type PullConnection, type PullFailure } from './connection.ts';
import { createPace, type Wait } from './pace.ts';
import { beginRound, goOn, type Run, type RunDeps } from './pull-run.ts';
import type { Counts } from './pull-take.ts';
import { ehrReader, type EhrReader } from './reader.ts';

export const PULL = 'pull';
/** Job: go on with everything that waits. */
export const PULL_ROUND = 'pull-round';

export interface PullingDeps extends RunDeps {
  readonly connections: readonly PullConnection[];
  readonly findSender: (source: string) => Promise<Principal | undefined>;
  /** The key that the server publishes, for connections without one of their own. */
  readonly ownKey: () => JWK;
  readonly wait: Wait;
  readonly newHolder: () => string;
}

export interface PullJob {
  readonly ehr: string;
  /** Begin a round of what has changed. */
  readonly changes?: boolean;
}

export interface Asked {
  /** Ask for what has changed; else only what waits is gone on with. */
  readonly changes?: boolean;
  /** What changed since then, whatever was taken before. */
  readonly since?: Date;
  /** Everything about this Patient (id here). */
  readonly patient?: string;
  /** Also while the EHR is to be left alone: an operator asks. */
  readonly now?: boolean;
}

export type Pulled =
  | { readonly kind: 'done'; readonly counts: Counts }
  | { readonly kind: 'away'; readonly failure: PullFailure }
  /** Another run has it. */
  | { readonly kind: 'busy' }
  /** It is to be left alone for a while. */
  | { readonly kind: 'waiting'; readonly until: string };

/** How a connection stands. */
export interface PullStanding extends Omit<PullState, 'ehr'>, Omit<Backlog, 'ehr'> {
  readonly ehr: string;
  readonly source: string;
  readonly registers: readonly string[];
  readonly schedule: string;
}

export interface Pulling {
  readonly connections: readonly PullConnection[];
  /** One run. Undefined: there is no such connection. */
  pull(ehr: string, asked: Asked, signal?: AbortSignal): Promise<Pulled | undefined>;
  /** Go on with what waits, in every connection that may be asked. */
  round(signal?: AbortSignal): Promise<void>;
  standings(): Promise<readonly PullStanding[]>;
  /** A pathway that is opened makes its person wait. */
  readonly consumer: OutboxConsumer;
  /** What was fetched and refused, carried out again. Throws FhirError. */
  takeAgain(principal: EhrPrincipal, sent: Sent): Promise<void>;
}

const HELD_MS = 3 * 60_000;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 3_600_000;

const ask = guardedFetch({ reach: 'configured', timeoutMs: 30_000, maxBytes: 16 * 1024 * 1024 });

export function createPulling(deps: PullingDeps): Pulling {
  const { connections, db, clock } = deps;
  const names = connections.map(({ ehr }) => ehr);
  const readers = new Map(connections.map((connection) => [connection.ehr, readerOf(connection, deps)]));
  const pull: Pulling['pull'] = async (ehr, asked, signal) => {
    const connection = connections.find((one) => one.ehr === ehr);
    const reader = readers.get(ehr);
    return connection === undefined || reader === undefined
      ? undefined
      : held(deps, connection, asked, (holder) => run(deps, { connection, reader, asked, holder, signal }));
  };
  return {
    connections,
    pull,
    async round(signal) {
      const backlog = await db.query<Backlog>(backlogSql(names));
      for (const { ehr } of backlog.filter(({ persons, queries }) => persons + queries > 0)) {
        await pull(ehr, {}, signal);
      }
    },
    async standings() {
      const states = await db.query<PullState>(stateSql(names));
      const backlog = await db.query<Backlog>(backlogSql(names));
      return connections.map(({ ehr, source, registers, schedule }) => ({
        ...NEVER,
        ...states.find((one) => one.ehr === ehr),
        ...backlog.find((one) => one.ehr === ehr),
        ...{ ehr, source, registers, schedule },
      }));
    },
    consumer: consumerOf(deps),
    async takeAgain(principal, sent) {
      const { repository, newId } = deps;
      await repository.commit(
        { principal, requestId: newId(clock.now()), interaction: PULL },
        recordOperations(parseJson(sent.raw) as JsonObject, repository.deps.shapes, clock.now()),
        { message: { door: 'pull', raw: sent.raw, isBundle: true } },
      );
    },
  };
}

const NEVER: Omit<PullState & Backlog, 'ehr'> = {
  lastContact: null,
  lastRun: null,
  failures: 0,
  failure: null,
  failedAt: null,
  notBefore: null,
  persons: 0,
  queries: 0,
  problems: [],
};

function readerOf(connection: PullConnection, { clock, wait, ownKey }: PullingDeps): EhrReader {
  const pace = createPace(connection.requestsPerSecond, clock, wait);
  const token: BackendToken = backendToken(connection, { ask, clock, ownKey, pace });
  return ehrReader(connection.fhirBase, { ask, token, clock, pace });
}

/** The connection is this run's alone; when the EHR is away it is left alone for a while, longer each time. */
async function held(
  { db, clock, newHolder }: PullingDeps,
  { ehr }: PullConnection,
  { now: isAtOnce = false }: Asked,
  work: (holder: string) => Promise<Pulled>,
): Promise<Pulled> {
  const [state] = await db.query<PullState>(stateSql([ehr]));
  const now = clock.now();
  if (!isAtOnce && state?.notBefore != null && Date.parse(state.notBefore) > now.getTime()) {
    return { kind: 'waiting', until: state.notBefore };
  }
  const holder = newHolder();
  if ((await db.query(holdSql(ehr, holder, now, new Date(now.getTime() + HELD_MS)))).length === 0) {
    return { kind: 'busy' };
  }
  try {
    return await work(holder);
  } catch (cause) {
    if (!(cause instanceof EhrAway)) {
      throw cause;
    }
    const failures = state?.failures ?? 0;
    const own = Math.min(FIRST_WAIT_MS * 2 ** Math.min(failures, 10), LONGEST_WAIT_MS);
    const failedAt = clock.now();
    const notBefore = new Date(failedAt.getTime() + Math.max(cause.retryAfterMs ?? 0, own));
    await db.query(failedSql(ehr, cause.failure, failedAt, notBefore));
    return { kind: 'away', failure: cause.failure };
  } finally {
    await db.query(releaseSql(ehr, holder));
  }
}

interface Running {
  readonly connection: PullConnection;
  readonly reader: EhrReader;
  readonly asked: Asked;
  readonly holder: string;
  readonly signal: AbortSignal | undefined;
}

async function run(deps: PullingDeps, running: Running): Promise<Pulled> {
  const { connection, reader, asked, holder, signal } = running;
  const { ehr, source } = connection;
  const { db, clock } = deps;
  const principal = await deps.findSender(source);
  if (principal?.kind !== 'ehr') {
    throw new EhrAway('sender-unknown');
  }
  const one: Run = {
    ...{ ehr, connection, reader, principal },
    async goOn() {
      signal?.throwIfAborted();
      const now = clock.now();
      const kept = await db.query(holdSql(ehr, holder, now, new Date(now.getTime() + HELD_MS)));
      if (kept.length === 0) {
        throw new Error(`another run has taken over the connection ${ehr}`);
      }
    },
  };
  if (asked.patient !== undefined) {
    await db.query(waitSql(ehr, [asked.patient]));
  }
  if (asked.changes === true) {
    await beginRound(deps, one, asked.since ?? null);
  }
  const heard = heardBy(reader);
  const { counts, isRoundFinished } = await goOn(deps, { ...one, reader: heard.reader }).finally(() =>
    heard.hasAnswered() ? db.query(contactSql(ehr, clock.now())) : undefined,
  );
  if (isRoundFinished) {
    await db.query(finishedRunSql(ehr, clock.now()));
  }
  return { kind: 'done', counts };
}

/** The same reader, and whether anything was answered through it. */
function heardBy(reader: EhrReader): { readonly reader: EhrReader; readonly hasAnswered: () => boolean } {
  let count = 0;
  const counted = async <T>(asking: Promise<T>): Promise<T> => {
    const answer = await asking;
    count += 1;
    return answer;
  };
  return {
    reader: {
      base: reader.base,
      get: (address) => counted(reader.get(address)),
      search: (type, query) => counted(reader.search(type, query)),
    },
    hasAnswered: () => count > 0,
  };
}

const consumerOf = ({ connections, findSender }: PullingDeps): OutboxConsumer => ({
  name: 'pull',
  types: ['EpisodeOfCare'],
  async consume(tx, events) {
    const opened = events.filter(({ op }) => op === 'C');
    for (const { ehr, source, registers } of opened.length === 0 ? [] : connections) {
      const sender = await findSender(source);
      const units = sender?.kind === 'ehr' ? sender.units : [];
      const patients = opened
        .filter(({ register, unit }) => registers.includes(register ?? '') && units.includes(unit ?? ''))
        .flatMap(({ patient }) => patient ?? []);
      if (patients.length > 0) {
        await tx.query(waitSql(ehr, [...new Set(patients)]));
        await enqueue(tx, { ehr });
      }
    }
  },
});

const enqueue = (tx: Queryable, job: PullJob): Promise<unknown> =>
  tx.query({
    text: `select graphile_worker.add_job($1, $2::json, job_key => $3)`,
    values: [PULL, JSON.stringify(job), `${PULL}:${job.ehr}`],
  });

/** Timetable of the connections, in crontab form. */
export const crontabOf = (connections: readonly PullConnection[]): readonly string[] => [
  ...connections.map(
    ({ ehr, schedule }) =>
      `${schedule} ${PULL} ?id=${PULL}-${ehr} ${JSON.stringify({ ehr, changes: true } satisfies PullJob)}`,
  ),
  ...(connections.length === 0 ? [] : [`* * * * * ${PULL_ROUND}`]),
];
