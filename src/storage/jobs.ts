/**
 * Background work: jobs put into the queue by `StoreTransaction.enqueue` or by the timetable, run by this process.
 * A job runs at least once; a failed one is tried again later, each time after a longer wait (OB-02).
 */
import { Logger, type Runner, type RunnerOptions, run, runMigrations, runOnce } from 'graphile-worker';
import { atWork } from './abandoned-jobs.ts';
import type { Db } from './db.ts';

/** What a handler knows about its job. */
export interface JobContext {
  /** Stable over all attempts: the key for work that must not be done twice. */
  readonly id: string;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Aborted when the server is stopping. */
  readonly signal: AbortSignal | undefined;
}

export type JobHandler = (payload: unknown, job: JobContext) => Promise<void>;

/** A handler threw; the job will be tried again unless this was its last attempt. */
export interface JobFailure {
  readonly task: string;
  readonly job: JobContext;
  readonly error: unknown;
}

export interface JobsOptions {
  readonly db: Db;
  /** Task name → what to do. Jobs of other names stay in the queue. */
  readonly handlers: Readonly<Record<string, JobHandler>>;
  /** Timetable in crontab form (UTC): `0 3 * * * task`. */
  readonly crontab?: string;
  readonly concurrency?: number;
  /** Told of each failed attempt, for the log. */
  readonly onFailure?: (failure: JobFailure) => void;
}

export interface Jobs extends AsyncDisposable {
  /** Begin to take jobs, as soon as they are committed; those first that a killed process had begun, if no other is at work. */
  start(): Promise<void>;
  /** Take no more jobs, and wait for those under way. */
  stop(): Promise<void>;
  /** Run everything that is due, also what these jobs enqueue; answers the failed attempts. For tests. */
  runOnce(): Promise<readonly JobFailure[]>;
}

/** Make or update the queue's tables; needed before anything is enqueued. */
export async function migrateJobs(db: Db): Promise<void> {
  await runMigrations({ ...quiet, pgPool: db.pool });
}

export function createJobs({ db, handlers, crontab = '', concurrency = 4, onFailure }: JobsOptions): Jobs {
  const options = (report: (failure: JobFailure) => void): RunnerOptions => ({
    ...quiet,
    pgPool: db.pool,
    concurrency,
    taskList: Object.fromEntries(
      Object.entries(handlers).map(([task, handler]) => [task, toTask(task, handler, report)]),
    ),
  });
  const ignore = (): void => undefined;
  let runner: Runner | undefined;
  let presence: Awaited<ReturnType<typeof atWork>> | undefined;
  const stop = async (): Promise<void> => {
    const [running, present] = [runner, presence];
    [runner, presence] = [undefined, undefined];
    await running?.stop();
    present?.end();
  };
  return {
    async start() {
      presence ??= await atWork(db);
      runner ??= await run({ ...options(onFailure ?? ignore), crontab, pollInterval: 2000 });
    },
    stop,
    async runOnce() {
      const failures: JobFailure[] = [];
      await runOnce(
        options((failure) => {
          failures.push(failure);
          onFailure?.(failure);
        }),
      );
      return failures;
    },
    [Symbol.asyncDispose]: stop,
  };
}

type Task = NonNullable<NonNullable<RunnerOptions['taskList']>[string]>;

function toTask(task: string, handler: JobHandler, report: (failure: JobFailure) => void): Task {
  return async (payload, { job, abortSignal }) => {
    const context = { id: job.id, attempt: job.attempts, maxAttempts: job.max_attempts, signal: abortSignal };
    try {
      await handler(payload, context);
    } catch (error) {
      report({ task, job: context, error });
      throw error;
    }
  };
}

/** The library's own log holds payloads; failures reach ours through `onFailure`. Signals are main.ts's business. */
const quiet = {
  logger: new Logger(() => () => undefined),
  noHandleSignals: true,
} as const satisfies RunnerOptions;
