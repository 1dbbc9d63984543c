/**
 * What the server alone says about a version: id, version, time, source. https://hl7.org/fhir/R4/resource.html#Meta
 */
import type { Principal } from '../access/principal.ts';
import { stringifyJson, copyExactNumbers } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/types.ts';
import type { Write } from '../storage/store.ts';
import type { WriteBatch } from './batch.ts';
import type { Pending } from './operation.ts';
import { storesVersion } from './operation.ts';
import { personKeys } from './person-keys.ts';
import type { RepositoryDeps } from './deps.ts';
import { labelsFor } from './versions.ts';

/** Give each version its meta, its text and its index rows. Returns what the store writes, by entry. */
export function stamp(batch: WriteBatch, deps: RepositoryDeps): ReadonlyMap<Pending, Write> {
  const lastUpdated = batch.now.toISOString();
  const writes = batch
    .pending()
    .filter(({ effect }) => storesVersion(effect))
    .map((entry) => [entry, toWrite(entry, batch.principal, lastUpdated, deps)] as const);
  return new Map(writes);
}

function toWrite(entry: Pending, principal: Principal, lastUpdated: string, deps: RepositoryDeps): Write {
  const { type, id, previous } = entry;
  const versionId = (previous?.versionId ?? 0) + 1;
  const labels = entry.labels ?? labelsFor(principal);
  const common = { type, id, versionId, lastUpdated, labels, previous: previous ?? null };
  if (entry.effect === 'deleted' || entry.resource === undefined) {
    return { ...common, content: null, index: null, uniqueKeys: [], op: 'D' };
  }
  const resource = stamped(entry.resource, id, versionId, lastUpdated, principal);
  return {
    ...common,
    content: stringifyJson(resource),
    index: deps.indexer(resource),
    uniqueKeys: personKeys(resource),
    op: entry.effect === 'created' ? 'C' : 'U',
  };
}

function stamped(
  resource: JsonObject,
  id: string,
  versionId: number,
  lastUpdated: string,
  principal: Principal,
): JsonObject {
  const { resourceType, id: _id, meta, ...rest } = resource;
  const given = (meta ?? {}) as JsonObject;
  const source =
    given['source'] ?? (principal.kind === 'system' ? undefined : `urn:ryggrad:${principal.subject}`);
  const result = {
    resourceType: resourceType as string,
    id,
    meta: { ...given, versionId: String(versionId), lastUpdated, ...(source !== undefined && { source }) },
    ...rest,
  };
  copyExactNumbers(resource, result);
  return result;
}
