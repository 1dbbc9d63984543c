/** What has been sent to a patient about the forms of a pathway, and what was ordered and did not leave. */
import { parseJson } from '../../fhir/json.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { channelOf, kindOf, taskOfMessage } from '../../registry/sending/messages.ts';
import type { Caller } from '../../repository/audit.ts';
import type { SentMessage } from '../models/patient-forms.ts';
import type { Sources } from './sources.ts';

const TYPES = ['CommunicationRequest', 'Communication'].map((type) => typeCode(type) ?? 0);

/** Newest first; `forms`: short names by Task id. */
export async function sentMessages(
  { repository }: Sources,
  caller: Caller,
  episode: string,
  forms: ReadonlyMap<string, string>,
): Promise<readonly SentMessage[]> {
  const rows = await repository.select(caller, {
    text: 'r.episode = $1 and r.type = any($2::smallint[])',
    values: [episode, TYPES],
  });
  const resources = rows.map(({ content }) => parseJson(content) as JsonObject);
  const messages = new Map(
    resources
      .filter(({ resourceType }) => resourceType === 'Communication')
      .map((message) => [message['id'], message]),
  );
  return resources
    .filter(({ resourceType }) => resourceType === 'CommunicationRequest')
    .map((request) => lineOf(request, messages.get(request['id'] ?? ''), forms))
    .toSorted((a, b) => b.at.localeCompare(a.at));
}

function lineOf(
  request: JsonObject,
  message: JsonObject | undefined,
  forms: ReadonlyMap<string, string>,
): SentMessage {
  const channel = message === undefined ? undefined : channelOf(message);
  const problem = (message?.['statusReason'] as { readonly text?: string } | undefined)?.text;
  return {
    at: String(message?.['sent'] ?? request['authoredOn'] ?? ''),
    form: forms.get(taskOfMessage(request)) ?? '',
    kind: kindOf(request),
    state: stateOf(request['status'], message?.['status']),
    ...(channel !== undefined && { channel }),
    ...(problem !== undefined && { problem }),
  };
}

function stateOf(request: unknown, message: unknown): SentMessage['state'] {
  if (message === 'completed') {
    return 'sent';
  }
  if (message === 'not-done') {
    return 'failed';
  }
  return request === 'active' ? 'ordered' : 'called-back';
}
