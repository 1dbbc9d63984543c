/**
 * Saving a form from the pages: the same write as any FHIR client's, with the fields filled that the pages do not show.
 */
import { FhirError, error } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, QuestionnaireResponse, Reference } from '../../fhir/types.ts';
import type { Operation, Result } from '../../repository/operation.ts';
import type { Caller } from '../../repository/audit.ts';
import { CHANGE_REASON } from './lock.ts';
import type { FormDeps } from './open-form.ts';
import { EPISODE_EXTENSION, taskExtension } from './pathway.ts';
import type { WITHDRAWN } from './withdraw-form.ts';
import { noteOf, withNote } from '../schedule/task-notes.ts';
import { PLANNED_FORM, plannedName } from '../schedule/planned-form.ts';
import { questionnaireOf, responseOf } from '../schedule/tasks.ts';
import { parseJson } from '../../fhir/json.ts';

export interface FormSave {
  readonly taskId: string;
  readonly response: QuestionnaireResponse;
  readonly status: 'in-progress' | 'completed' | 'amended' | typeof WITHDRAWN;
  /** Version that the user saw; undefined before the first save. */
  readonly ifMatch: string | undefined;
  /** Why a locked form is corrected, or a captured one withdrawn. */
  readonly reason?: string | undefined;
  /** Comment on the form; undefined leaves it as it is, empty removes it. */
  readonly comment?: string | undefined;
}

/** Save, lock or correct a form. Throws what the write throws: 403, 404, 412 (someone saved in between), 422. */
export async function saveForm(deps: FormDeps, caller: Caller, save: FormSave): Promise<Result> {
  const { repository } = deps;
  const row = await repository.read(caller, { type: 'Task', id: save.taskId });
  const task = parseJson(row.content) as JsonObject;
  const episode =
    idOfReference((task['basedOn'] as readonly Reference[] | undefined)?.[0], 'EpisodeOfCare') ?? '';
  const stored = responseOf(task)?.split('/')[1];
  if (stored !== undefined && save.ifMatch === undefined) {
    throw new FhirError(
      412,
      error('conflict', 'Someone else has started this form. Open it again.', undefined, 'form-started'),
    );
  }
  const resource: JsonObject = {
    resourceType: 'QuestionnaireResponse',
    ...(stored !== undefined && { id: stored }),
    extension: [
      ...extensionsOf(episode, save.reason, plannedName(task)),
      ...(task['focus'] === undefined ? [] : [taskExtension(task) as unknown as JsonObject]),
    ],
    questionnaire: questionnaireOf(task) ?? '',
    status: save.status,
    subject: task['for'] ?? null,
    ...(save.response.item !== undefined && { item: save.response.item as unknown as JsonObject[] }),
  };
  const form: Operation =
    stored === undefined
      ? { kind: 'create', type: 'QuestionnaireResponse', resource }
      : {
          kind: 'update',
          type: 'QuestionnaireResponse',
          id: stored,
          resource,
          ...(save.ifMatch !== undefined && { ifMatch: save.ifMatch }),
        };
  const [result] = await repository.commit(caller, [form, ...commentOn(deps, caller, task, save.comment)]);
  if (result === undefined) {
    throw new Error('Saving a form gave no result');
  }
  return result;
}

/** The Task with its comment, when it is another one. */
function commentOn(
  { repository }: FormDeps,
  { principal }: Caller,
  task: JsonObject,
  comment: string | undefined,
): readonly Operation[] {
  if (comment === undefined || comment === noteOf(task)) {
    return [];
  }
  const at = repository.deps.clock.now().toISOString();
  const resource = withNote(task, comment, principal.name, at);
  return [{ kind: 'update', type: 'Task', id: task['id'] as string, resource }];
}

function extensionsOf(
  episode: string,
  reason: string | undefined,
  planned: string | undefined,
): readonly JsonObject[] {
  return [
    { url: EPISODE_EXTENSION, valueReference: { reference: `EpisodeOfCare/${episode}` } },
    ...(planned === undefined ? [] : [{ url: PLANNED_FORM, valueCode: planned }]),
    ...(reason === undefined ? [] : [{ url: CHANGE_REASON, valueString: reason }]),
  ];
}
