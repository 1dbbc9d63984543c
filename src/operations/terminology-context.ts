/**
 * What the terminology operations work with: https://hl7.org/fhir/R4/terminology-service.html
 * Reading terminology is open to everyone who may read the type; what a client has stored for itself only that client sees.
 */
import type { Principal } from '../access/principal.ts';
import { parseJson } from '../fhir/json.ts';
import { badRequest } from '../fhir/outcome.ts';
import type { JsonObject } from '../fhir/types.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse } from '../interactions/exchange.ts';
import type { ServiceNeeds } from '../terminology/service.ts';
import { TerminologyService } from '../terminology/service.ts';
import type { StoredDefinitions } from '../terminology/sources.ts';
import type { OperationParameters } from './terminology-parameters.ts';
import type { OperationRoute } from './route.ts';

export interface TerminologyDeps extends ServiceNeeds {
  /** Stored definitions as a caller may read them. */
  readonly storedFor: (principal: Principal | undefined) => StoredDefinitions;
  readonly newId: () => string;
}

/** The service as the caller sees it; throws 403 when it may not read the type. `date` moves the day. */
export async function serviceFor(
  terminology: TerminologyDeps,
  { repository }: Deps,
  request: FhirRequest,
  type: string,
  parameters: OperationParameters,
): Promise<TerminologyService> {
  await repository.authorise(callerOf(request, 'operation'), 'read', { type });
  return new TerminologyService(
    terminology,
    terminology.storedFor(request.principal),
    dayOf(parameters.text('date')),
  );
}

function dayOf(date: string | undefined): string | undefined {
  if (date === undefined) {
    return undefined;
  }
  const [, year, month = '01', day = '01'] = /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T.*)?)?)?$/.exec(date) ?? [];
  const text = `${year ?? ''}-${month}-${day}`;
  const parsed = new Date(`${text}T00:00:00Z`);
  if (year === undefined || Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== text) {
    throw badRequest(
      'The parameter "date" must be a date: 2026-01-31.',
      'Parameters.parameter',
      'parameter-type',
    );
  }
  return text;
}

/** The resource that an instance-level operation is about. Throws 404, 410, 403. */
export async function instanceOf(
  deps: Deps,
  request: FhirRequest,
  type: string,
  interaction: string,
): Promise<JsonObject> {
  const { content } = await deps.repository.read(callerOf(request, interaction), { type, id: request.id });
  return parseJson(content) as JsonObject;
}

/** Text in a list of parameters, left out when it is undefined. */
export const out = (name: string, kind: string, value: unknown): readonly object[] =>
  value === undefined ? [] : [{ name, [`value${kind}`]: value }];

export const parametersOf = (parameter: readonly object[]): FhirResponse => ({
  status: 200,
  headers: {},
  body: { resourceType: 'Parameters', parameter },
});

/** GET and POST at type level, and at instance level where the operation has one. The definition is named once. */
export function routesOf(
  type: string,
  name: string,
  run: OperationRoute['run'],
  levels: { readonly instance: boolean },
): readonly OperationRoute[] {
  const path = `/${type}/$${name}`;
  const definition = `http://hl7.org/fhir/OperationDefinition/${type}-${name}`;
  const atInstance = `/${type}/:id/$${name}`;
  return [
    { method: 'get', path, name, definition, run },
    { method: 'post', path, run },
    ...(levels.instance
      ? [
          { method: 'get', path: atInstance, run } as const,
          { method: 'post', path: atInstance, run } as const,
        ]
      : []),
  ];
}
