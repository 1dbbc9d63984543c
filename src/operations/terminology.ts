/**
 * The terminology service over REST, all operations together: https://hl7.org/fhir/R4/terminology-service.html
 */
import { newUuid } from '../fhir/id.ts';
import { createDefinitionFinder } from '../repository/definitions.ts';
import type { ResourceStore } from '../storage/store.ts';
import type { ServiceNeeds } from '../terminology/service.ts';
import type { OperationRoute } from './route.ts';
import type { TerminologyDeps } from './terminology-context.ts';
import { expandRoutes } from './terminology-expand.ts';
import { lookupRoutes } from './terminology-lookup.ts';
import { translateRoutes } from './terminology-translate.ts';
import { validateCodeRoutes } from './terminology-validate-code.ts';

/** `$expand`, `$validate-code`, `$lookup`, `$subsumes`, `$translate`. */
export function terminologyRoutes(
  needs: ServiceNeeds & { readonly store: Pick<ResourceStore, 'as'> },
): readonly OperationRoute[] {
  const deps: TerminologyDeps = {
    ...needs,
    storedFor: createDefinitionFinder(needs.store),
    newId: () => newUuid(needs.clock.now()),
  };
  return [
    ...expandRoutes(deps),
    ...validateCodeRoutes(deps),
    ...lookupRoutes(deps),
    ...translateRoutes(deps),
  ];
}
