/**
 * The end of a pathway [forløp]: its EpisodeOfCare is finished when every form that staff must fill is locked, and under way
 * again when a correction opens another one. What patients answer comes after the end as well. A pathway whose forms come again
 * and again for life ends with the person's death.
 * https://hl7.org/fhir/R4/episodeofcare-definitions.html#EpisodeOfCare.status
 */
import { isImport } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, Reference } from '../../fhir/types.ts';
import type { Pending } from '../../repository/operation.ts';
import { ROW_COLUMNS, type RowRecord, toRow } from '../../storage/row.ts';
import type { EpisodeRow, WriteRule, WriteScope } from '../../repository/rules.ts';
import { isDead } from '../sending/form-facts.ts';
import { isOfType, scheduleOf } from '../schedule/of-pathway.ts';
import { isLifelong, type Schedule } from '../schedule/plan.ts';
import { isTaskOf } from '../schedule/tasks.ts';
import { receivedOf } from '../sending/statements.ts';

/** Finish the pathways whose last form is locked in this write, and take up again those that got an open one. */
export function finishPathways(schedules: readonly Schedule[]): WriteRule {
  return {
    name: 'finish-pathways',
    async apply(scope) {
      const touched = (isImport(scope.principal) ? [] : scope.pending())
        .filter(({ type, effect }) => type === 'Task' && effect === 'updated')
        .flatMap(({ labels }) => (labels?.episode == null ? [] : [labels.episode]));
      for (const episode of new Set(touched)) {
        await follow(scope, episode, schedules);
      }
      await followDeaths(scope, schedules);
      return [];
    },
  };
}

async function follow(scope: WriteScope, id: string, schedules: readonly Schedule[]): Promise<void> {
  const rows = await scope.rowsOfEpisode(id);
  const found = rows.find(({ type }) => type === 'EpisodeOfCare');
  const status = found?.resource['status'];
  if (found?.row === undefined || (status !== 'active' && status !== 'finished')) {
    return;
  }
  const { labels } = found.row;
  const schedule = scheduleOf(schedules, rows);
  if (schedule !== undefined && isLifelong(schedule)) {
    return;
  }
  const tasks = rows.filter(({ type }) => type === 'Task');
  const next = schedule !== undefined && isDone(tasks, schedule) ? 'finished' : 'active';
  if (next !== status) {
    scope.add({
      kind: 'update',
      type: 'EpisodeOfCare',
      id,
      labels,
      resource: withStatus(found.resource, next, scope.now.toISOString()),
      previous: found.row,
    });
  }
}

/** Those who have died in this write, and those who turn out to be alive. */
async function followDeaths(scope: WriteScope, schedules: readonly Schedule[]): Promise<void> {
  const lifelong = schedules.filter(isLifelong);
  const persons =
    lifelong.length === 0
      ? []
      : scope
          .pending()
          .filter(
            ({ type, resource, effect }) =>
              type === 'Patient' && effect === 'updated' && resource !== undefined,
          );
  const changed = new Map(persons.filter(isOtherwise).map(({ id, resource }) => [id, resource ?? {}]));
  if (changed.size === 0) {
    return;
  }
  const records = await scope.query<RowRecord>({
    text: `select ${ROW_COLUMNS}
      from resource r
      where r.type = $1
        and r.patient = any($2)
        and r.reg = any($3)
        and r.content is not null`,
    values: [typeCode('EpisodeOfCare'), [...changed.keys()], lifelong.map(({ register }) => register.id)],
  });
  for (const row of records.map(toRow)) {
    const episode = parseJson(row.content ?? '{}') as JsonObject;
    const person = changed.get(idOfReference(episode['patient'] as Reference | undefined, 'Patient') ?? '');
    const next = isDead(person) ? 'finished' : 'active';
    const isOwn = lifelong.some((schedule) => isOfType(episode['type'], schedule));
    if (isOwn && ENDING.has(episode['status']) && episode['status'] !== next) {
      const { id, labels } = row;
      const resource = withStatus(episode, next, diedAt(person) ?? scope.now.toISOString());
      scope.add({ kind: 'update', type: 'EpisodeOfCare', id, labels, resource, previous: row });
    }
  }
}

const ENDING: ReadonlySet<unknown> = new Set(['active', 'finished']);

const isOtherwise = ({ resource, previous }: Pending): boolean =>
  isDead(resource) !== isDead(parseJson(previous?.content ?? '{}') as JsonObject);

const diedAt = (person: JsonObject | undefined): string | undefined => {
  const at = person?.['deceasedDateTime'];
  return typeof at === 'string' ? at : undefined;
};

/** Something is locked, nothing that staff must fill or import is open, and nothing of theirs is half filled. */
function isDone(tasks: readonly EpisodeRow[], schedule: Schedule): boolean {
  if (tasks.some(({ resource }) => receivedOf(resource) !== undefined)) {
    return false;
  }
  const ofStaff = schedule.forms.filter(({ answeredBy }) => answeredBy === 'practitioner');
  const states = ofStaff.map((form) => ({
    form,
    status: tasks.find(({ resource }) => isTaskOf(form, schedule, resource))?.resource['status'],
  }));
  const isOver = ({ form, status }: (typeof states)[number]): boolean =>
    status !== 'in-progress' && (form.isOptional || status !== 'ready');
  return (
    states.every(isOver) && states.some(({ form, status }) => !form.isOptional && status === 'completed')
  );
}

function withStatus(episode: JsonObject, status: 'active' | 'finished', end: string): JsonObject {
  const { end: _end, ...period } = (episode['period'] ?? {}) as JsonObject;
  return {
    ...episode,
    status,
    period: status === 'finished' ? { ...period, end } : period,
  };
}
