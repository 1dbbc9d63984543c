/**
 * What is sent to a patient about a form, as resources of the pathway: a CommunicationRequest when it is ordered, and a
 * Communication with the same id when a channel has taken it, or none could. No text, no link and no address is kept in them.
 * https://hl7.org/fhir/R4/communicationrequest.html
 */
import type { CodeableConcept, JsonObject, Reference } from '../../fhir/types.ts';
import type { EpisodeRow } from '../../repository/rules.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import { EPISODE_EXTENSION } from '../form/pathway.ts';
import type { ChannelKind, ContactMethod } from './channel.ts';
import type { Order } from './next-step.ts';

const STEP = 'https://ryggrad.no/fhir/CodeSystem/schedule-step';
const METHOD = 'https://ryggrad.no/fhir/CodeSystem/contact-method';
const CHANNEL = 'https://ryggrad.no/fhir/CodeSystem/message-channel';
const DISPATCH = 'https://ryggrad.no/fhir/NamingSystem/dispatch';
const RECEIPT = 'https://ryggrad.no/fhir/NamingSystem/message-receipt';

export type MessageKind = 'send' | 'remind';

interface About {
  readonly id: string;
  readonly task: string;
  readonly patient: string;
  readonly episode: string;
  readonly kind: MessageKind;
}

/** An order to tell a patient of a form; those of one pathway and day go out in one dispatch. */
export function messageRequest(about: About, method: ContactMethod, now: Date): JsonObject {
  const { id, task, patient, episode, kind } = about;
  return {
    resourceType: 'CommunicationRequest',
    id,
    extension: [{ url: EPISODE_EXTENSION, valueReference: { reference: `EpisodeOfCare/${episode}` } }],
    basedOn: [{ reference: `Task/${task}` }],
    groupIdentifier: { system: DISPATCH, value: `${episode}/${dayInOslo(now)}` },
    status: 'active',
    category: [{ coding: [{ system: STEP, code: kind }] }],
    medium: [{ coding: [{ system: METHOD, code: method }] }],
    subject: { reference: `Patient/${patient}` },
    about: [{ reference: `Task/${task}` }],
    authoredOn: now.toISOString(),
    recipient: [{ reference: `Patient/${patient}` }],
  };
}

/** What became of an order. */
export type Outcome =
  | { readonly kind: 'sent'; readonly channel: ChannelKind; readonly receipt: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** The message that an order came to. */
export function messageOf(request: JsonObject, outcome: Outcome, now: Date): JsonObject {
  const { id, extension, category, subject, about, recipient } = request;
  return {
    resourceType: 'Communication',
    id: id ?? '',
    extension: extension ?? [],
    basedOn: [{ reference: `CommunicationRequest/${String(id)}` }],
    category: category ?? [],
    subject: subject ?? null,
    about: about ?? [],
    recipient: recipient ?? [],
    ...(outcome.kind === 'sent'
      ? {
          identifier: [{ system: RECEIPT, value: outcome.receipt }],
          status: 'completed',
          medium: [{ coding: [{ system: CHANNEL, code: outcome.channel }] }],
          sent: now.toISOString(),
        }
      : { status: 'not-done', statusReason: { text: outcome.reason } }),
  };
}

/** The newest order of a kind about a Task, as its resources tell. One that was called back before it left is none. */
export function orderOf(rows: readonly EpisodeRow[], task: string, kind: MessageKind): Order | undefined {
  const requests = rows.filter(
    ({ type, resource }) =>
      type === 'CommunicationRequest' && isAbout(resource, task) && kindOf(resource) === kind,
  );
  const orders = requests.flatMap(({ id, resource }) => {
    const message = rows.find((row) => row.type === 'Communication' && row.id === id)?.resource;
    return message === undefined && resource['status'] !== 'active' ? [] : [orderFrom(resource, message)];
  });
  return orders.toSorted((a, b) => a.at.getTime() - b.at.getTime()).at(-1);
}

function orderFrom(request: JsonObject, message: JsonObject | undefined): Order {
  const sent = message?.['status'] === 'completed' ? message['sent'] : undefined;
  return {
    at: new Date(String(request['authoredOn'])),
    delivered: sent === undefined ? undefined : new Date(String(sent)),
    hasFailed: message?.['status'] === 'not-done',
  };
}

/** Orders about a Task that no channel has taken yet. */
export const activeRequests = (rows: readonly EpisodeRow[], task: string): readonly EpisodeRow[] =>
  rows.filter(
    ({ type, resource }) =>
      type === 'CommunicationRequest' && resource['status'] === 'active' && isAbout(resource, task),
  );

/** Id of the Task that a message is about. */
export const taskOfMessage = (resource: JsonObject): string =>
  (((resource['about'] ?? []) as readonly Reference[])[0]?.reference ?? '').replace(/^Task\//, '');

const isAbout = (resource: JsonObject, task: string): boolean => taskOfMessage(resource) === task;

export const kindOf = (resource: JsonObject): MessageKind =>
  codeOf(resource['category'], STEP) === 'remind' ? 'remind' : 'send';

/** What the order asks for: a secure channel, or an address that was chosen. */
export const methodOf = (request: JsonObject): ContactMethod =>
  (codeOf(request['medium'], METHOD) as ContactMethod | undefined) ?? 'secure';

/** What the newest order to send the form asked for: its reminder goes the same way. */
export const lastMethod = (rows: readonly EpisodeRow[], task: string): ContactMethod =>
  rows
    .filter(({ type, resource }) => type === 'CommunicationRequest' && isAbout(resource, task))
    .filter(({ resource }) => kindOf(resource) === 'send')
    .toSorted((a, b) => String(a.resource['authoredOn']).localeCompare(String(b.resource['authoredOn'])))
    .map(({ resource }) => methodOf(resource))
    .at(-1) ?? 'secure';

/** Which way a message went. */
export const channelOf = (message: JsonObject): ChannelKind | undefined =>
  codeOf(message['medium'], CHANNEL) as ChannelKind | undefined;

const codeOf = (concepts: unknown, system: string): string | undefined =>
  ((concepts ?? []) as readonly CodeableConcept[])
    .flatMap(({ coding = [] }) => coding)
    .find((coding) => coding.system === system)?.code;
