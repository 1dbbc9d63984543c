/** What happens after an answer has been given: events to their consumers, exports, reindexing, tidying up. */
import { join } from 'node:path';
import type { NationalRegistries } from '../adapters/national/settings.ts';
import { crontabOf, PULL, PULL_ROUND, type PullJob } from '../adapters/ehr/pulling.ts';
import type { Wait } from '../adapters/ehr/pace.ts';
import { SEND_MESSAGE } from '../adapters/message/message.ts';
import { createSubset } from '../interactions/subset.ts';
import type { ExportDeps } from '../operations/export/deps.ts';
import { expireExports, resumeExports } from '../operations/export/expire.ts';
import { runExport } from '../operations/export/run.ts';
import type { ReplayDeps } from '../operations/inbox/replay.ts';
import { CAPTURE_FORMS, captureForms } from '../registry/capture/capture-forms.ts';
import { ERASE, erase, type Erasure } from '../registry/consent/erase.ts';
import { MEND_VALUES, mendValues } from '../registry/form/mend-values.ts';
import { KEEP_UNMAPPED, keepUnmapped } from '../registry/form/unmapped-values.ts';
import { REFRESH_LIST, refreshList } from '../registry/episode/keep-list.ts';
import { NOTIFY, subscriptionConsumer } from '../registry/subscription/consumer.ts';
import { createSubscriptions } from '../registry/subscription/subscriptions.ts';
import { loadHeadKey } from '../registry/audit/head-key.ts';
import { createTrailKeeper } from '../registry/audit/keeper.ts';
import { createTrailReview } from '../registry/audit/review.ts';
import { MOVE_TASKS, moveTasks } from '../registry/schedule/move-tasks.ts';
import { DELIVER_FORM } from '../registry/sending/sending-rule.ts';
import { WRITE_BACK, type WriteBackJob } from '../registry/form/write-back-rule.ts';
import { KEEP_UP, keepUp } from '../registry/person/keep-up.ts';
import { forgetKeysSql } from '../repository/once.ts';
import { runReindex } from '../repository/reindex.ts';
import { FORGOTTEN_PASSWORD, sendResetCode } from '../smart/people/forgotten-password.ts';
import { namesOf } from '../smart/accounts.ts';
import { writeBack } from '../smart/write-back.ts';
import { standingsIn } from '../smart/write-back-standings.ts';
import { lockedFormOf } from '../web/data/record-text.ts';
import type { Sources } from '../web/data/sources.ts';
import { createJobs } from '../storage/jobs.ts';
import { openOutbox } from '../storage/outbox.ts';
import { OUTBOX_JOB, wakeOutbox } from '../storage/outbox-wake.ts';
import { EVERYTHING } from '../storage/row-access.ts';
import { viewConsumer } from '../views/consumer.ts';
import { refreshSince } from '../views/refresh.ts';
import { REPLAY_REFUSED, replayRefused } from './connections.ts';
import type { Engine, EngineOptions } from './engine.ts';
import type { People } from './people.ts';
import { pullingOf } from './pulling.ts';
import { createReceived } from './received.ts';
import type { PatientForms } from './sending.ts';

/** Sunday nights, when nobody is at work. */
const WEEKLY = `30 3 * * 0 ${KEEP_UP}`;
const CRONTAB = '17 * * * * tidy\n* * * * * resume\n* * * * * round\n* * * * * send-forms';

export type Background = Awaited<ReturnType<typeof createBackground>>;

/** What background work has beside the engine. */
interface Around {
  readonly patientForms: PatientForms;
  readonly national: NationalRegistries;
  /** In [0, 1): the jitter of repeated attempts. */
  readonly random: () => number;
  /** How requests to EHRs wait for their turn; for tests. */
  readonly wait?: Wait | undefined;
  /** Ways in beside FHIR, for what is carried out again. */
  readonly doors: ReplayDeps['doors'];
}

export async function createBackground(
  { config, storage, log, clock, newId }: EngineOptions,
  engine: Engine,
  people: People,
  { patientForms, national, random, wait, doors }: Around,
) {
  const { smart, messages, accounts, units, findSubscriber, inbox } = people;
  const { store } = storage;
  const db = storage.db.as(EVERYTHING); // what callers asked for is done with their rights: each job says with whose
  const { repository, search, parameters, topics, restHook } = engine;

  const pulling = pullingOf({ config, storage, log, clock, newId }, engine, people, {
    ehrs: smart.ehrs.known,
    handOn: () => outbox.run(),
    wait,
  });

  // consumers of the outbox: in the order of the list, each at its own place
  const { indexer } = repository.deps;
  const matching = { session: store.as(EVERYTHING), topics, parameters, indexer, findSubscriber, clock };
  const outbox = await openOutbox(db, [
    subscriptionConsumer({ ...matching, baseUrl: config.fhirBase }),
    viewConsumer(({ name }, err) => log.error({ err, table: name }, 'a table of a view stays behind')),
    ...(pulling.connections.length === 0 ? [] : [pulling.consumer]),
  ]);
  const subscriptions = createSubscriptions({
    db,
    repository,
    search,
    topics,
    restHook,
    findSubscriber,
    random,
  });
  wakeOutbox(store, db);

  const subset = createSubset(engine.r4);
  const { interactions, received } = createReceived(
    { config, storage, log, clock, newId },
    engine,
    people,
    subset,
    { ...doors, pull: pulling.takeAgain },
  );
  const folder = join(config.dataDir, 'exports');
  const exports: ExportDeps = { db, repository, parameters, subset, clock, folder };
  const trail = createTrailKeeper({
    ...repository.deps,
    db,
    folder: config.auditHeadsDir,
    key: await loadHeadKey(db),
    months: config.auditMonths,
    onFailure: (err) => log.error({ err }, 'the audit trail could not be sealed'),
  });
  const standings = standingsIn(db);
  const { known: ehrs, client, launches } = smart.ehrs;
  const { forms } = engine.registry;
  const sources: Sources = {
    ...{ repository, search, forms, registry: engine.registry, units },
    namesOf: (accounts) => namesOf(storage.db.pool, accounts),
    newRequestId: () => newId(clock.now()),
  };
  const writing = {
    ...{ ehrs, client, launches, standings, clock, fhirBase: config.fhirBase },
    lockedForm: (response: string) => lockedFormOf(sources, response),
  };
  const jobs = createJobs({
    db,
    handlers: {
      export: (payload) => runExport(exports, payload as { id: string }),
      resume: () => resumeExports(exports),
      [OUTBOX_JOB]: async () => void (await outbox.run()),
      [NOTIFY]: (payload) => subscriptions.deliver((payload as { id: string }).id),
      async [SEND_MESSAGE](payload, job) {
        await messages.deliver(payload, job);
        await patientForms.settle(payload);
      },
      [CAPTURE_FORMS]: (payload) => captureForms({ repository, search, ...engine.registry }, payload),
      [KEEP_UNMAPPED]: (payload) => keepUnmapped({ repository, ...engine.registry }, payload),
      async [MEND_VALUES]() {
        const tasks = await mendValues({ repository, search, ...engine.registry });
        log.info({ tasks }, 'values that could not be coded before are coded');
      },
      [WRITE_BACK]: (payload, job) => writeBack(writing, payload as WriteBackJob, job),
      [DELIVER_FORM]: (payload, job) => patientForms.deliver(payload, job),
      async [PULL](payload, { signal }) {
        const { ehr, changes = false } = payload as PullJob;
        await pulling.pull(ehr, { changes }, signal);
      },
      [PULL_ROUND]: (_payload, { signal }) => pulling.round(signal),
      'send-forms': async () => void (await patientForms.advance()),
      [FORGOTTEN_PASSWORD]: (payload) => sendResetCode(accounts, payload),
      async round() {
        await outbox.run();
        await subscriptions.sweep();
      },
      [ERASE]: (payload) => erase(db, payload as Erasure),
      [REFRESH_LIST]: (_payload, { signal }) =>
        refreshList({ ...engine.lists, store, now: () => clock.now() }, signal),
      async [KEEP_UP](_payload, { signal }) {
        const { population } = national;
        const uuid = (): string => newId(clock.now());
        const kept = await keepUp({ repository, population, newId: uuid }, signal);
        log.info(kept, 'persons were compared with the population registry');
      },
      async [MOVE_TASKS](_payload, { signal }) {
        const tasks = await moveTasks({ db, repository, ...engine.registry }, signal);
        log.info({ tasks }, 'forms that are not begun have the version of the schedule');
      },
      [REPLAY_REFUSED]: (payload) => replayRefused(received, payload),
      reindex: (_payload, { signal }) => runReindex(engine.reindexing, signal),
      async tidy() {
        await expireExports(exports);
        await db.query(forgetKeysSql(clock.now()));
        await inbox.tidy();
        await smart.sweep();
        await refreshSince(db);
        await trail.tidy();
      },
    },
    crontab: [CRONTAB, ...(national.isKeptUp ? [WEEKLY] : []), ...crontabOf(pulling.connections)].join('\n'),
    onFailure: ({ task, job, error }) => log.error({ err: error, task, job: job.id }, 'job failed'),
  });
  const review = createTrailReview({ repository, db, units });
  return { pulling, standings, outbox, subscriptions, jobs, trail, review, exports, interactions, received };
}
