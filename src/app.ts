/**
 * Everything exists once, in the order it depends on the rest. Reading this file top to bottom is reading the server.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import express, { type Express, type Router } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { createRestHook } from './adapters/rest-hook.ts';
import type { Config } from './config.ts';
import { loadContent } from './content/load.ts';
import { loadR4 } from './content/r4.ts';
import { type Clock, newUuid, type NewId, systemClock } from './fhir/id.ts';
import { unauthorized } from './fhir/outcome.ts';
import { createShapes } from './fhir/shape.ts';
import type { Resource } from './fhir/types.ts';
import { createXmlFormat } from './fhir/xml.ts';
import { capabilityOptions } from './interactions/capability-options.ts';
import { createSubset } from './interactions/subset.ts';
import { assembleRoutes } from './operations/assemble.ts';
import { everythingRoutes } from './operations/everything.ts';
import { extractRoutes } from './operations/extract.ts';
import { matchRoutes } from './operations/match.ts';
import { metaRoutes } from './operations/meta.ts';
import { validateResponseRoutes } from './operations/validate-response.ts';
import { expireExports, resumeExports } from './operations/export/expire.ts';
import { exportRoutes } from './operations/export/routes.ts';
import { runExport } from './operations/export/run.ts';
import { populateRoutes } from './operations/populate.ts';
import { subscriptionEventRoutes } from './operations/subscription-events.ts';
import { subscriptionStatusRoutes } from './operations/subscription-status.ts';
import { terminologyCapabilities } from './operations/terminology-capabilities.ts';
import { terminologyRoutes } from './operations/terminology.ts';
import { validateRoutes } from './operations/validate/routes.ts';
import { viewDefinitionRoutes } from './operations/viewdefinition-run.ts';
import type { FormDeps } from './registry/form/open-form.ts';
import { registryRules, readRegistry } from './registry/registry.ts';
import { findRoles, findRolesOfHpr } from './registry/person/roles.ts';
import { publishContent } from './registry/publication/publish-content.ts';
import { NOTIFY, subscriptionConsumer } from './registry/subscription/consumer.ts';
import type { FindSubscriber } from './registry/subscription/subscriber.ts';
import { subscriptionRule } from './registry/subscription/subscription-rule.ts';
import { createSubscriptions, type Subscriptions } from './registry/subscription/subscriptions.ts';
import { readTopics } from './registry/subscription/topic.ts';
import { createUnitTree } from './registry/unit/unit-tree.ts';
import { auditSecurity } from './registry/audit/security-events.ts';
import { prepareIndex, type ReindexDeps, runReindex } from './repository/reindex.ts';
import { createDefinitionFinder } from './repository/definitions.ts';
import { Repository } from './repository/repository.ts';
import { conditionFinder, createSearchService } from './repository/search.ts';
import { restRouter } from './rest/routes.ts';
import { createIndexer } from './search/indexer.ts';
import { createParameters } from './search/parameters.ts';
import { dayInOslo } from './sdc/expression.ts';
import { type Ehr } from './smart/launch-context.ts';
import { createSmart, type Smart } from './smart/smart.ts';
import { createAuditLog } from './storage/audit-log.ts';
import { createJobs, type Jobs } from './storage/jobs.ts';
import type { Storage } from './storage/open-storage.ts';
import { openOutbox, type Outbox } from './storage/outbox.ts';
import { OUTBOX_JOB, wakeOutbox } from './storage/outbox-wake.ts';
import { createCodeChecker } from './terminology/deferred.ts';
import { createCodeExpander } from './terminology/service.ts';
import { createTerminology } from './terminology/terminology.ts';
import { createValidator } from './validation/validator.ts';
import { viewConsumer } from './views/consumer.ts';
import { createViewLibrary } from './views/library.ts';
import { refreshSince } from './views/refresh.ts';
import { bearerChallenge, standingPrincipal } from './smart/principal.ts';
import { assetsRouter, createWebRouter } from './web/router.tsx';
import { type DemoHints, webDeps } from './web-deps.ts';

const VERSION = '0.1.0';

export interface AppOptions {
  readonly config: Config;
  readonly storage: Pick<Storage, 'db' | 'store'>;
  readonly log: Logger;
  /** EHRs that may launch us. */
  readonly ehrs: readonly Ehr[];
  /** What demo mode shows on the pages. */
  readonly hints: DemoHints;
  /** Further routes, before the pages. */
  readonly mounts?: readonly { readonly path: string; readonly router: Router }[];
  readonly clock?: Clock;
  readonly newId?: NewId;
  /** In [0, 1): the jitter of repeated attempts. */
  readonly random?: () => number;
}

export interface App {
  /** The HTTP handler. */
  readonly http: Express;
  readonly repository: Repository;
  readonly jobs: Jobs;
  readonly smart: Smart;
  /** What forms are opened and saved with. */
  readonly forms: FormDeps;
  readonly publishedArtefacts: number;
  /** Hands what has changed to its consumers. */
  readonly outbox: Outbox;
  readonly subscriptions: Subscriptions;
}

/** Build the server on an open storage. Throws ContentError when a register's content is broken. */
export async function createApp(options: AppOptions): Promise<App> {
  const { config, storage, log, ehrs, hints, mounts = [], clock = systemClock, newId = newUuid } = options;
  const { random = Math.random } = options;
  const { db, store } = storage;

  // content: what FHIR is, what the registers are
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
    db,
    parameters: defined,
    index,
    clock,
    report: (progress) => log.info(progress, progress.isDone ? 'indexed' : 'indexing'),
  };
  const { pending, hasWork } = await prepareIndex(reindexing);
  const expander = createCodeExpander(
    { terminology, db, clock },
    createDefinitionFinder(store.session)(undefined),
  );
  const parameters = { ...defined, pending, codes: expander };

  // the only road to data, and the registers' rules on it
  const audit = createAuditLog(db);
  const registry = readRegistry(content);
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
    ],
    audit,
    clock,
    newId,
    fhirBase: config.fhirBase,
  });
  const publishedArtefacts = await publishContent(db, repository, 'content', content.artefacts);
  const search = createSearchService({ repository, parameters });

  // who may come in
  const units = createUnitTree(store.session, clock);
  const today = (): string => dayInOslo(clock.now());
  const smart = await createSmart({
    db: db.pool,
    config: { publicUrl: config.publicUrl, fhirBase: config.fhirBase, mode: config.mode, ehrs },
    clock,
    findRoles: (ids) => findRoles(store.session, ids, today()),
    findRolesOfHpr: (hpr) => findRolesOfHpr(store.session, hpr, today()),
    log: auditSecurity({ audit, clock, newId }),
  });

  // who is told of what has changed: in the order of the list, each at its own place
  const findSubscriber: FindSubscriber = async (subject, scopes) => {
    const principal = await standingPrincipal(db.pool, subject, scopes);
    return principal?.kind === 'ehr'
      ? { ...principal, units: await units.withDescendants(principal.units) }
      : principal;
  };
  const { indexer } = repository.deps;
  const matching = { session: store.session, topics, parameters, indexer, findSubscriber, clock };
  const outbox = await openOutbox(db, [
    subscriptionConsumer({ ...matching, baseUrl: config.fhirBase }),
    viewConsumer(({ name }, err) => log.error({ err, table: name }, 'a table of a view stays behind')),
  ]);
  const notifying = { db, repository, search, topics, restHook, findSubscriber, random };
  const subscriptions = createSubscriptions(notifying);
  wakeOutbox(store, db);

  // background work
  const subset = createSubset(r4);
  const exports = { db, repository, parameters, subset, clock, folder: join(config.dataDir, 'exports') };
  const jobs = createJobs({
    db,
    handlers: {
      export: (payload) => runExport(exports, payload as { id: string }),
      resume: () => resumeExports(exports),
      [OUTBOX_JOB]: async () => void (await outbox.run()),
      [NOTIFY]: (payload) => subscriptions.deliver((payload as { id: string }).id),
      async round() {
        await outbox.run();
        await subscriptions.sweep();
      },
      reindex: (_payload, { signal }) => runReindex(reindexing, signal),
      async tidy() {
        await expireExports(exports);
        await smart.sweep();
        await refreshSince(db);
      },
    },
    crontab: '17 * * * * tidy\n* * * * * resume\n* * * * * round',
    onFailure: ({ task, job, error }) => log.error({ err: error, task, job: job.id }, 'job failed'),
  });
  if (hasWork) {
    await store.transaction((tx) => tx.enqueue('reindex', {}, { jobKey: 'reindex' }));
  }

  // the doors
  const sources = { repository, search, forms: registry.forms, registry, units };
  const views = createViewLibrary(content.registers, config.fhirBase);
  const operations = [
    ...exportRoutes(exports),
    ...populateRoutes(sources),
    ...assembleRoutes(),
    ...extractRoutes(registry.forms),
    ...validateResponseRoutes(registry.forms),
    ...everythingRoutes(),
    ...matchRoutes(),
    ...metaRoutes(),
    ...subscriptionStatusRoutes({ db, topics }),
    ...subscriptionEventRoutes({ db, topics }),
    ...validateRoutes({ validator, codes, terminology, parameters, forms: registry.forms, clock }),
    ...viewDefinitionRoutes(views),
    ...terminologyRoutes({ terminology, db, session: store.session, clock }),
  ];
  const http = express();
  http.disable('x-powered-by').set('trust proxy', 'loopback');
  http.get('/healthz', async (_request, response) => {
    await db.query({ text: 'select 1' });
    response.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  http.use((_request, response, next) => {
    response.locals['requestId'] = randomUUID();
    response.set('X-Request-Id', response.locals['requestId'] as string);
    next();
  });
  http.use(helmet({ contentSecurityPolicy: false, hsts: config.publicUrl.startsWith('https:') }));
  http.use(smart.router);
  http.use(
    '/fhir',
    restRouter({
      repository,
      search,
      subset,
      fhirBase: config.fhirBase,
      xml: createXmlFormat(shapes),
      maxBundleEntries: config.maxBundleEntries,
      maxBundleBytes: config.maxBundleBytes,
      operations,
      log,
      refusePersonNumbersInUrls: config.refusePersonNumbersInUrls,
      terminologyCapabilities: terminologyCapabilities({
        db,
        clock,
        codeSystems: content.codeSystems.all(),
        fhirBase: config.fhirBase,
        version: VERSION,
        startedAt: clock.now().toISOString(),
      }),
      smartConfiguration: () => smart.smartConfiguration(),
      capabilityOptions: capabilityOptions({
        fhirBase: config.fhirBase,
        parameters,
        content,
        operations,
        topics: topics.all(),
        version: VERSION,
        startedAt: clock.now().toISOString(),
      }),
      async authenticate(request) {
        const principal = await smart.authenticate(request);
        if (principal === undefined) {
          throw unauthorized('An access token is needed here.', { 'WWW-Authenticate': bearerChallenge() });
        }
        return principal.kind === 'ehr'
          ? { ...principal, units: await units.withDescendants(principal.units) }
          : principal;
      },
    }),
  );
  for (const { path, router } of mounts) {
    http.use(path, router);
  }
  http.use(assetsRouter(config.webRoot));
  http.use(createWebRouter(webDeps({ config, smart, sources, hints })));
  return { http, repository, jobs, smart, forms: sources, publishedArtefacts, outbox, subscriptions };
}
