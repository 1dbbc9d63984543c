/** The FHIR API below `/fhir`, and what it says of itself. */
import type { Router } from 'express';
import { createXmlFormat } from '../fhir/xml.ts';
import { capabilityOptions } from '../interactions/capability-options.ts';
import { carryOut, type CarryOutDeps } from '../operations/inbox/carry-out.ts';
import type { ReplayDeps, TakeAgain } from '../operations/inbox/replay.ts';
import { terminologyCapabilities } from '../operations/terminology-capabilities.ts';
import type { FormDeps } from '../registry/form/open-form.ts';
import type { RateLimits } from '../rest/rate-limits.ts';
import { restRouter } from '../rest/routes.ts';
import type { Background } from './background.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { operationRoutes } from './operations.ts';
import type { People } from './people.ts';
import { VERSION } from './version.ts';

export interface FhirApi {
  readonly router: Router;
  /** What systems have sent, and how it is carried out again. */
  readonly received: ReplayDeps;
}

export function fhirApi(
  options: EngineOptions,
  engine: Engine,
  people: People,
  background: Background,
  sources: FormDeps,
  limits: RateLimits,
  doors: ReplayDeps['doors'],
): FhirApi {
  const { config, log, clock, storage } = options;
  const { repository, search, parameters, content, topics, shapes } = engine;
  const operations = operationRoutes(options, engine, background, sources);
  const self = { fhirBase: config.fhirBase, version: VERSION, startedAt: clock.now().toISOString() };
  const { inbox, findSender } = people;
  const deps: CarryOutDeps = {
    repository,
    search,
    subset: background.subset,
    fhirBase: config.fhirBase,
    xml: createXmlFormat(shapes),
    maxBundleEntries: config.maxBundleEntries,
    inbox,
  };
  const takeAgain: TakeAgain = (principal, sent) => carryOut(deps, principal, sent);
  const received = { inbox, findSender, doors: { ...doors, fhir: takeAgain, message: takeAgain } };
  const router = restRouter({
    ...deps,
    maxBundleBytes: config.maxBundleBytes,
    operations,
    log,
    refusePersonNumbersInUrls: config.refusePersonNumbersInUrls,
    terminologyCapabilities: terminologyCapabilities({
      ...self,
      db: storage.db,
      clock,
      codeSystems: content.codeSystems.all(),
    }),
    smartConfiguration: () => people.smart.smartConfiguration(),
    capabilityOptions: capabilityOptions({ ...self, parameters, content, operations, topics: topics.all() }),
    authenticate: people.authenticate,
    limits,
  });
  return { router, received };
}
