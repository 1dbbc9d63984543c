/**
 * What a sending system makes of a moment in the record: a transaction, a message, or one resource by itself. Everything that a
 * message refers to is in it, so that it can be understood whenever it comes.
 * https://hl7.org/fhir/R4/http.html#transaction and https://hl7.org/fhir/R4/messaging.html
 */
import { createHash } from 'node:crypto';
import type { Bundle, BundleEntry, MessageHeader, Patient, Resource } from '../../../src/fhir/types.ts';
import type { RecordEvent } from '../courses/course.ts';
import { keyOf, patientOf } from '../fhir/parts.ts';
import { SENDERS, type SenderId, SYSTEMS, TRUST } from '../organisation.ts';

export type MessageKind = 'transaction' | 'message' | 'single';

/** A request as it is to be sent; paths are below the FHIR base. */
export interface Sent {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** Absent: nothing but the address. */
  readonly body?: string;
}

/** The register's own code system of what a message may be about. */
const MESSAGE_EVENTS = 'https://ryggrad.no/fhir/CodeSystem/message-event';

export interface MessageInput {
  readonly event: RecordEvent;
  /** Of the message: Bundle.identifier, MessageHeader.id. */
  readonly id: string;
  /** When what it tells was written. */
  readonly recorded: string;
}

/** A UUID of a text: the same text gives the same one. */
export function uuidOf(text: string): string {
  const hex = createHash('sha256').update(`fjordheim ${text}`).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A transaction Bundle of everything that the event tells. */
export function transactionOf({ event, id, recorded }: MessageInput): Bundle {
  const urns = urnsOf(event);
  return {
    resourceType: 'Bundle',
    identifier: { system: `${SENDERS[event.sender].idSystem}/melding`, value: id },
    type: 'transaction',
    timestamp: recorded,
    entry: [
      ...event.resources.map((resource) => entryOf(resource, event, urns, recorded)),
      ...(event.removed ?? []).map((key) => ({
        request: { method: 'DELETE' as const, url: conditionOf(key, event.sender) },
      })),
    ],
  };
}

/** The same as a message: a MessageHeader that names the event and the sender, and what it is about. */
export function messageOf({ event, id, recorded }: MessageInput): Bundle {
  const urns = urnsOf(event);
  const header: MessageHeader = {
    resourceType: 'MessageHeader',
    id,
    eventCoding: { system: MESSAGE_EVENTS, code: 'record-changed' },
    sender: {
      identifier: { system: SYSTEMS.organisationNumber, value: TRUST.organisationNumber },
      display: TRUST.name,
    },
    source: {
      name: SENDERS[event.sender].name,
      endpoint: `https://fjordheim.example/${event.sender}`,
    },
    focus: event.resources.map((resource) => ({ reference: urns.get(keyOf(resource)) as string })),
  };
  return {
    resourceType: 'Bundle',
    identifier: { system: `${SENDERS[event.sender].idSystem}/melding`, value: id },
    type: 'message',
    timestamp: recorded,
    entry: [
      { fullUrl: `urn:uuid:${id}`, resource: header },
      ...event.resources.map((resource) => ({
        fullUrl: urns.get(keyOf(resource)) as string,
        resource: outwards(resource, urns, recorded),
      })),
    ],
  };
}

/** The last resource of the event by itself, or its removal; the person and the stay are named by what they are known by. */
export function singleOf({ event, recorded }: MessageInput): Sent {
  const [removed] = event.removed ?? [];
  if (removed !== undefined) {
    return { method: 'DELETE', path: conditionOf(removed, event.sender) };
  }
  const resource = event.resources.at(-1) as Resource;
  const names = new Map(event.resources.map((one) => [keyOf(one), nameOf(one, event.sender)] as const));
  return {
    method: 'PUT',
    path: nameOf(resource, event.sender),
    body: JSON.stringify(outwards(resource, names, recorded)),
  };
}

const urnsOf = ({ resources }: RecordEvent): ReadonlyMap<string, string> =>
  new Map(resources.map((one) => [keyOf(one), `urn:uuid:${uuidOf(keyOf(one))}`] as const));

function entryOf(
  resource: Resource,
  { sender, resources }: RecordEvent,
  urns: ReadonlyMap<string, string>,
  recorded: string,
): BundleEntry {
  const fullUrl = urns.get(keyOf(resource)) as string;
  const content = outwards(resource, urns, recorded);
  if (resource.resourceType !== 'Patient') {
    return { fullUrl, resource: content, request: { method: 'PUT', url: nameOf(resource, sender) } };
  }
  const before = resource.identifier?.find(({ use }) => use === 'old');
  const { system = '', value = '' } = before ?? resource.identifier?.[0] ?? {};
  return before === undefined || patientOf(resources) === undefined
    ? {
        fullUrl,
        resource: content,
        request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${system}|${value}` },
      }
    : {
        fullUrl,
        resource: content,
        request: { method: 'PUT', url: `Patient?identifier=${system}|${value}` },
      };
}

/** `Observation?identifier=…`: by the sender's own id; a person by the national number. */
function nameOf(resource: Resource, sender: SenderId): string {
  if (resource.resourceType === 'Patient') {
    const { system = '', value = '' } = (resource as Patient).identifier?.[0] ?? {};
    return `Patient?identifier=${system}|${value}`;
  }
  return conditionOf(keyOf(resource), sender);
}

function conditionOf(key: string, sender: SenderId): string {
  const [type = '', id = ''] = key.split('/');
  return `${type}?identifier=${SENDERS[sender].idSystem}|${id}`;
}

/** Directory entries that others do not know keep their display alone. */
const OUTSIDE = /^(Practitioner|Organization)\//;

/** As it leaves: without the record's own id, with the time it was written, references by these names. */
function outwards(resource: Resource, names: ReadonlyMap<string, string>, recorded: string): Resource {
  const { id: _id, ...content } = resource;
  return { ...(renamed(content, names) as Resource), meta: { lastUpdated: recorded } };
}

function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => renamed(item, names));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const { reference, ...rest } = value as { readonly reference?: unknown };
  if (typeof reference !== 'string') {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, renamed(member, names)]));
  }
  const name = names.get(reference);
  if (name !== undefined) {
    return { ...rest, reference: name };
  }
  if (!OUTSIDE.test(reference)) {
    throw new RangeError(`A message refers to ${reference}, which is not in it`);
  }
  return 'display' in rest ? rest : { ...rest, display: reference };
}
