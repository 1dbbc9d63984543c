/**
 * What a patient has sent in waits for staff where the register's plan says so (docs/adr/0026): they import it, and it is a draft
 * of theirs, or discard it, and the form is as if nobody had answered.
 */
import type { JsonObject } from '../../fhir/types.ts';
import type { EpisodeRow, WriteScope } from '../../repository/rules.ts';
import type { Labels } from '../../storage/store.ts';
import type { Schedule } from '../schedule/plan.ts';
import { responseOf, retimed } from '../schedule/tasks.ts';

/** The Task of a form whose answers are discarded: open, and without them. How sending stands is worked out anew. */
export function withoutAnswers({ output: _output, businessStatus: _state, ...task }: JsonObject): JsonObject {
  return { ...task, status: 'ready' };
}

interface Answered {
  readonly schedule: Schedule;
  readonly episode: JsonObject;
  readonly patient: JsonObject | undefined;
  readonly rows: readonly EpisodeRow[];
}

/** Take the answers of a Task away, and what they had opened; their versions stay in the history, for the trail. */
export function removeAnswers(
  scope: WriteScope,
  task: JsonObject,
  { schedule, rows, ...pathway }: Answered,
): void {
  const isAnswer = ({ type, id }: EpisodeRow): boolean => `${type}/${id}` === responseOf(task);
  const answers = rows.find(isAnswer);
  if (answers?.row !== undefined) {
    const { type, id, row } = answers;
    scope.add({ kind: 'delete', type, id, labels: row.labels, previous: row });
  }
  const responses = rows
    .filter((row) => row.type === 'QuestionnaireResponse' && !isAnswer(row))
    .map(({ resource }) => resource);
  const others = rows.filter(({ type, id }) => type === 'Task' && id !== task['id']);
  for (const { row, ...other } of retimed(others, schedule, { ...pathway, responses }, scope.now)) {
    if (row !== undefined) {
      scope.add({ kind: 'update', ...other, labels: row.labels, previous: row });
    }
  }
}

const PARTICIPANT = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';
const SUBJECT = 'https://ryggrad.no/fhir/NamingSystem/subject';

/** Who imported what the patient had answered, and when. https://hl7.org/fhir/R4/provenance.html */
export function stateImport(scope: WriteScope, task: JsonObject, labels: Labels): void {
  const { principal, now } = scope;
  const agent = (code: string, who: JsonObject): JsonObject => ({
    type: { coding: [{ system: PARTICIPANT, code }] },
    who,
    ...(code === 'enterer' &&
      labels.unit !== null && { onBehalfOf: { reference: `Organization/${labels.unit}` } }),
  });
  scope.add({
    kind: 'create',
    type: 'Provenance',
    id: scope.newId(),
    // of the department, not of the pathway: who worked where does not go to the national store
    labels: { ...labels, episode: null },
    resource: {
      resourceType: 'Provenance',
      target: [{ reference: responseOf(task) ?? '' }],
      recorded: now.toISOString(),
      activity: {
        coding: [{ system: 'https://ryggrad.no/fhir/CodeSystem/schedule-step', code: 'import' }],
      },
      agent: [
        agent('enterer', { identifier: { system: SUBJECT, value: principal.subject } }),
        agent('informant', task['for'] as JsonObject),
      ],
    },
  });
}
