/** The Task that a response answers, where a pathway may have several for the same Questionnaire. */
import { parseCanonical } from '../../fhir/canonical.ts';
import type { Pending } from '../../repository/operation.ts';
import type { EpisodeRow, WriteScope } from '../../repository/rules.ts';
import { plannedName } from '../schedule/planned-form.ts';
import { questionnaireOf, responseOf } from '../schedule/tasks.ts';
import { ofType, taskIdOf } from './pathway.ts';

/**
 * The one that has this response already; else the one that the patient was let into, or that the response names (the extensions
 * `form-task` and `planned-form`); else the first that waits for an answer. Undefined when the pathway does not ask for the form.
 */
export function taskOfResponse(
  { principal }: Pick<WriteScope, 'principal'>,
  { id, resource = {} }: Pick<Pending, 'id' | 'resource'>,
  rows: readonly EpisodeRow[],
): EpisodeRow | undefined {
  const url = urlOf(resource['questionnaire']);
  const tasks = ofType(rows, 'Task').filter((task) => urlOf(questionnaireOf(task.resource)) === url);
  const own = tasks.find((task) => responseOf(task.resource) === `QuestionnaireResponse/${id}`);
  if (own !== undefined || principal.kind === 'patient') {
    return own ?? tasks.find((task) => principal.kind === 'patient' && task.id === principal.task);
  }
  const about = taskIdOf(resource);
  if (about !== undefined) {
    return tasks.find((task) => task.id === about);
  }
  const name = plannedName(resource);
  const named = tasks.filter((task) => name === undefined || plannedName(task.resource) === name);
  return named.find(isWaiting) ?? named[0];
}

const urlOf = (canonical: unknown): string => parseCanonical(String(canonical)).url;

const isWaiting = ({ resource }: EpisodeRow): boolean =>
  responseOf(resource) === undefined &&
  (resource['status'] === 'ready' || resource['status'] === 'in-progress');
