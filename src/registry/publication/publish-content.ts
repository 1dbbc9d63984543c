/**
 * Loaded content as resources: questionnaires, value sets and profiles are read over the API like everything else.
 */
import { createHash } from 'node:crypto';
import { SYSTEM } from '../../access/principal.ts';
import { isResourceType } from '../../fhir/resource-types.ts';
import type { JsonObject, Resource } from '../../fhir/types.ts';
import { NO_LABELS } from '../../repository/batch.ts';
import type { Operation } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import type { Db } from '../../storage/db.ts';

/** Write artefacts that are new or changed; a start with the content of the last one writes nothing. */
export async function publishContent(
  db: Db,
  repository: Repository,
  name: string,
  artefacts: readonly Resource[],
): Promise<number> {
  const checksum = createHash('sha256').update(JSON.stringify(artefacts)).digest('hex');
  const [loaded] = await db.query<{ checksum: string }>({
    text: 'select checksum from content_state where name = $1',
    values: [name],
  });
  if (loaded?.checksum === checksum) {
    return 0;
  }
  const operations = artefacts
    .filter(({ resourceType, id }) => isResourceType(resourceType) && id !== undefined)
    .map(toOperation);
  const caller = { principal: SYSTEM, requestId: 'content', interaction: 'load-content' };
  const results = await repository.commit(caller, operations);
  await db.query({
    text: `insert into content_state (name, checksum, loaded)
      values ($1, $2, now())
      on conflict (name) do update set checksum = excluded.checksum, loaded = excluded.loaded`,
    values: [name, checksum],
  });
  return results.filter(({ effect }) => effect !== 'unchanged').length;
}

function toOperation(artefact: Resource): Operation {
  return {
    kind: 'update',
    type: artefact.resourceType,
    id: artefact.id as string,
    resource: artefact as unknown as JsonObject,
    labels: NO_LABELS,
  };
}
