/**
 * Forms are versioned: one that is begun stays on its version, one that nobody has begun is filled in the version that the schedule
 * asks for now. This job moves the Tasks of the latter when a register's forms have new versions. ADR 0028.
 */
import { createHash } from 'node:crypto';
import { SYSTEM } from '../../access/principal.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import { parseJson } from '../../fhir/json.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Operation } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import type { Db } from '../../storage/db.ts';
import type { Row } from '../../storage/store.ts';
import type { Schedule } from './plan.ts';
import { formOfTask, questionnaireOf, responseOf, withQuestionnaire } from './tasks.ts';

/** Name of the job. */
export const MOVE_TASKS = 'move-tasks';
const PAGE = 100;

export interface MoveDeps {
  readonly db: Db;
  readonly repository: Repository;
  readonly schedules: readonly Schedule[];
}

/** Do schedules ask for other versions than when Tasks were moved last? */
export async function hasNewVersions({ db, schedules }: Omit<MoveDeps, 'repository'>): Promise<boolean> {
  const [moved] = await db.query<{ checksum: string }>({
    text: 'select checksum from content_state where name = $1',
    values: [MOVE_TASKS],
  });
  return moved?.checksum !== checksumOf(schedules);
}

/**
 * Move all Tasks that nobody has begun; answers how many. A Task that is begun at that moment is left alone by a refusal (412), and
 * the job is done again.
 */
export async function moveTasks(
  { db, repository, schedules }: MoveDeps,
  signal?: AbortSignal,
): Promise<number> {
  const caller: Caller = { principal: SYSTEM, requestId: MOVE_TASKS, interaction: MOVE_TASKS };
  let moved = 0;
  for await (const rows of waitingTasks(repository, caller, schedules)) {
    if (signal?.aborted === true) {
      return moved;
    }
    const operations = rows.flatMap((row) => moveOf(row, schedules));
    if (operations.length > 0) {
      await repository.commit(caller, operations);
    }
    moved += operations.length;
  }
  await db.query({
    text: `insert into content_state (name, checksum, loaded)
      values ($1, $2, now())
      on conflict (name) do update set checksum = excluded.checksum, loaded = excluded.loaded`,
    values: [MOVE_TASKS, checksumOf(schedules)],
  });
  return moved;
}

const canonicalsOf = (schedules: readonly Schedule[]): readonly string[] => [
  ...new Set(schedules.flatMap(({ forms }) => forms.map(({ questionnaire }) => questionnaire))),
];

const checksumOf = (schedules: readonly Schedule[]): string =>
  createHash('sha256')
    .update(JSON.stringify(canonicalsOf(schedules).toSorted()))
    .digest('hex');

type Stored = Row & { readonly content: string };

/** Pages of Tasks that are not begun and name one of the forms in another version than the schedule. */
async function* waitingTasks(
  repository: Repository,
  caller: Caller,
  schedules: readonly Schedule[],
): AsyncGenerator<readonly Stored[]> {
  const current = canonicalsOf(schedules);
  const named = (text: string): string => `%"valueCanonical":"${text.replaceAll(/[\\%_]/g, '\\$&')}`;
  const any = [...new Set(current.map((canonical) => named(`${parseCanonical(canonical).url}|`)))];
  let after = '0';
  for (;;) {
    const rows: readonly Stored[] = await repository.select(caller, {
      text: `r.rid in (
        select t.rid
        from resource t
        where t.type = $1
          and t.status in ('draft', 'ready')
          and t.content like any($2)
          and not t.content like any($3)
          and t.rid > $4
        order by t.rid
        limit ${PAGE}
      )`,
      values: [
        typeCode('Task') ?? 0,
        any.map((pattern) => `${pattern}%`),
        current.map((canonical) => `${named(canonical)}"%`),
        after,
      ],
    });
    const last = rows.at(-1);
    if (last === undefined) {
      return;
    }
    after = last.rid;
    yield rows;
  }
}

function moveOf(row: Stored, schedules: readonly Schedule[]): readonly Operation[] {
  const task = parseJson(row.content) as JsonObject;
  const plan = parseCanonical(String(task['instantiatesCanonical'])).url;
  const schedule = schedules.find(({ canonical }) => parseCanonical(canonical).url === plan);
  const form = schedule && formOfTask(schedule, task);
  if (form === undefined || responseOf(task) !== undefined || questionnaireOf(task) === form.questionnaire) {
    return [];
  }
  return [
    {
      kind: 'update',
      type: 'Task',
      id: row.id,
      resource: withQuestionnaire(task, form.questionnaire),
      labels: row.labels,
      ifMatch: String(row.versionId),
    },
  ];
}
