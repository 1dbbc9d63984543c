/** A role at the demo's pain clinic, made from that of the demo's local user. */
import { SYSTEM } from '../../../src/access/principal.ts';
import type { App } from '../../../src/app.ts';
import { parseJson } from '../../../src/fhir/json.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { NO_LABELS } from '../../../src/repository/batch.ts';

const caller = { principal: SYSTEM, requestId: 'role', interaction: 'update' };

/** Keep it under this id; `until`: its last day. */
export async function saveRole({ repository }: App, id: string, until?: string): Promise<void> {
  const { content } = await repository.read(caller, { type: 'PractitionerRole', id: 'demo-lu-ane' });
  const { meta: _meta, ...model } = parseJson(content) as JsonObject;
  const resource = { ...model, id, ...(until !== undefined && { period: { end: until } }) };
  await repository.commit(caller, [
    { kind: 'update', type: 'PractitionerRole', id, resource, labels: NO_LABELS },
  ]);
}
