/** The FHIR operations that the server has; the CapabilityStatement is made from the same list. */
import { assembleRoutes } from '../operations/assemble.ts';
import { everythingRoutes } from '../operations/everything.ts';
import { exportRoutes } from '../operations/export/routes.ts';
import { extractRoutes } from '../operations/extract.ts';
import { processMessageRoutes } from '../operations/inbox/process-message.ts';
import { matchRoutes } from '../operations/match.ts';
import { metaRoutes } from '../operations/meta.ts';
import { populateRoutes } from '../operations/populate.ts';
import { subscriptionEventRoutes } from '../operations/subscription-events.ts';
import { subscriptionStatusRoutes } from '../operations/subscription-status.ts';
import { terminologyRoutes } from '../operations/terminology.ts';
import { validateResponseRoutes } from '../operations/validate-response.ts';
import { validateRoutes } from '../operations/validate/routes.ts';
import { viewDefinitionRoutes } from '../operations/viewdefinition-run.ts';
import type { FormDeps } from '../registry/form/open-form.ts';
import { EVERYTHING } from '../storage/row-access.ts';
import { createViewLibrary } from '../views/library.ts';
import type { Background } from './background.ts';
import type { Engine, EngineOptions } from './engine.ts';

export function operationRoutes(
  { config, storage: { db, store }, clock }: EngineOptions,
  { content, validator, codes, terminology, parameters, registry, topics }: Engine,
  { exports }: Background,
  sources: FormDeps,
) {
  return [
    ...exportRoutes(exports),
    ...populateRoutes(sources),
    ...assembleRoutes(),
    ...extractRoutes(registry.forms),
    ...validateResponseRoutes(registry.forms),
    ...everythingRoutes(),
    ...matchRoutes(),
    ...metaRoutes(),
    ...processMessageRoutes(),
    ...subscriptionStatusRoutes({ db: db.as(EVERYTHING), topics }),
    ...subscriptionEventRoutes({ db: db.as(EVERYTHING), topics }),
    ...validateRoutes({ validator, codes, terminology, parameters, forms: registry.forms, clock }),
    ...viewDefinitionRoutes(createViewLibrary(content.registers, config.fhirBase)),
    ...terminologyRoutes({ terminology, db, store, clock }),
  ];
}
