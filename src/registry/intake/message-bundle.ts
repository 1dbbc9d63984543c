/**
 * A FHIR message as writes: what its resources are in the sender's record, here. https://hl7.org/fhir/R4/messaging.html
 * A resource is known again by its address in the sender's record (`fullUrl`), which it gets as an identifier; by its own first
 * identifier where it has no address; persons by their national number.
 */
import { badRequest, error, FhirError, unprocessable } from '../../fhir/outcome.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import type { Shapes } from '../../fhir/shape.ts';
import type { JsonObject, JsonValue } from '../../fhir/types.ts';
import type { Operation } from '../../repository/operation.ts';
import { rewriteReferences } from '../../repository/rewrite.ts';

export const MESSAGE_EVENTS = 'https://ryggrad.no/fhir/CodeSystem/message-event';
/** System of identifiers that are addresses: https://terminology.hl7.org/NamingSystem-uri.html */
export const ADDRESS = 'urn:ietf:rfc:3986';

/** `record-changed`: the record is as the message says; `record-removed`: what it names is not in the record any more. */
type Event = 'record-changed' | 'record-removed';

export interface MessageHead {
  readonly header: JsonObject;
  readonly event: Event;
  /** The sender's own id of the message. */
  readonly id: string;
}

interface Entry {
  readonly at: string;
  readonly type: string;
  readonly fullUrl: string | undefined;
  readonly resource: JsonObject;
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands at the head of a message. Throws 400 for what is no message, 422 for an event that is not known here. */
export function headOf(bundle: JsonValue | undefined): MessageHead {
  if (!isObject(bundle) || bundle['resourceType'] !== 'Bundle' || bundle['type'] !== 'message') {
    throw badRequest('$process-message takes a Bundle of type message.', 'Bundle.type', 'bundle-type');
  }
  const [first] = entriesOf(bundle);
  if (first?.type !== 'MessageHeader') {
    throw badRequest(
      'The first entry of a message is its MessageHeader.',
      'Bundle.entry[0].resource',
      'bdl-12',
    );
  }
  const header = first.resource;
  const { endpoint } = (header['source'] ?? {}) as { readonly endpoint?: string };
  const own = bundle['identifier'] as { readonly system?: string; readonly value?: string } | undefined;
  const id = own?.value === undefined ? header['id'] : `${own.system ?? ''}|${own.value}`;
  if (typeof id !== 'string') {
    throw badRequest(
      'A message has an id, so that it can be sent again: MessageHeader.id, or Bundle.identifier.',
      'Bundle.entry[0].resource.id',
      'message-id',
    );
  }
  return {
    header,
    event: eventOf(header),
    id: own?.value === undefined ? `${endpoint ?? ''}|${id}` : id,
  };
}

function eventOf({ eventCoding }: JsonObject): Event {
  const { system, code } = (eventCoding ?? {}) as { readonly system?: string; readonly code?: string };
  if (system === MESSAGE_EVENTS && (code === 'record-changed' || code === 'record-removed')) {
    return code;
  }
  throw unprocessable(
    error(
      'not-supported',
      `The events that are known here are record-changed and record-removed, of ${MESSAGE_EVENTS}.`,
      'Bundle.entry[0].resource.event',
      'message-event',
    ),
  );
}

/**
 * The writes of a message. Throws 400 with every entry that cannot be carried out: without a resource, or that could not be told
 * from another when it is sent again.
 */
export function operationsOf(
  bundle: JsonObject,
  { event }: MessageHead,
  shapes: Shapes,
): readonly Operation[] {
  return writesOf(entriesOf(bundle).slice(1), event, shapes);
}

/** The same for a Bundle whose entries are resources of a record, each with its address there, and nothing before them. */
export const changesOf = (bundle: JsonObject, shapes: Shapes): readonly Operation[] =>
  writesOf(entriesOf(bundle), 'record-changed', shapes);

function writesOf(entries: readonly Entry[], event: Event, shapes: Shapes): readonly Operation[] {
  const names = new Set(entries.flatMap(({ fullUrl }) => fullUrl ?? []));
  const issues = entries.flatMap((entry) => (keyOf(entry, shapes) === undefined ? [unnamed(entry)] : []));
  if (issues.length > 0) {
    throw new FhirError(400, issues);
  }
  return entries.map((entry) =>
    event === 'record-removed' ? removal(entry, shapes) : change(entry, names, shapes),
  );
}

/** The search that finds what has this address in a sender's record. */
export const byAddress = (address: string): string => condition(ADDRESS, address);

function entriesOf(bundle: JsonObject): readonly Entry[] {
  const list = bundle['entry'];
  return (Array.isArray(list) ? (list as readonly JsonValue[]) : []).map((entry, index) => {
    const at = `Bundle.entry[${index}].resource`;
    const { resource, fullUrl } = isObject(entry) ? entry : {};
    const type = isObject(resource) ? resource['resourceType'] : undefined;
    if (!isObject(resource) || typeof type !== 'string' || !isResourceType(type)) {
      throw badRequest('An entry of a message has a resource of R4.', at, 'resource-type');
    }
    return { at, type, resource, fullUrl: typeof fullUrl === 'string' ? fullUrl : undefined };
  });
}

const unnamed = ({ at, type }: Entry) =>
  error(
    'required',
    `This ${type} has neither an identifier with a system nor an absolute fullUrl, so that it would not be known again. Give it one.`,
    `${at}.identifier`,
    'message-identity',
  );

const PERSON = 'person';

/** By what a resource is known again: `identifier=…` as a search, or as a person. */
function keyOf({ type, resource, fullUrl }: Entry, shapes: Shapes): string | undefined {
  if (type === 'Patient') {
    return PERSON;
  }
  if (shapes.get(type)?.byName.get('identifier')?.isList !== true) {
    return undefined;
  }
  if (isAddress(fullUrl)) {
    return condition(ADDRESS, fullUrl);
  }
  const identifiers = Array.isArray(resource['identifier']) ? resource['identifier'] : [];
  const [own] = (identifiers as readonly JsonValue[])
    .filter(isObject)
    .filter(({ system, value }) => typeof system === 'string' && typeof value === 'string');
  return own === undefined ? undefined : condition(String(own['system']), String(own['value']));
}

const isAddress = (fullUrl: string | undefined): fullUrl is string => /^https?:\/\//.test(fullUrl ?? '');

const condition = (system: string, value: string): string =>
  new URLSearchParams({ identifier: `${system}|${value}` }).toString();

function removal(entry: Entry, shapes: Shapes): Operation {
  const { at, type } = entry;
  const key = keyOf(entry, shapes) ?? '';
  if (key === PERSON) {
    throw unprocessable(
      error(
        'not-supported',
        'A person is not removed by a message: what is registered stands until the register deletes it.',
        at,
        'message-removal',
      ),
    );
  }
  return { kind: 'delete', type, at, condition: key };
}

function change(entry: Entry, names: ReadonlySet<string>, shapes: Shapes): Operation {
  const { at, type, fullUrl } = entry;
  const named = { type, at, ...(fullUrl !== undefined && { fullUrl }) };
  const {
    id: _id,
    meta: _meta,
    ...content
  } = rewriteReferences(entry.resource, (reference) => known(reference, entry, names));
  const key = keyOf(entry, shapes) ?? '';
  return key === PERSON
    ? { kind: 'create', ...named, resource: content, matchPerson: true }
    : { kind: 'update', ...named, resource: withAddress(content, fullUrl), condition: key };
}

/** A reference to what another message brought is one by its address in the record. */
function known(reference: string, { type, fullUrl }: Entry, names: ReadonlySet<string>): string {
  const base = isAddress(fullUrl) ? fullUrl.slice(0, Math.max(fullUrl.lastIndexOf(`/${type}/`), 0)) : '';
  const isRelative = /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.test(reference);
  const address = isRelative && base !== '' ? `${base}/${reference}` : reference;
  if (names.has(address) || !isAddress(address)) {
    return address;
  }
  const [, target = ''] = /\/([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}$/.exec(address) ?? [];
  return isResourceType(target) ? `${target}?${condition(ADDRESS, address)}` : reference;
}

function withAddress(resource: JsonObject, fullUrl: string | undefined): JsonObject {
  const identifiers = Array.isArray(resource['identifier'])
    ? (resource['identifier'] as readonly JsonValue[])
    : [];
  const isThere = identifiers.some(
    (each) => isObject(each) && each['system'] === ADDRESS && each['value'] === fullUrl,
  );
  return isAddress(fullUrl) && !isThere
    ? { ...resource, identifier: [...identifiers, { system: ADDRESS, value: fullUrl }] }
    : resource;
}
