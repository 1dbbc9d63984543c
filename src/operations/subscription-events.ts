/** https://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition-backport-subscription-events.html */
import { randomUUID } from 'node:crypto';
import { badRequest, unprocessable } from '../fhir/outcome.ts';
import { callerOf, type Deps, type FhirRequest, type FhirResponse } from '../interactions/exchange.ts';
import { type Content, readDefinition } from '../registry/subscription/definition.ts';
import { notificationBundle, type ToldEvent } from '../registry/subscription/notification.ts';
import { payloadOf } from '../registry/subscription/payload.ts';
import { numberedEvents, readStates } from '../registry/subscription/state.ts';
import { auditRead } from '../repository/audit.ts';
import type { OperationRoute } from './route.ts';
import { type SubscriptionOperationDeps, valuesOf } from './subscription-status.ts';

const DEFINITION =
  'http://hl7.org/fhir/uv/subscriptions-backport/OperationDefinition/backport-subscription-events';
const CONTENTS: readonly string[] = ['empty', 'id-only', 'full-resource'];
const MOST = 100;

/** `GET|POST Subscription/[id]/$events`: events again, for a receiver that has missed some; a hundred at a time. */
export function subscriptionEventRoutes(own: SubscriptionOperationDeps): readonly OperationRoute[] {
  const run = (deps: Deps, request: FhirRequest): Promise<FhirResponse> => events(own, deps, request);
  return [
    { method: 'get', path: '/Subscription/:id/$events', name: 'events', definition: DEFINITION, run },
    { method: 'post', path: '/Subscription/:id/$events', run },
  ];
}

async function events(
  { db, topics }: SubscriptionOperationDeps,
  { repository, search, fhirBase }: Deps,
  request: FhirRequest,
): Promise<FhirResponse> {
  const caller = callerOf(request, '$events');
  const { id } = request;
  const asked = askedFor(request);
  await repository.read(caller, { type: 'Subscription', id });
  const [state] = await readStates(db, [id]);
  const { definition, issues } =
    state === undefined ? { issues: [] } : readDefinition(state.subscription, topics);
  if (state === undefined || definition === undefined) {
    throw unprocessable(issues);
  }
  const content = atMost(asked.content, definition.content);
  const found = await numberedEvents(db, id, { ...asked, count: MOST });
  const payload = await payloadOf({ db, repository, search }, caller, { ...definition, content }, found);
  if (content !== 'empty') {
    await auditRead(repository.deps, caller, {
      status: 200,
      entities: payload.entities,
      patients: payload.patients,
    });
  }
  return {
    status: 200,
    headers: {},
    body: notificationBundle({
      status: {
        fhirBase,
        id,
        topic: definition.topic,
        status: state.status,
        type: 'query-event',
        events: state.lastNumber,
        error: state.error,
      },
      content,
      told: payload.told as readonly ToldEvent[], // all of these have a number
      included: payload.included,
      uuid: randomUUID(),
      now: repository.deps.clock.now(),
    }),
  };
}

interface Asked {
  readonly since: number;
  readonly until: number;
  readonly content: Content | undefined;
}

function askedFor(request: FhirRequest): Asked {
  const content = valuesOf(request, 'content')[0];
  if (content !== undefined && !CONTENTS.includes(content)) {
    throw badRequest(`content must be one of ${CONTENTS.join(', ')}.`, undefined, 'content');
  }
  return {
    since: numberOf(request, 'eventsSinceNumber') ?? 1,
    until: numberOf(request, 'eventsUntilNumber') ?? Number.MAX_SAFE_INTEGER,
    content: content as Content | undefined,
  };
}

function numberOf(request: FhirRequest, name: string): number | undefined {
  const text = valuesOf(request, name)[0];
  if (text !== undefined && !/^\d{1,15}$/.test(text)) {
    throw badRequest(`${name} must be a whole number.`, undefined, name);
  }
  return text === undefined ? undefined : Number(text);
}

/** Less may be asked for than the subscription was made for, not more. */
const atMost = (asked: Content | undefined, granted: Content): Content =>
  asked !== undefined && CONTENTS.indexOf(asked) < CONTENTS.indexOf(granted) ? asked : granted;
