/**
 * What a patient has sent in waits for staff where the register's plan says so (docs/adr/0026): they import it, and it is a draft
 * of theirs, or discard it, and the form is as if nobody had answered, until a coordinator takes that back.
 */
import { parseJson } from '../../fhir/json.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { CodeableConcept, JsonObject } from '../../fhir/types.ts';
import type { EpisodeRow, WriteScope } from '../../repository/rules.ts';
import { ROW_COLUMNS, type RowRecord, toRow } from '../../storage/row.ts';
import type { Labels, Row } from '../../storage/store.ts';
import type { Schedule } from '../schedule/plan.ts';
import { responseOf, retimed, withQuestionnaire, withResponse } from '../schedule/tasks.ts';
import {
  businessStatus,
  type Discarded,
  discardedOf,
  withDiscarded,
  withoutDiscarded,
} from './statements.ts';

/** The Task of a form whose answers are discarded: open, and without them. How sending stands is worked out anew. */
export function withoutAnswers(
  before: JsonObject,
  reason: CodeableConcept | undefined,
  now: Date,
): JsonObject {
  const { output: _output, businessStatus: _state, ...task } = before;
  return withDiscarded({ ...task, status: 'ready' }, { response: idOfResponse(before), at: now, reason });
}

const idOfResponse = (task: JsonObject): string => responseOf(task)?.split('/').at(-1) ?? '';

/** What was discarded, as it was. */
interface EarlierAnswers {
  readonly id: string;
  readonly resource: JsonObject;
  /** The row that it was, at the version that its deletion is. */
  readonly row: Row;
}

/** Undefined when its versions are erased, or it is not deleted. */
async function earlierAnswers(
  scope: Pick<WriteScope, 'query'>,
  { response: id }: Discarded,
): Promise<EarlierAnswers | undefined> {
  const [record] = await scope.query<RowRecord & { readonly earlier: string | null }>({
    text: `select ${ROW_COLUMNS}, (
        select h.content
        from history h
        where h.type = r.type and h.id = r.id and h.ver = r.ver - 1
      ) as earlier
      from resource r
      where r.type = $1 and r.id = $2 and r.content is null`,
    values: [typeCode('QuestionnaireResponse') ?? 0, id],
  });
  return record?.earlier == null
    ? undefined
    : {
        id,
        resource: parseJson(record.earlier) as JsonObject,
        row: { ...toRow(record), content: record.earlier },
      };
}

/**
 * Bring back what was discarded of a Task, as it was: the rule of saved forms stores it (form/form-rule.ts). Answers the Task, which waits
 * for staff again, in the version of the form that the answers are of; undefined when they are not here any more.
 */
export async function bringBack(
  scope: WriteScope,
  before: JsonObject,
  labels: Labels,
): Promise<JsonObject | undefined> {
  const discarded = discardedOf(before);
  const answers = discarded && (await earlierAnswers(scope, discarded));
  if (answers === undefined) {
    return undefined;
  }
  const { id, resource, row } = answers;
  scope.add({ kind: 'update', type: 'QuestionnaireResponse', id, labels, resource, previous: row });
  stateDiscard(scope, before, labels, { state: 'submitted' });
  const task = withResponse(withoutDiscarded(before), `QuestionnaireResponse/${id}`, 'ready', scope.now);
  return {
    ...withQuestionnaire(task, String(resource['questionnaire'])),
    businessStatus: businessStatus('submitted'),
  };
}

interface Answered {
  readonly schedule: Schedule;
  readonly episode: JsonObject;
  readonly patient: JsonObject | undefined;
  readonly rows: readonly EpisodeRow[];
  readonly labels: Labels;
}

/**
 * Take the answers of a Task away, and what they had opened; their versions stay in the history, for the trail, and for whoever takes
 * it back.
 */
export function discard(
  scope: WriteScope,
  task: JsonObject,
  { schedule, rows, labels, ...pathway }: Answered,
  reason: CodeableConcept | undefined,
): void {
  stateDiscard(scope, task, labels, { state: 'discarded', ...(reason !== undefined && { reason }) });
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
export const stateImport = (scope: WriteScope, task: JsonObject, labels: Labels): void =>
  state(scope, labels, {
    target: responseOf(task) ?? '',
    activity: { system: 'https://ryggrad.no/fhir/CodeSystem/schedule-step', code: 'import' },
    informant: task['for'] as JsonObject,
  });

/** Who discarded it, and why; or who took that back. */
const stateDiscard = (
  scope: WriteScope,
  task: JsonObject,
  labels: Labels,
  { state: code, reason }: { readonly state: 'discarded' | 'submitted'; readonly reason?: CodeableConcept },
): void =>
  state(scope, labels, {
    target: `Task/${String(task['id'])}`,
    activity: { system: 'https://ryggrad.no/fhir/CodeSystem/patient-form-state', code },
    ...(reason !== undefined && { reason }),
  });

interface Stated {
  readonly target: string;
  readonly activity: { readonly system: string; readonly code: string };
  readonly reason?: CodeableConcept;
  /** Who had answered. */
  readonly informant?: JsonObject;
}

function state(scope: WriteScope, labels: Labels, { target, activity, reason, informant }: Stated): void {
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
      target: [{ reference: target }],
      recorded: now.toISOString(),
      activity: { coding: [activity] },
      ...(reason !== undefined && { reason: [reason as unknown as JsonObject] }),
      agent: [
        agent('enterer', { identifier: { system: SUBJECT, value: principal.subject } }),
        ...(informant === undefined ? [] : [agent('informant', informant)]),
      ],
    },
  });
}
