/**
 * A locked form becomes facts: what it states (facts.ts), replacing what an earlier version of the same form stated. https://hl7.org/fhir/uv/sdc/extraction.html
 */
import { hash } from 'node:crypto';
import type { JsonObject, QuestionnaireResponse } from '../../fhir/types.ts';
import type { EpisodeRow, WriteScope } from '../../repository/rules.ts';
import type { Labels } from '../../storage/store.ts';
import { factsOf, type ScoredForm } from './facts.ts';

/** meta.source of everything extracted from a response: how the next extraction finds it again. */
export const sourceOf = (responseId: string): string => `urn:ryggrad:form:${responseId}`;

/** Write the facts of a locked response; delete those of its earlier version that it no longer states. */
export function writeFacts(
  scope: WriteScope,
  form: ScoredForm,
  response: JsonObject,
  rows: readonly EpisodeRow[],
  labels: Labels,
): void {
  const source = sourceOf(response['id'] as string);
  const extracted = factsOf(form, response as unknown as QuestionnaireResponse, {
    now: scope.now,
    newId: idOfKey,
  });
  const earlier = rows.filter(
    ({ resource }) => (resource['meta'] as JsonObject | undefined)?.['source'] === source,
  );
  const kept = new Set<string>();
  for (const { key, resource } of extracted) {
    const type = resource.resourceType;
    const id = idOfKey(key);
    kept.add(`${type}/${id}`);
    const before = earlier.find((row) => row.type === type && row.id === id);
    const previous = before?.row === undefined ? {} : { previous: before.row };
    scope.add({
      kind: before === undefined ? 'create' : 'update',
      type,
      id,
      labels,
      resource: { ...(resource as unknown as JsonObject), id, meta: { source } },
      ...previous,
    });
  }
  for (const { type, id, row } of earlier) {
    if (!kept.has(`${type}/${id}`) && row !== undefined) {
      scope.add({ kind: 'delete', type, id, labels, previous: row });
    }
  }
}

/** Delete everything that a response stated. */
export function removeFacts(
  scope: WriteScope,
  response: string,
  rows: readonly EpisodeRow[],
  labels: Labels,
): void {
  for (const { type, id, row, resource } of rows) {
    if (
      row !== undefined &&
      (resource['meta'] as JsonObject | undefined)?.['source'] === sourceOf(response)
    ) {
      scope.add({ kind: 'delete', type, id, labels, previous: row });
    }
  }
}

/** The same answer in the same place gives the same id, in every version of the form's answers. */
export const idOfKey = (key: string): string => {
  const hex = hash('sha256', key, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
