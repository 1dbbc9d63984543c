/** https://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition-backport-subscription-status.html */
import { badRequest } from '../fhir/outcome.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { JsonObject } from '../fhir/types.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse } from '../interactions/exchange.ts';
import { readDefinition } from '../registry/subscription/definition.ts';
import { statusParameters } from '../registry/subscription/notification.ts';
import { readStates, type SubscriptionState } from '../registry/subscription/state.ts';
import type { Topics } from '../registry/subscription/topic.ts';
import type { Db } from '../storage/db.ts';
import type { OperationRoute } from './route.ts';

export interface SubscriptionOperationDeps {
  readonly db: Db;
  readonly topics: Topics;
}

const DEFINITION =
  'http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-status';
const STATUSES: readonly string[] = ['requested', 'active', 'error', 'off'];

/** `GET|POST Subscription/$status` (parameters `id`, `status`) and `Subscription/[id]/$status`: own subscriptions. */
export function subscriptionStatusRoutes(own: SubscriptionOperationDeps): readonly OperationRoute[] {
  const ofOne = (deps: Deps, request: FhirRequest): Promise<FhirResponse> => statusOfOne(own, deps, request);
  const ofMany = (deps: Deps, request: FhirRequest): Promise<FhirResponse> =>
    statusOfMany(own, deps, request);
  return [
    { method: 'get', path: '/Subscription/$status', name: 'status', definition: DEFINITION, run: ofMany },
    { method: 'post', path: '/Subscription/$status', run: ofMany },
    { method: 'get', path: '/Subscription/:id/$status', run: ofOne },
    { method: 'post', path: '/Subscription/:id/$status', run: ofOne },
  ];
}

/** One that is not the caller's answers like one that is not there. */
async function statusOfOne(
  own: SubscriptionOperationDeps,
  { repository, fhirBase }: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  await repository.read(callerOf(request, '$status'), { type: 'Subscription', id: request.id });
  return answer(own, fhirBase, await readStates(own.db, [request.id]));
}

async function statusOfMany(
  own: SubscriptionOperationDeps,
  { repository, fhirBase }: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  const caller = callerOf(request, '$status');
  await repository.authorise(caller, 'search', { type: 'Subscription' });
  const ids = valuesOf(request, 'id').map((id) => id.replace(/^.*Subscription\//, ''));
  const statuses = valuesOf(request, 'status');
  const wrong = statuses.find((status) => !STATUSES.includes(status));
  if (wrong !== undefined) {
    throw badRequest(`status must be one of ${STATUSES.join(', ')}.`, undefined, 'status');
  }
  const rows = await repository.select(caller, {
    text: 'r.type = $1 and (cardinality($2::text[]) = 0 or r.id = any ($2))',
    values: [typeCode('Subscription'), ids],
  });
  const states = await readStates(
    own.db,
    rows.map(({ id }) => id),
  );
  return answer(
    own,
    fhirBase,
    states.filter(({ status }) => statuses.length === 0 || statuses.includes(status)),
  );
}

/** Of the URL, or of a Parameters body. */
export function valuesOf({ query, body }: FhirRequest, name: string): readonly string[] {
  const parameters = ((body as JsonObject | undefined)?.['parameter'] ?? []) as readonly JsonObject[];
  const posted = (Array.isArray(parameters) ? parameters : [])
    .filter((parameter) => parameter['name'] === name)
    .flatMap((parameter) =>
      Object.entries(parameter).flatMap(([key, value]) => (key.startsWith('value') ? [String(value)] : [])),
    );
  return [...query.getAll(name).flatMap((value) => value.split(',')), ...posted];
}

function answer(
  { topics }: SubscriptionOperationDeps,
  fhirBase: string,
  states: readonly SubscriptionState[],
): FhirResponse {
  return {
    status: 200,
    headers: {},
    body: {
      resourceType: 'Bundle',
      type: 'searchset',
      total: states.length,
      entry: states.map((state) => ({
        fullUrl: `${fhirBase}/Subscription/${state.id}/$status`,
        resource: statusParameters({
          fhirBase,
          id: state.id,
          topic: readDefinition(state.subscription, topics).definition?.topic,
          status: state.status,
          type: 'query-status',
          events: state.lastNumber,
          error: state.error,
        }),
        search: { mode: 'match' },
      })),
    },
  };
}
