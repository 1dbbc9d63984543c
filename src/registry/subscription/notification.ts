/**
 * Notifications and status as R4 has them: a history Bundle whose first entry is the status as Parameters.
 * https://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition-backport-subscription-notification-r4.html
 */
import type { JsonObject } from '../../fhir/types.ts';
import type { Definition } from './definition.ts';
import type { Status, SubscriptionEvent } from './state.ts';

export type NotificationType =
  'handshake' | 'heartbeat' | 'event-notification' | 'query-status' | 'query-event';

export interface StatusOptions {
  readonly fhirBase: string;
  readonly id: string;
  readonly topic: string | undefined;
  readonly status: Status;
  readonly type: NotificationType;
  /** Events since the subscription began. */
  readonly events: number;
  readonly error?: string | null;
}

const BACKPORT = 'http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/';

/** One event as the subscriber sees it; `text` is the resource, when it goes along and is still there. */
export interface ToldEvent {
  readonly event: SubscriptionEvent & { readonly number: number };
  readonly text?: string;
}

/** The status as Parameters. */
export function statusParameters(options: StatusOptions, told: readonly JsonObject[] = []): JsonObject {
  const { fhirBase, id, topic, status, type, events, error } = options;
  return {
    resourceType: 'Parameters',
    id,
    meta: { profile: [`${BACKPORT}backport-subscription-status-r4`] },
    parameter: [
      { name: 'subscription', valueReference: { reference: `${fhirBase}/Subscription/${id}` } },
      ...(topic === undefined ? [] : [{ name: 'topic', valueCanonical: topic }]),
      { name: 'status', valueCode: status },
      { name: 'type', valueCode: type },
      { name: 'events-since-subscription-start', valueString: String(events) },
      ...told,
      ...(error == null ? [] : [{ name: 'error', valueCodeableConcept: { text: error } }]),
    ],
  };
}

/** The Bundle as JSON text; resources go in as they are stored. */
export function notificationBundle(options: {
  readonly status: StatusOptions;
  readonly content: Definition['content'];
  readonly told: readonly ToldEvent[];
  /** Resources that go along, by the topic's shape. */
  readonly included: readonly { readonly type: string; readonly id: string; readonly text: string }[];
  readonly uuid: string;
  readonly now: Date;
}): string {
  const { status, content, told, included, uuid, now } = options;
  const { fhirBase, id } = status;
  const first = JSON.stringify({
    fullUrl: `urn:uuid:${uuid}`,
    resource: statusParameters(
      status,
      told.map(({ event }) => eventParameter(event, content, fhirBase)),
    ),
    request: { method: 'GET', url: `${fhirBase}/Subscription/${id}/$status` },
    response: { status: '200' },
  });
  const entries = content === 'full-resource' ? told.map((each) => eventEntry(each, fhirBase)) : [];
  const others = included.map(({ type, id: other, text }) =>
    entryText(`${fhirBase}/${type}/${other}`, text, { method: 'GET', url: `${type}/${other}` }, '200'),
  );
  const head = JSON.stringify({
    resourceType: 'Bundle',
    meta: { profile: [`${BACKPORT}backport-subscription-notification-r4`] },
    type: 'history',
    timestamp: now.toISOString(),
  });
  return `${head.slice(0, -1)},"entry":[${[first, ...distinct([...entries, ...others])].join(',')}]}`;
}

/** A resource that changed twice goes along once, as it is now. */
const distinct = (entries: readonly string[]): readonly string[] => [...new Set(entries)];

function eventParameter(
  { number, at, type, id }: SubscriptionEvent & { readonly number: number },
  content: Definition['content'],
  fhirBase: string,
): JsonObject {
  return {
    name: 'notification-event',
    part: [
      { name: 'event-number', valueString: String(number) },
      { name: 'timestamp', valueInstant: at },
      ...(content === 'empty'
        ? []
        : [{ name: 'focus', valueReference: { reference: `${fhirBase}/${type}/${id}` } }]),
    ],
  };
}

const REQUESTS = {
  C: { method: 'POST', status: '201' },
  U: { method: 'PUT', status: '200' },
  D: { method: 'DELETE', status: '204' },
  M: { method: 'PUT', status: '200' },
} as const;

function eventEntry({ event, text }: ToldEvent, fhirBase: string): string {
  const { type, id, op } = event;
  const { method, status } = REQUESTS[op];
  const url = method === 'POST' ? type : `${type}/${id}`;
  return entryText(`${fhirBase}/${type}/${id}`, text, { method, url }, status);
}

function entryText(
  fullUrl: string,
  text: string | undefined,
  request: { readonly method: string; readonly url: string },
  status: string,
): string {
  const resource = text === undefined ? '' : `"resource":${text},`;
  return `{"fullUrl":${JSON.stringify(fullUrl)},${resource}"request":${JSON.stringify(request)},"response":{"status":"${status}"}}`;
}
