/** The FHIR API below `/fhir`, and what it says of itself. */
import type { Router } from 'express';
import { capabilityOptions } from '../interactions/capability-options.ts';
import { terminologyCapabilities } from '../operations/terminology-capabilities.ts';
import type { FormDeps } from '../registry/form/open-form.ts';
import type { RateLimits } from '../rest/rate-limits.ts';
import { restRouter } from '../rest/routes.ts';
import type { Background } from './background.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { operationRoutes } from './operations.ts';
import type { People } from './people.ts';
import { VERSION } from './version.ts';

export function fhirApi(
  options: EngineOptions,
  engine: Engine,
  people: People,
  background: Background,
  sources: FormDeps,
  limits: RateLimits,
): Router {
  const { config, log, clock, storage } = options;
  const { parameters, content, topics } = engine;
  const operations = operationRoutes(options, engine, background, sources);
  const self = { fhirBase: config.fhirBase, version: VERSION, startedAt: clock.now().toISOString() };
  return restRouter({
    ...background.interactions,
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
}
