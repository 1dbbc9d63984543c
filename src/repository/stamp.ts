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
import { personKeys } from '../fhir/person-keys.ts';
import { protect, type Version } from './protect.ts';
import type { RepositoryDeps } from './deps.ts';
import { labelsFor } from './versions.ts';

/** Give each version its meta, its text and its index rows. Returns what the store writes, by entry. */
export async function stamp(batch: WriteBatch, deps: RepositoryDeps): Promise<ReadonlyMap<Pending, Write>> {
  const entries = batch.pending().filter(({ effect }) => storesVersion(effect));
  batch.follow(
    deps.clock.now(),
    entries.flatMap(({ previous = [] }) => previous),
  );
  const lastUpdated = batch.now.toISOString();
  const versions = await protect(
    entries.map((entry) => toVersion(entry, batch.principal, lastUpdated)),
    batch.context.tx,
  );
  return new Map(entries.map((entry, at) => [entry, toWrite(entry, versions[at], batch, deps)]));
}

/** What will be stored of an entry; undefined when that is nothing. */
function toVersion(
  { effect, resource, id, previous }: Pending,
  principal: Principal,
  lastUpdated: string,
): Version | undefined {
  if (effect === 'deleted' || resource === undefined) {
    return undefined;
  }
  const version = stamped(resource, id, (previous?.versionId ?? 0) + 1, lastUpdated, principal);
  return { resource: version, content: stringifyJson(version) };
}

function toWrite(
  entry: Pending,
  version: Version | undefined,
  { principal, now }: WriteBatch,
  deps: RepositoryDeps,
): Write {
  const { type, id, previous } = entry;
  const versionId = (previous?.versionId ?? 0) + 1;
  const labels = entry.labels ?? labelsFor(principal);
  const common = {
    type,
    id,
    versionId,
    lastUpdated: now.toISOString(),
    labels,
    previous: previous ?? null,
  };
  if (version === undefined) {
    return { ...common, content: null, index: null, uniqueKeys: [], op: 'D' };
  }
  const { resource, content } = version;
  return {
    ...common,
    content,
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
