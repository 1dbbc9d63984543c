/**
 * Deleting a pathway [slett forløp] that was registered by mistake (registers.md section 5, rule 2): a local coordinator (LC) does
 * it while no form of it, clinician's or patient's, is locked. Everything of the pathway goes in the same transaction.
 */
import { isImport } from '../../access/principal.ts';
import { FhirError, error } from '../../fhir/outcome.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { EpisodeRow, WriteRule, WriteScope } from '../../repository/rules.ts';
import { lockListedSql } from '../../storage/pathway-list.ts';
import type { Sql } from '../../storage/store.ts';
import { isLocked } from '../form/lock.ts';
import { responseOf } from '../schedule/tasks.ts';

export const deletePathway: WriteRule = {
  name: 'delete-pathway',
  async apply(scope) {
    const deleted = scope
      .pending()
      .filter(
        ({ type, effect, derived, labels }) =>
          type === 'EpisodeOfCare' && effect === 'deleted' && derived !== true && labels?.register != null,
      );
    for (const { id, operation } of deleted) {
      await scope.query(lockRowsSql(id)); // who locks a form of it at this moment is waited for
      await scope.query(lockListedSql([id]));
      const rows = await scope.rowsOfEpisode(id);
      const locked = isImport(scope.principal) ? [] : lockedForms(rows); // what could not be read in whole is taken back
      if (locked.length > 0) {
        throw new FhirError(
          409,
          error(
            'conflict',
            `The pathway cannot be deleted: locked forms are ${locked.join(', ')}. A local coordinator (LC) can correct a locked form, with a reason.`,
            operation.at ?? 'EpisodeOfCare',
            'pathway-locked-form',
          ),
        );
      }
      removeAll(scope, rows);
    }
    return [];
  },
};

/** Forms first: whoever saves one holds it before anything else of the pathway. */
const lockRowsSql = (episode: string): Sql => ({
  text: `select r.id
    from resource r
    where r.episode = $1
      and r.content is not null
    order by r.type <> $2, r.type, r.id
    for update`,
  values: [episode, typeCode('QuestionnaireResponse') ?? 0],
});

/** Titles of the pathway's locked forms. */
export function lockedForms(
  rows: readonly Pick<EpisodeRow, 'type' | 'id' | 'resource'>[],
): readonly string[] {
  const locked = new Set(
    rows
      .filter(({ type, resource }) => type === 'QuestionnaireResponse' && isLocked(resource['status']))
      .map(({ id }) => `QuestionnaireResponse/${id}`),
  );
  const tasks = rows.filter(
    ({ type, resource }) =>
      type === 'Task' && (resource['status'] === 'completed' || locked.has(responseOf(resource) ?? '')),
  );
  const named = new Set(tasks.map(({ resource }) => responseOf(resource)));
  const unnamed = [...locked].filter((response) => !named.has(response));
  return [...tasks.map(({ resource }) => titleOf(resource)), ...unnamed];
}

const titleOf = (task: JsonObject): string =>
  (task['code'] as { readonly text?: string } | undefined)?.text ?? `Task/${String(task['id'])}`;

function removeAll(scope: WriteScope, rows: readonly EpisodeRow[]): void {
  for (const { type, id, row } of rows) {
    if (row !== undefined) {
      scope.add({ kind: 'delete', type, id, labels: row.labels, previous: row });
    }
  }
}
