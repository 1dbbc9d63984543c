/** https://hl7.org/fhir/R4/valueset-operation-expand.html */
import { badRequest } from '../fhir/outcome.ts';
import { formatCanonical } from '../fhir/canonical.ts';
import type { ValueSet } from '../fhir/types.ts';
import type { Deps, FhirRequest, FhirResponse } from '../interactions/exchange.ts';
import { expandParts } from '../terminology/expand.ts';
import { type SystemVersions, type TerminologyService, valueSetUnknown } from '../terminology/service.ts';
import { instanceOf, routesOf, serviceFor, type TerminologyDeps } from './terminology-context.ts';
import type { OperationRoute } from './route.ts';
import {
  languagesAsked,
  type OperationParameters,
  type ParameterTable,
  readParameters,
} from './terminology-parameters.ts';

const PARAMETERS: ParameterTable = {
  url: 'text',
  valueSet: 'resource',
  valueSetVersion: 'text',
  filter: 'text',
  date: 'text',
  offset: 'integer',
  count: 'integer',
  includeDesignations: 'boolean',
  includeDefinition: 'boolean',
  activeOnly: 'boolean',
  excludeNested: 'boolean',
  excludeNotForUI: 'boolean',
  excludePostCoordinated: 'boolean',
  displayLanguage: 'text',
  'system-version': 'text',
  'force-system-version': 'text',
};

/** `ValueSet/$expand` by url, by instance, or of the value set in the request. Expansions are flat. */
export function expandRoutes(terminology: TerminologyDeps): readonly OperationRoute[] {
  return routesOf('ValueSet', 'expand', (deps, request) => expand(terminology, deps, request), {
    instance: true,
  });
}

async function expand(terminology: TerminologyDeps, deps: Deps, request: FhirRequest): Promise<FhirResponse> {
  const parameters = readParameters(request, PARAMETERS, { name: 'valueSet', type: 'ValueSet' });
  const service = await serviceFor(terminology, deps, request, 'ValueSet', parameters);
  const valueSet = await askedValueSet(deps, request, service, parameters, '$expand');
  const parts = await service.parts(valueSet, versionsAsked(parameters));
  const body = await expandParts(valueSet, parts, optionsOf(parameters, request), {
    db: terminology.db,
    day: service.day,
    now: terminology.clock.now(),
    id: terminology.newId(),
  });
  return { status: 200, headers: {}, body };
}

/** The value set of the path, of the request, or by its url. Throws 400 when none is named, 404 when it is not known. */
export async function askedValueSet(
  deps: Deps,
  request: FhirRequest,
  service: TerminologyService,
  parameters: OperationParameters,
  interaction: string,
): Promise<ValueSet> {
  if (request.id !== '') {
    return (await instanceOf(deps, request, 'ValueSet', interaction)) as unknown as ValueSet;
  }
  const inline = parameters.resource('valueSet', 'ValueSet');
  if (inline !== undefined) {
    return inline as unknown as ValueSet;
  }
  const url = parameters.text('url');
  if (url === undefined) {
    throw badRequest(
      'Name a value set: the parameter url, valueSet, or ValueSet/[id] in the path.',
      'Parameters.parameter',
      'required',
    );
  }
  const canonical = url.includes('|') ? url : formatCanonical(url, parameters.text('valueSetVersion'));
  const found = await service.valueSet(canonical);
  if (found === undefined) {
    throw valueSetUnknown(canonical);
  }
  return found;
}

function optionsOf(parameters: OperationParameters, request: FhirRequest): Parameters<typeof expandParts>[2] {
  const filter = parameters.text('filter');
  const offset = parameters.integer('offset');
  const count = parameters.integer('count');
  const activeOnly = parameters.boolean('activeOnly');
  return {
    ...(filter !== undefined && { filter }),
    ...(offset !== undefined && { offset }),
    ...(count !== undefined && { count }),
    ...(activeOnly !== undefined && { activeOnly }),
    includeDesignations: parameters.boolean('includeDesignations') ?? false,
    includeDefinition: parameters.boolean('includeDefinition') ?? false,
    languages: languagesAsked(parameters, request.header('accept-language')),
  };
}

const versionsAsked = (parameters: OperationParameters): SystemVersions => ({
  whenOpen: bySystem(parameters, 'system-version'),
  always: bySystem(parameters, 'force-system-version'),
});

function bySystem(parameters: OperationParameters, name: string): ReadonlyMap<string, string> {
  return new Map(
    parameters.texts(name).map((canonical) => {
      const bar = canonical.indexOf('|');
      if (bar < 1 || bar === canonical.length - 1) {
        throw badRequest(
          `The parameter "${name}" is [system]|[version].`,
          'Parameters.parameter',
          'parameter-type',
        );
      }
      return [canonical.slice(0, bar), canonical.slice(bar + 1)];
    }),
  );
}
