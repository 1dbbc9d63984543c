/**
 * The pathway that a response belongs to: its episode, tasks and responses, as they stand inside a write.
 */
import { error, type Issue } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { Extension, JsonObject, Reference } from '../../fhir/types.ts';
import type { Pending } from '../../repository/operation.ts';
import type { EpisodeRow, WriteScope } from '../../repository/rules.ts';
import type { PathwayState } from '../schedule/tasks.ts';

export const EPISODE_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare';
/** Which of several Tasks of the same form a response answers. */
const FORM_TASK = 'https://ryggrad.no/fhir/StructureDefinition/form-task';

export interface Pathway {
  readonly id: string;
  readonly unit: string;
  readonly episode: JsonObject;
  readonly patientId: string;
  readonly patient: JsonObject | undefined;
  readonly rows: readonly EpisodeRow[];
}

/** The pathway named by the response's episode extension, or what is wrong with that. */
export async function findPathway(scope: WriteScope, entry: Pending): Promise<Pathway | Issue> {
  const response = entry.resource ?? {};
  const id = episodeIdOf(response);
  const at = entry.operation.at ?? 'QuestionnaireResponse';
  if (id === undefined) {
    return error(
      'required',
      `A response to a register form must name its pathway in the extension ${EPISODE_EXTENSION}.`,
      `${at}.extension`,
      'episode-required',
    );
  }
  const episode = await scope.get({ type: 'EpisodeOfCare', id });
  const unit = idOfReference(episode?.['managingOrganization'] as Reference | undefined, 'Organization');
  if (episode === undefined || unit === undefined || !isOwn(scope, unit)) {
    return error(
      'not-found',
      `EpisodeOfCare/${id} is not known here.`,
      `${at}.extension`,
      'dangling-reference',
    );
  }
  const patientId = idOfReference(episode['patient'] as Reference, 'Patient') ?? '';
  if (idOfReference(response['subject'] as Reference | undefined, 'Patient') !== patientId) {
    return error(
      'business-rule',
      'The subject of the response is not the person of its pathway.',
      `${at}.subject`,
      'subject-of-pathway',
    );
  }
  const patient = await scope.get({ type: 'Patient', id: patientId });
  return { id, unit, episode, patientId, patient, rows: await scope.rowsOfEpisode(id) };
}

/** Id of the EpisodeOfCare in the episode extension of a resource. */
export function episodeIdOf(resource: JsonObject): string | undefined {
  const extensions = (resource['extension'] ?? []) as readonly { url?: string; valueReference?: Reference }[];
  const found = extensions.find(({ url }) => url === EPISODE_EXTENSION);
  return idOfReference(found?.valueReference, 'EpisodeOfCare');
}

function isOwn({ principal }: WriteScope, unit: string): boolean {
  if (principal.kind === 'system') {
    return true;
  }
  return principal.kind !== 'analytics' && principal.units.includes(unit);
}

export const ofType = (rows: readonly EpisodeRow[], type: string): readonly EpisodeRow[] =>
  rows.filter((row) => row.type === type);

/** What the schedule's conditions are evaluated over, with one response as it will be. */
export function stateWith({ episode, patient, rows }: Pathway, response: JsonObject): PathwayState {
  const others = ofType(rows, 'QuestionnaireResponse').filter(({ id }) => id !== response['id']);
  return { episode, patient, responses: [...others.map(({ resource }) => resource), response] };
}

/** The extension of a response that says which Task it answers. */
export const taskExtension = ({ id }: JsonObject): Extension => ({
  url: FORM_TASK,
  valueReference: { reference: `Task/${String(id)}` },
});

/** Id of the Task that a response says it answers; where a form is filled once in a pathway, it need not. */
export function taskIdOf(resource: JsonObject): string | undefined {
  const extensions = (resource['extension'] ?? []) as unknown as readonly Extension[];
  return idOfReference(extensions.find(({ url }) => url === FORM_TASK)?.valueReference, 'Task');
}
