/** What a register has of a person in all their pathways, as it stands inside a write. */
import { idOfReference } from '../../fhir/reference.ts';
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject, Reference } from '../../fhir/types.ts';
import type { Pending } from '../../repository/operation.ts';
import { rowsOfPatientSql } from '../../repository/rows.ts';
import type { EpisodeRow, WriteScope } from '../../repository/rules.ts';
import { type RowRecord, toRow } from '../../storage/row.ts';
import type { Labels } from '../../storage/store.ts';

/** A resource of one of the person's pathways. */
export interface PersonRow extends EpisodeRow {
  readonly labels: Labels;
}

/** Id of the person that a resource of a pathway is about. */
export const personOfResource = ({ patient, subject }: JsonObject): string | undefined =>
  idOfReference((patient ?? subject) as Reference | undefined, 'Patient');

/** Current rows of these types, in one statement, with the writes of this batch laid over them. */
export async function personRows(
  scope: Pick<WriteScope, 'pending' | 'query'>,
  { patient, register }: { readonly patient: string; readonly register: string },
  types: readonly string[],
): Promise<readonly PersonRow[]> {
  const records = await scope.query<RowRecord>(rowsOfPatientSql(patient, types));
  const stored = records.map(toRow).filter(({ labels }) => labels.register === register);
  const rows = new Map<string, PersonRow>(
    stored.map((row) => [
      `${row.type}/${row.id}`,
      {
        type: row.type,
        id: row.id,
        labels: row.labels,
        resource: parseJson(row.content ?? '{}') as JsonObject,
        row,
      },
    ]),
  );
  for (const entry of scope.pending().filter(({ type }) => types.includes(type))) {
    layOver(rows, entry, patient, register);
  }
  return [...rows.values()];
}

function layOver(
  rows: Map<string, PersonRow>,
  { type, id, effect, resource, labels, previous }: Pending,
  patient: string,
  register: string,
): void {
  const key = `${type}/${id}`;
  if (effect === 'deleted') {
    rows.delete(key);
    return;
  }
  const own = labels ?? previous?.labels;
  const isTheirs = resource !== undefined && personOfResource(resource) === patient;
  if (isTheirs && own != null && own.register === register) {
    const known = rows.get(key)?.row;
    rows.set(key, { type, id, labels: own, resource, ...(known !== undefined && { row: known }) });
  }
}
