/**
 * The answer to a write that was carried out when it was asked for the first time (once.ts).
 */
import { typeCode } from '../fhir/resource-types.ts';
import type { Row, Sql } from '../storage/store.ts';
import { auditRead, type Caller, patientsOf } from './audit.ts';
import type { RepositoryDeps } from './deps.ts';
import type { Kept } from './once.ts';
import type { Result } from './operation.ts';

/** The part of the repository that it needs. */
interface Rows {
  readonly deps: RepositoryDeps;
  select(caller: Caller, condition: Sql): Promise<readonly (Row & { readonly content: string })[]>;
}

/** What came of a write, once more: with the text where nobody has written since, and where the caller may see it. */
export async function answerAgain(
  repository: Rows,
  caller: Caller,
  earlier: readonly Kept[],
): Promise<readonly Result[]> {
  const stored = earlier.filter(({ versionId }) => versionId !== undefined);
  const rows = await repository.select(caller, {
    text: `(r.type, r.id) in (select t.type, t.id from unnest($1::smallint[], $2::text[]) as t (type, id))`,
    values: [stored.map(({ type }) => typeCode(type)), stored.map(({ id }) => id)],
  });
  const texts = new Map(rows.map((row) => [`${row.type}/${row.id}/${row.versionId}`, row.content]));
  await auditRead(repository.deps, caller, {
    status: 200,
    entities: stored.map(({ type, id, versionId = '' }) => ({ type, id, versionId })),
    patients: [...new Set(rows.flatMap(({ content }) => patientsOf(content)))],
  });
  return earlier.map((kept) => {
    const content = texts.get(`${kept.type}/${kept.id}/${kept.versionId}`);
    return content === undefined ? kept : { ...kept, content };
  });
}
