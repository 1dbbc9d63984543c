/**
 * What is written satisfies the scope that it is written by (SC-04): before the change by the row filter, afterwards here,
 * so that nothing is moved out of what the scope reaches, or into it.
 */
import type { ScopeLimits } from '../access/scopes.ts';
import { forbidden } from '../fhir/outcome.ts';
import { overVersions, versionRows } from '../search/version-rows.ts';
import type { Write } from '../storage/store.ts';
import type { WriteBatch } from './batch.ts';
import type { Pending } from './operation.ts';

/** Throws 403 when a version of the caller's would lie outside of its scopes' constraints. */
export async function refuseBeyondLimits(
  batch: WriteBatch,
  writes: ReadonlyMap<Pending, Write>,
): Promise<void> {
  const { limits } = batch.principal;
  if (limits === undefined) {
    return;
  }
  const own = [...writes].filter(([{ derived }, { content }]) => derived !== true && content !== null);
  const created = own.filter(([{ operation }]) => operation.kind === 'create').map(([, write]) => write);
  const updated = own.filter(([{ operation }]) => operation.kind !== 'create').map(([, write]) => write);
  await refuseBeyond(batch, limits, 'c', created);
  await refuseBeyond(batch, limits, 'u', updated);
}

async function refuseBeyond(
  batch: WriteBatch,
  limits: ScopeLimits,
  letter: 'c' | 'u',
  writes: readonly Write[],
): Promise<void> {
  const limit = limits[letter];
  if (limit === undefined || writes.length === 0) {
    return;
  }
  const rows = writes.flatMap(({ type, id, lastUpdated, labels, index }) =>
    index === null ? [] : [{ type, id, lastUpdated, unit: labels.unit, index }],
  );
  const within = await batch.context.tx.query<{ content: string }>(
    overVersions(
      { text: `select r.content from resource r where ${limit.text}`, values: limit.values },
      versionRows(rows),
    ),
  );
  const inside = new Set(within.map(({ content }) => Number(content)));
  const outside = rows.find((_row, place) => !inside.has(place));
  if (outside !== undefined) {
    throw forbidden(
      `${outside.type}/${outside.id} would be outside of what the granted scopes allow to be written.`,
      'scope',
    );
  }
}
