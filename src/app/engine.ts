/** What FHIR is, what the registers are, and the only road to their data. */
import type { Logger } from 'pino';
import { createRestHook } from '../adapters/rest-hook.ts';
import type { Config } from '../config.ts';
import { loadContent } from '../content/load.ts';
import { readPacks } from '../content/packs.ts';
import { loadR4 } from '../content/r4.ts';
import type { Clock, NewId } from '../fhir/id.ts';
import { createShapes } from '../fhir/shape.ts';
import type { Resource } from '../fhir/types.ts';
import { keepList, REFRESH_LIST } from '../registry/episode/keep-list.ts';
import { listRules } from '../registry/episode/list-entry.ts';
import { readRegistry, registryRules } from '../registry/registry.ts';
import { packsOf } from '../registry/sending/content-packs.ts';
import type { ContentPack } from '../registry/sending/pack.ts';
import { wordingState } from '../registry/sending/wording-state.ts';
import { publishContent } from '../registry/publication/publish-content.ts';
import { MEND_VALUES } from '../registry/form/mend-values.ts';
import { writeBackRule } from '../registry/form/write-back-rule.ts';
import { launchTasks } from '../registry/schedule/launch-task.ts';
import { hasNewVersions, MOVE_TASKS } from '../registry/schedule/move-tasks.ts';
import { subscriptionRule } from '../registry/subscription/subscription-rule.ts';
import { readTopics } from '../registry/subscription/topic.ts';
import { createDefinitionFinder } from '../repository/definitions.ts';
import { prepareIndex, type ReindexDeps } from '../repository/reindex.ts';
import { Repository } from '../repository/repository.ts';
import { conditionFinder, createSearchService } from '../repository/search.ts';
import { closeAccess } from '../smart/patient-access/close-access.ts';
import { dayInOslo } from '../sdc/expression.ts';
import { createIndexer } from '../search/indexer.ts';
import { createParameters } from '../search/parameters.ts';
import { createAuditLog } from '../storage/audit-log.ts';
import type { Storage } from '../storage/open-storage.ts';
import { EVERYTHING } from '../storage/row-access.ts';
import { createCodeChecker } from '../terminology/deferred.ts';
import { createCodeExpander } from '../terminology/service.ts';
import { createTerminology } from '../terminology/terminology.ts';
import { createValidator } from '../validation/validator.ts';

export interface EngineOptions {
  readonly config: Config;
  readonly storage: Pick<Storage, 'db' | 'store'>;
  readonly log: Logger;
  readonly clock: Clock;
  readonly newId: NewId;
  /** Where EHRs launch us, when any may: waiting forms say so (TK-01). */
  readonly launchUrl?: string | undefined;
  /** Is content written into the store? A command that says what would be written leaves it out. */
  readonly publishing?: 'at-start' | 'left-out';
}

export type Engine = Awaited<ReturnType<typeof createEngine>>;

/** Throws ContentError when a register's content is broken. */
export async function createEngine({
  config,
  storage,
  log,
  clock,
  newId,
  publishing = 'at-start',
  launchUrl,
}: EngineOptions) {
  const { db, store } = storage;
  const r4 = loadR4();
  const content = await loadContent([config.contentRoot]);
  const terminology = createTerminology({
    r4,
    valueSets: content.valueSets.all(),
    codeSystems: content.codeSystems.all(),
    conceptMaps: content.conceptMaps.all(),
  });
  const codes = createCodeChecker({ terminology, clock });
  const shapes = createShapes((type) => r4.structureDefinitions.get(type));
  const validator = createValidator({ r4, profiles: content.profiles.all(), terminology });
  const defined = createParameters([...r4.searchParameters.all(), ...content.searchParameters.all()], r4);
  const index = createIndexer(defined, { baseUrl: config.fhirBase });
  const reindexing: ReindexDeps = {
    db: db.as(EVERYTHING),
    parameters: defined,
    index,
    clock,
    report: (progress) => log.info(progress, progress.isDone ? 'indexed' : 'indexing'),
  };
  const { pending, hasWork } = await prepareIndex(reindexing);
  const expander = createCodeExpander({ terminology, db, clock }, createDefinitionFinder(store)(undefined));
  const parameters = { ...defined, pending, codes: expander };

  const audit = createAuditLog(db.as(EVERYTHING));
  const packs = await readPacks(config.contentPacksDir, content.instruments);
  const registry = readRegistry(content, packsOf(packs as unknown as readonly ContentPack[]));
  wordingState(registry, dayInOslo(clock.now()))
    .filter(({ languages }) => languages.length === 0)
    .forEach(({ form, instrument, lacking }) =>
      log.warn({ form, instrument, lacking }, 'closed to patients: no content pack has all of its wording'),
    );
  const lists = listRules(registry.schedules, registry.forms);
  const topics = readTopics(content.artefacts);
  const restHook = createRestHook({ trustedHosts: config.notifiedHosts });
  const repository = new Repository({
    store,
    validator,
    shapes,
    codes,
    indexer: (resource) => index(resource as unknown as Resource),
    findIds: conditionFinder(parameters, clock, config.fhirBase),
    rules: [
      subscriptionRule({ topics, parameters, restHook, baseUrl: config.fhirBase }),
      ...registryRules(registry),
      launchTasks(registry.schedules, launchUrl), // the EHR's work list can open what waits
      writeBackRule, // what a launch's form leaves in the EHR: a job
      closeAccess, // a form that does not wait any more lets nobody in
      keepList(lists), // the work lists tell of all of it
    ],
    audit,
    legalBasis: (id) => content.registers.find((register) => register.id === id)?.access.legalBasis,
    clock,
    newId,
    fhirBase: config.fhirBase,
  });
  const isPublished = publishing === 'at-start';
  const publishedArtefacts = isPublished
    ? await publishContent(db, repository, 'content', content.artefacts)
    : 0;
  if (isPublished) {
    await store.transaction((tx) => tx.enqueue(REFRESH_LIST, {}, { jobKey: REFRESH_LIST }));
  }
  if (isPublished && (await hasNewVersions({ db, schedules: registry.schedules }))) {
    await store.transaction((tx) => tx.enqueue(MOVE_TASKS, {}, { jobKey: MOVE_TASKS }));
  }
  if (isPublished) {
    await store.transaction((tx) => tx.enqueue(MEND_VALUES, {}, { jobKey: MEND_VALUES }));
  }
  if (hasWork) {
    await store.transaction((tx) => tx.enqueue('reindex', {}, { jobKey: 'reindex' }));
  }
  return {
    r4,
    content,
    terminology,
    codes,
    shapes,
    validator,
    parameters,
    reindexing,
    audit,
    registry,
    lists,
    topics,
    restHook,
    repository,
    publishedArtefacts,
    search: createSearchService({ repository, parameters }),
  };
}
