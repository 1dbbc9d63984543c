/**
 * The status of a Subscription, which the server changes: https://hl7.org/fhir/R4/subscription-definitions.html#Subscription.status
 */
import { SYSTEM } from '../../access/principal.ts';
import { FhirError } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { Repository } from '../../repository/repository.ts';
import type { Status, SubscriptionState } from './state.ts';

/** A new version with the status and why; nothing when the subscriber has changed the resource meanwhile. */
export async function setStatus(
  repository: Repository,
  { id, subscription, versionId }: Pick<SubscriptionState, 'id' | 'subscription' | 'versionId'>,
  status: Status,
  reason: string | undefined,
): Promise<void> {
  const { error: _earlier, ...rest } = subscription;
  const resource = { ...rest, status, ...(reason !== undefined && { error: reason }) };
  const caller = { principal: SYSTEM, requestId: id, interaction: 'update' };
  try {
    await repository.commit(caller, [
      {
        kind: 'update',
        type: 'Subscription',
        id,
        resource: resource as unknown as JsonObject,
        ifMatch: String(versionId),
      },
    ]);
  } catch (cause) {
    if (!(cause instanceof FhirError) || ![404, 410, 412].includes(cause.status)) {
      throw cause;
    }
  }
}
