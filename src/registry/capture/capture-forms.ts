/**
 * The job that fills a pathway's forms with what has arrived (docs/adr/0025): what is whole is locked, what is not says what is
 * missing, and what was locked is corrected when its sources are. It reads what the department may see, and writes as the server.
 */
import { CAPTURE, type StaffPrincipal } from '../../access/principal.ts';
import { FhirError } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference, parseLocalReference } from '../../fhir/reference.ts';
import type { JsonObject, Reference, Resource } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Operation } from '../../repository/operation.ts';
import type { EpisodeRow } from '../../repository/rules.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import { type FormSources, formSources, type IsSource } from '../form/form-sources.ts';
import type { FormDeps } from '../form/open-form.ts';
import { ofType, taskIdOf } from '../form/pathway.ts';
import { scheduleOf } from '../schedule/of-pathway.ts';
import type { PlannedForm, Schedule } from '../schedule/plan.ts';
import { formOfTask, responseOf } from '../schedule/tasks.ts';
import { withState } from './capture-state.ts';
import { closing, focusOf, openedBy, type Reading, stepOf } from './capture-step.ts';

/** The job; its payload is `{ episode }`. */
export const CAPTURE_FORMS = 'capture-forms';

export interface CaptureDeps extends FormDeps {
  readonly schedules: readonly Schedule[];
}

/** A form that is locked may open another one: at most so often. */
const MOST_ROUNDS = 10;
/** Forms of one transaction: a history of years does not hold the pathway for long. */
const BATCH = 20;

/**
 * Fill what can be filled. Throws what a concurrent change of the same forms leads to (409, 412): the job is then tried again.
 */
export async function captureForms(deps: CaptureDeps, payload: unknown): Promise<void> {
  const { episode } = payload as { readonly episode: string };
  let isChanged = true;
  for (let round = 0; isChanged && round < MOST_ROUNDS; round += 1) {
    isChanged = await captureRound(deps, episode);
  }
}

async function captureRound(deps: CaptureDeps, id: string): Promise<boolean> {
  const reading = await readPathway(deps, id);
  if (reading === undefined) {
    return false;
  }
  const steps: Operation[] = [];
  for (const { planned, task } of waiting(reading)) {
    steps.push(...(await stepOf(deps, reading, planned, task)));
  }
  steps.push(...closing(reading)); // last: what is withdrawn is of a pathway that is open still
  for (let at = 0; at < steps.length; at += BATCH) {
    await commit(deps, reading, steps.slice(at, at + BATCH));
  }
  return steps.length > 0 && mayOpenOthers(reading.schedule);
}

const mayOpenOthers = ({ forms }: Schedule): boolean =>
  forms.some(({ capture, conditions }) => capture !== undefined && conditions.length > 0);

interface Waiting {
  readonly planned: PlannedForm;
  readonly task: EpisodeRow;
}

const STATUSES: ReadonlySet<unknown> = new Set(['ready', 'in-progress', 'completed']);

function waiting({ schedule, rows }: Reading): readonly Waiting[] {
  return ofType(rows, 'Task')
    .filter(({ resource }) => STATUSES.has(resource['status']))
    .flatMap((task) => {
      const planned = formOfTask(schedule, task.resource);
      return planned?.capture === undefined ? [] : [{ planned, task }];
    });
}

/** All of a pathway's rows, as the server sees them; undefined when it is gone or closed. */
async function readPathway(deps: CaptureDeps, id: string): Promise<Reading | undefined> {
  const { repository, schedules } = deps;
  const writer = callerOf(deps, CAPTURE);
  const found = await repository.select(writer, { text: 'r.episode = $1', values: [id] });
  const rows = found.map((row): EpisodeRow => ({
    type: row.type,
    id: row.id,
    resource: parseJson(row.content) as JsonObject,
    row,
  }));
  const own = found.find((row) => row.type === 'EpisodeOfCare' && row.id === id);
  const episode = rows.find((row) => row.type === 'EpisodeOfCare' && row.id === id)?.resource;
  const schedule = scheduleOf(schedules, rows);
  if (own === undefined || episode === undefined || schedule === undefined) {
    return undefined;
  }
  const reader = departmentOf(own.labels.register ?? '', own.labels.unit ?? '');
  const patientId = idOfReference(episode['patient'] as Reference | undefined, 'Patient') ?? '';
  const [person] = await repository.select(writer, {
    text: 'r.type = $1 and r.id = $2',
    values: [typeCode('Patient'), patientId],
  });
  return {
    schedule,
    rows,
    episode,
    patient: parseJson(person?.content ?? '{}') as JsonObject,
    reader: callerOf(deps, reader),
    data: capturedSources(deps, callerOf(deps, reader)),
    sources: await sourcesOf(deps, callerOf(deps, reader), episode, rows),
  };
}

/** All at once: a pathway for life has many. */
async function sourcesOf(
  { repository }: CaptureDeps,
  reader: Caller,
  episode: JsonObject,
  rows: readonly EpisodeRow[],
): Promise<ReadonlyMap<string, Resource>> {
  const about = ofType(rows, 'Task').flatMap(({ resource }) => focusOf(resource) ?? []);
  const keys = [...new Set([...openedBy(episode), ...about])].flatMap(
    (name) => parseLocalReference(name) ?? [],
  );
  const found = await repository.select(reader, {
    text: '(r.type, r.id) in (select t.type, t.id from unnest($1::smallint[], $2::text[]) as t (type, id))',
    values: [keys.map(({ type }) => typeCode(type) ?? 0), keys.map(({ id }) => id)],
  });
  return new Map(
    found.map(({ type, id, content }) => [`${type}/${id}`, parseJson(content) as unknown as Resource]),
  );
}

/** What a form is filled from is what its department may see of the person: not what another register has, nor another one's. */
const departmentOf = (register: string, unit: string): StaffPrincipal => ({
  kind: 'staff',
  subject: CAPTURE.subject,
  name: CAPTURE.name,
  scopes: ['user/*.rs'],
  role: 'LU',
  register,
  units: [unit],
});

const callerOf = <P extends Caller['principal']>({ repository }: FormDeps, principal: P) => {
  const { clock, newId } = repository.deps;
  return { principal, requestId: newId(clock.now()), interaction: CAPTURE_FORMS };
};

/** What a form has stated is no source of it. Many forms of one pathway ask the same: each query is asked once. */
function capturedSources(deps: FormDeps, caller: Caller): FormSources {
  const all = formSources(deps, caller, undefined, isSource);
  const known = new Map<string, ReturnType<FormSources['matching']>>();
  return {
    names: () => all.names(),
    matching(query) {
      const found = known.get(query) ?? all.matching(query);
      known.set(query, found);
      return found;
    },
  };
}

const isSource: IsSource = ({ type, labels }) => labels.register === null || type === 'QuestionnaireResponse';

/** All at once; where one is refused, each by itself, and the refused one's Task says why. */
async function commit(deps: CaptureDeps, reading: Reading, steps: readonly Operation[]): Promise<void> {
  try {
    await deps.repository.commit(callerOf(deps, CAPTURE), steps);
  } catch (cause) {
    if (!(cause instanceof FhirError) || cause.status !== 422) {
      throw cause;
    }
    const [only] = steps;
    if (steps.length > 1) {
      for (const step of steps) {
        await commit(deps, reading, [step]);
      }
    } else if (only !== undefined) {
      await tell(deps, reading, only, cause);
    }
  }
}

async function tell(deps: CaptureDeps, { rows }: Reading, step: Operation, cause: FhirError): Promise<void> {
  const task = ofType(rows, 'Task').find(({ id }) => step.kind !== 'delete' && id === aboutTask(step, rows));
  if (task === undefined || step.type === 'Task') {
    throw cause;
  }
  const text = cause.issues.map((issue) => issue.diagnostics).join(' ');
  const state = task.resource['status'] === 'completed' ? 'source-changed' : 'incomplete';
  const resource = withState(task.resource, state, text);
  if (JSON.stringify(resource) !== JSON.stringify(task.resource)) {
    await deps.repository.commit(callerOf(deps, CAPTURE), [
      { kind: 'update', type: 'Task', id: task.id, resource, ifMatch: String(task.row?.versionId) },
    ]);
  }
}

/** The Task whose form an operation fills. */
function aboutTask(step: Operation, rows: readonly EpisodeRow[]): string | undefined {
  const output = step.kind === 'update' ? `QuestionnaireResponse/${step.id ?? ''}` : undefined;
  return output === undefined
    ? taskIdOf('resource' in step ? step.resource : {})
    : ofType(rows, 'Task').find(({ resource }) => responseOf(resource) === output)?.id;
}
