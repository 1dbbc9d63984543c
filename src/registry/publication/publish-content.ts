/**
 * Loaded content as resources: questionnaires, value sets and profiles are read over the API like everything else.
 */
import { createHash } from 'node:crypto';
import { SYSTEM } from '../../access/principal.ts';
import { isResourceType, typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, Resource } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import { NO_LABELS } from '../../repository/batch.ts';
import type { Operation } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import { isSameContent } from '../../repository/versions.ts';
import type { Db } from '../../storage/db.ts';
import type { Row } from '../../storage/store.ts';

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
  const results = await repository.commit(CALLER, artefacts.filter(isStored).map(toOperation));
  await db.query({
    text: `insert into content_state (name, checksum, loaded)
      values ($1, $2, now())
      on conflict (name) do update set checksum = excluded.checksum, loaded = excluded.loaded`,
    values: [name, checksum],
  });
  return results.filter(({ effect }) => effect !== 'unchanged').length;
}

const CALLER: Caller = { principal: SYSTEM, requestId: 'content', interaction: 'load-content' };

const isStored = ({ resourceType, id }: Resource): boolean =>
  isResourceType(resourceType) && id !== undefined;

export type Publication = 'created' | 'updated' | 'unchanged';

/** What publishing an artefact comes to. */
export interface PlannedArtefact {
  readonly artefact: Resource;
  readonly effect: Publication;
}

const PAGE = 500;

/** What publishing would do; nothing is written. */
export async function planPublication(
  repository: Repository,
  artefacts: readonly Resource[],
): Promise<readonly PlannedArtefact[]> {
  const wanted = artefacts.filter(isStored);
  const planned: PlannedArtefact[] = [];
  for (let from = 0; from < wanted.length; from += PAGE) {
    const page = wanted.slice(from, from + PAGE);
    const rows = await repository.select(CALLER, {
      text: `(r.type, r.id) in (select w.type, w.id from unnest($1::smallint[], $2::text[]) as w (type, id))`,
      values: [page.map(({ resourceType }) => typeCode(resourceType)), page.map(({ id }) => id)],
    });
    const byKey = new Map(rows.map((row) => [`${row.type}/${row.id}`, row]));
    planned.push(...page.map((artefact) => ({ artefact, effect: effectOf(artefact, byKey) })));
  }
  return planned;
}

function effectOf(artefact: Resource, stored: ReadonlyMap<string, Row>): Publication {
  const row = stored.get(`${artefact.resourceType}/${artefact.id ?? ''}`);
  if (row === undefined) {
    return 'created';
  }
  return isSameContent(artefact as unknown as JsonObject, row) ? 'unchanged' : 'updated';
}

/** Publish these alone, whatever was published before: of one register. Answers what each came to. */
export async function publishSome(
  repository: Repository,
  artefacts: readonly Resource[],
): Promise<readonly PlannedArtefact[]> {
  const wanted = artefacts.filter(isStored);
  const results = await repository.commit(CALLER, wanted.map(toOperation));
  return wanted.map((artefact, index) => ({
    artefact,
    effect: (results[index]?.effect ?? 'unchanged') as Publication,
  }));
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
