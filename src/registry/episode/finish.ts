/**
 * The end of a pathway [forløp]: its EpisodeOfCare is finished when every form that staff must fill is locked, and under way
 * again when a correction opens another one. What patients answer comes after the end as well.
 * https://hl7.org/fhir/R4/episodeofcare-definitions.html#EpisodeOfCare.status
 */
import { isImport } from '../../access/principal.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { EpisodeRow, WriteRule, WriteScope } from '../../repository/rules.ts';
import { scheduleOf } from '../schedule/of-pathway.ts';
import type { Schedule } from '../schedule/plan.ts';
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
  const tasks = rows.filter(({ type }) => type === 'Task');
  const next = schedule !== undefined && isDone(tasks, schedule) ? 'finished' : 'active';
  if (next !== status) {
    scope.add({
      kind: 'update',
      type: 'EpisodeOfCare',
      id,
      labels,
      resource: withStatus(found.resource, next, scope.now),
      previous: found.row,
    });
  }
}

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

function withStatus(episode: JsonObject, status: 'active' | 'finished', now: Date): JsonObject {
  const { end: _end, ...period } = (episode['period'] ?? {}) as JsonObject;
  return {
    ...episode,
    status,
    period: status === 'finished' ? { ...period, end: now.toISOString() } : period,
  };
}
