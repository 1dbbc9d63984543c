/**
 * What a channel tells afterwards of a message that it took: the person has it, or it came back. One that came back leaves the form
 * unsent, so that somebody chooses another way; a report that comes twice, or about nothing, changes nothing.
 */
import { FhirError } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { DeliveryReport } from './channel.ts';
import { type SendingDeps, systemCaller } from './pathway.ts';

/** Keep a report. Throws 412 when the message changed at the same moment: report again. */
export async function keepReport(
  deps: Pick<SendingDeps, 'repository'>,
  report: DeliveryReport,
): Promise<void> {
  const { repository } = deps;
  const caller = systemCaller(deps, 'message-report');
  const key = { type: 'Communication', id: report.key };
  try {
    const row = await repository.read(caller, key);
    const message = parseJson(row.content) as JsonObject;
    const resource = reported(message, report, repository.deps.clock.now());
    if (resource !== undefined) {
      await repository.commit(caller, [{ ...key, kind: 'update', resource, ifMatch: String(row.versionId) }]);
    }
  } catch (cause) {
    if (!(cause instanceof FhirError) || (cause.status !== 404 && cause.status !== 410)) {
      throw cause;
    }
  }
}

function reported(
  message: JsonObject,
  { status, reason }: DeliveryReport,
  now: Date,
): JsonObject | undefined {
  if (message['status'] !== 'completed') {
    return undefined;
  }
  if (status === 'failed') {
    const { sent: _sent, ...rest } = message;
    return { ...rest, status: 'not-done', statusReason: { text: reason ?? 'Meldingen kom i retur' } };
  }
  return message['received'] === undefined ? { ...message, received: now.toISOString() } : undefined;
}
