/**
 * The job that hands one order to a channel, and keeps what became of it. It may run more than once for an order: the channel knows
 * the order's key, and the message has the order's id, so that nothing is sent or kept twice (docs/adr/0020).
 */
import { FhirError } from '../../fhir/outcome.ts';
import { NATIONAL_SYSTEMS } from '../../fhir/identifiers.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, Patient, Reference } from '../../fhir/types.ts';
import type { JobContext } from '../../storage/jobs.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Row } from '../../storage/store.ts';
import { questionnaireOf } from '../schedule/tasks.ts';
import {
  type Addressee,
  type Channel,
  channelsFor,
  type ContactRegistry,
  type FormOrder,
} from './channel.ts';
import { type Known, knownContact } from './contact.ts';
import type { FormLibrary } from '../form/library.ts';
import type { PatientForm } from './form-facts.ts';
import { kindOf, messageOf, methodOf, type Outcome, taskOfMessage } from './messages.ts';
import { isUnanswered, lockAt } from './next-step.ts';
import { later } from './norwegian-time.ts';
import { readForms, type SendingDeps, systemCaller } from './pathway.ts';

export interface DeliverDeps extends SendingDeps {
  readonly channels: readonly Channel[];
  readonly contacts: ContactRegistry;
  readonly forms: Pick<FormLibrary, 'form'>;
}

/** Deliver the order of this id. Throws when it should be tried again. */
export async function deliverForm(
  deps: DeliverDeps,
  payload: unknown,
  { attempt, maxAttempts }: Pick<JobContext, 'attempt' | 'maxAttempts'>,
): Promise<void> {
  const { id } = payload as { readonly id: string };
  const caller = systemCaller(deps, 'deliver-form');
  const request = await currentRequest(deps, caller, id);
  if (request === undefined) {
    return;
  }
  const order = await orderFrom(deps, caller, request);
  if (order === undefined) {
    return; // it does not wait any more
  }
  try {
    await keepOutcome(deps, caller, id, await outcomeOf(deps, request.resource, order));
  } catch (cause) {
    if (attempt < maxAttempts || cause instanceof FhirError) {
      throw cause;
    }
    await keepOutcome(deps, caller, id, { kind: 'failed', reason: 'Ingen kanal kunne ta imot meldingen' });
  }
}

interface Request {
  readonly row: Row;
  readonly resource: JsonObject;
}

async function currentRequest(
  { repository }: DeliverDeps,
  caller: Caller,
  id: string,
): Promise<Request | undefined> {
  try {
    const row = await repository.read(caller, { type: 'CommunicationRequest', id });
    const resource = parseJson(row.content) as JsonObject;
    return resource['status'] === 'active' ? { row, resource } : undefined;
  } catch (cause) {
    if (cause instanceof FhirError && (cause.status === 404 || cause.status === 410)) {
      return undefined; // deleted with the person's data
    }
    throw cause;
  }
}

interface Ordered extends FormOrder {
  /** Wants nothing from public bodies by electronic means. */
  readonly isReserved: boolean;
  /** The form's wording is here still. */
  readonly hasContent: boolean;
}

async function orderFrom(
  deps: DeliverDeps,
  caller: Caller,
  { row, resource }: Request,
): Promise<Ordered | undefined> {
  const { repository, contacts, hasContent } = deps;
  const now = repository.deps.clock.now();
  const episode = row.labels.episode ?? '';
  const pathway = await readForms(deps, caller, episode, now);
  const form = pathway?.forms.find(({ task }) => task.id === taskOfMessage(resource));
  if (pathway === undefined || form === undefined || !isUnanswered(form.facts.status) || !mayLeave(form)) {
    return undefined;
  }
  const questionnaire = questionnaireOf(form.task.resource) ?? '';
  const patient = pathway.patient as unknown as Patient;
  const number = patient.identifier?.find(
    ({ system, use }) => NATIONAL_SYSTEMS.includes(system ?? '') && use !== 'old',
  )?.value;
  const contact = number === undefined ? undefined : await contacts.find(number);
  return {
    key: String(resource['id']),
    kind: kindOf(resource),
    task: form.task.id,
    patient: String(patient.id),
    episode,
    questionnaire,
    register: row.labels.register ?? '',
    unit: idOfReference(form.task.resource['owner'] as Reference | undefined, 'Organization') ?? '',
    dispatch: String((resource['groupIdentifier'] as JsonObject | undefined)?.['value'] ?? ''),
    addressee: addresseeOf(number, knownContact(deps.forms, pathway.patient, pathway.responses), contact),
    ...termsOf(form, kindOf(resource), now),
    isReserved: contact?.isReserved === true,
    hasContent: hasContent(questionnaire, now),
  };
}

/** Until the reminder, and after it until the lock. */
function termsOf({ form: { sending: plan }, facts }: PatientForm, kind: 'send' | 'remind', now: Date) {
  const sent = { at: now, delivered: now, hasFailed: false };
  const closesAt = lockAt(plan, {
    sending: kind === 'send' ? sent : facts.sending,
    reminder: kind === 'send' ? undefined : sent,
  });
  const remind = plan.steps.find(({ code }) => code === 'remind');
  return {
    closesAt,
    answerBy: kind === 'send' && remind !== undefined ? later(now, remind.after) : closesAt,
  };
}

const mayLeave = ({ state }: PatientForm): boolean => state !== 'stopped' && state !== 'not-ready';

/** What the registry of contact data says counts before what the register has been told (rule 24). */
function addresseeOf(
  number: string | undefined,
  known: Known,
  contact: Awaited<ReturnType<ContactRegistry['find']>>,
): Addressee {
  return {
    number,
    mobile: contact?.mobile ?? known.mobile,
    email: contact?.email ?? known.email,
    hasMailbox: contact?.hasMailbox === true,
  };
}

/** The first channel that takes it; why none does, if none does. */
async function outcomeOf(
  { channels }: DeliverDeps,
  request: JsonObject,
  { isReserved, hasContent, ...order }: Ordered,
): Promise<Outcome> {
  if (!hasContent) {
    return { kind: 'failed', reason: 'Innholdspakken med ordlyden er ikke installert' };
  }
  if (isReserved) {
    return {
      kind: 'failed',
      reason: 'Pasienten har reservert seg mot digital kommunikasjon fra det offentlige',
    };
  }
  let reason = 'Pasienten nås ikke på denne måten';
  for (const channel of channelsFor(methodOf(request), channels)) {
    if (await channel.reaches(order.addressee)) {
      const delivery = await channel.deliver(order);
      if (delivery.kind === 'taken') {
        return { kind: 'sent', channel: channel.kind, receipt: delivery.receipt };
      }
      reason = delivery.reason;
    }
  }
  return { kind: 'failed', reason };
}

const ATTEMPTS = 3;

/** The order is done with, and the message tells how. An order that was called back in between keeps that it was. */
async function keepOutcome(deps: DeliverDeps, caller: Caller, id: string, outcome: Outcome): Promise<void> {
  const { repository } = deps;
  for (let count = 1; ; count++) {
    const row = await repository.read(caller, { type: 'CommunicationRequest', id });
    const request = parseJson(row.content) as JsonObject;
    const message = messageOf(request, outcome, repository.deps.clock.now());
    const { labels } = row;
    try {
      await repository.commit(caller, [
        ...(request['status'] === 'active'
          ? [
              {
                kind: 'update' as const,
                type: 'CommunicationRequest',
                id,
                resource: { ...request, status: outcome.kind === 'sent' ? 'completed' : 'revoked' },
                ifMatch: String(row.versionId),
              },
            ]
          : []),
        { kind: 'update', type: 'Communication', id, resource: message, labels },
      ]);
      return;
    } catch (cause) {
      if (!(cause instanceof FhirError) || cause.status !== 412 || count === ATTEMPTS) {
        throw cause;
      }
    }
  }
}
