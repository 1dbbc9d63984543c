/**
 * What is to be done with one form that is filled by capture, as its sources stand: complete it, draft it, correct it, withdraw it,
 * or say what is missing. Nothing, when nothing has changed.
 */
import type { JsonObject, QuestionnaireResponse, Reference, Resource } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Operation } from '../../repository/operation.ts';
import type { EpisodeRow } from '../../repository/rules.ts';
import type { Form } from '../../sdc/form-types.ts';
import { sourcesOf } from '../episode/has-pathway.ts';
import type { FormSources } from '../form/form-sources.ts';
import { fillForm, type FormDeps } from '../form/open-form.ts';
import { CHANGE_REASON } from '../form/lock.ts';
import { taskExtension, taskIdOf } from '../form/pathway.ts';
import type { PlannedForm, Schedule } from '../schedule/plan.ts';
import { questionnaireOf, responseOf } from '../schedule/tasks.ts';
import { holds } from '../schedule/trigger.ts';
import { captured, type Captured, changedQuestions, draftOf, isOfCapture } from './captured-response.ts';
import { type CaptureState, NO_SOURCE, saysSame, withoutState, withState } from './capture-state.ts';

/** A pathway as the job reads it. */
export interface Reading {
  readonly schedule: Schedule;
  readonly rows: readonly EpisodeRow[];
  readonly episode: JsonObject;
  readonly patient: JsonObject;
  /** With the rights of the department. */
  readonly reader: Caller;
  /** What its forms are filled from. */
  readonly data: FormSources;
  /** What opened the pathway and what its forms are about, by reference: those that the department may see. */
  readonly sources: ReadonlyMap<string, Resource>;
}

interface Filling {
  readonly form: Form;
  readonly planned: PlannedForm;
  readonly task: EpisodeRow;
  /** The stored response, once there is one. */
  readonly stored: EpisodeRow | undefined;
  readonly populated: QuestionnaireResponse;
  readonly captured: Captured;
}

/** The writes for one Task. */
export async function stepOf(
  deps: FormDeps,
  reading: Reading,
  planned: PlannedForm,
  task: EpisodeRow,
): Promise<readonly Operation[]> {
  const form = deps.forms.form(questionnaireOf(task.resource) ?? '');
  if (form === undefined) {
    return [];
  }
  const { episode, patient, rows } = reading;
  const output = responseOf(task.resource);
  const stored = rows.find(({ type, id }) => `${type}/${id}` === output);
  const about = focusOf(task.resource);
  const focus = about === undefined ? undefined : reading.sources.get(about);
  if (about !== undefined && !isStanding(focus)) {
    return retraction(task, stored);
  }
  const opened = { form, patient, episode, task: task.resource };
  const populated = naming(
    task.resource,
    await fillForm(deps, reading.reader, opened, { sources: reading.data, focus }),
  );
  const context = {
    now: deps.repository.deps.clock.now(),
    launch: { patient, episode },
  };
  const filling = { form, planned, task, stored, populated, captured: captured(form, populated, context) };
  return BY_STATUS[String(task.resource['status'])]?.(filling) ?? [];
}

/** The response with the Task that it answers. */
const naming = (task: JsonObject, response: QuestionnaireResponse): QuestionnaireResponse =>
  taskIdOf(json(response)) === undefined
    ? { ...response, extension: [...(response.extension ?? []), taskExtension(task)] }
    : response;

/** What a Task is about: a form that is about one resource stands and falls with it. */
export const focusOf = ({ focus }: JsonObject): string | undefined =>
  (focus as Reference | undefined)?.reference;

/** Is it there, and does it tell of something that is so? */
const isStanding = (source: Resource | undefined): boolean =>
  source !== undefined && holds(source as unknown as JsonObject);

type Step = (filling: Filling) => readonly Operation[];

/** Not filled yet. */
const fill: Step = ({ planned, task, populated, captured: { response, missing, hasSources } }) => {
  if (planned.capture === 'verify') {
    return hasSources
      ? [{ kind: 'create', type: 'QuestionnaireResponse', resource: json(draftOf(populated)) }]
      : said(task, 'incomplete', 'Det er ikke mottatt noe å fylle skjemaet med ennå.');
  }
  return missing === undefined
    ? [
        {
          kind: 'create',
          type: 'QuestionnaireResponse',
          resource: json({ ...response, status: 'completed' }),
        },
      ]
    : said(task, 'incomplete', missing);
};

/** A draft that waits to be verified: new data come into it as long as nobody has taken it over. */
const refill: Step = ({ form, task, stored, populated, captured: { missing } }) => {
  if (stored === undefined || !isOfCapture(stored.resource)) {
    return [];
  }
  const changed = changedQuestions(form, asResponse(stored), populated);
  return changed.length > 0
    ? [update(stored, { ...draftOf(populated), status: 'in-progress' })]
    : said(task, 'to-verify', missing);
};

/** A locked form: corrected when its sources are. What somebody has verified is theirs to correct. */
const correct: Step = ({ form, task, stored, captured: { response, missing } }) => {
  if (stored === undefined) {
    return [];
  }
  const changed = changedQuestions(form, asResponse(stored), response);
  if (changed.length === 0) {
    return cleared(task);
  }
  const reason = `Endret i kilden: ${changed.join(', ')}.`;
  if (!isOfCapture(stored.resource)) {
    return said(task, 'source-changed', reason);
  }
  if (missing !== undefined) {
    return said(task, 'source-changed', `${reason} ${missing}`);
  }
  return [update(stored, { ...response, status: 'amended' }, reason)];
};

const BY_STATUS: Readonly<Record<string, Step>> = { ready: fill, 'in-progress': refill, completed: correct };

function retraction(task: EpisodeRow, stored: EpisodeRow | undefined): readonly Operation[] {
  if (stored === undefined) {
    const resource = withState({ ...task.resource, status: 'cancelled' }, 'withdrawn', NO_SOURCE);
    return [{ kind: 'update', type: 'Task', id: task.id, resource, ...versionOf(task) }];
  }
  return isOfCapture(stored.resource)
    ? [update(stored, { ...asResponse(stored), status: 'entered-in-error' }, NO_SOURCE)]
    : said(task, 'source-changed', NO_SOURCE);
}

/** A pathway of one event, which was none: nothing of what opened it stands any more. */
export function closing({ schedule, rows, episode, sources }: Reading): readonly Operation[] {
  const row = rows.find(({ type }) => type === 'EpisodeOfCare');
  const opened = openedBy(episode);
  const isOver =
    schedule.opensFor === 'referral' &&
    opened.length > 0 &&
    UNDER_WAY.has(episode['status']) &&
    !opened.some((name) => isStanding(sources.get(name)));
  const resource = { ...episode, status: 'entered-in-error' };
  return row === undefined || !isOver
    ? []
    : [{ kind: 'update', type: 'EpisodeOfCare', id: row.id, resource, ...versionOf(row) }];
}

const UNDER_WAY: ReadonlySet<unknown> = new Set(['active', 'finished']);

/** Data that opened the pathway. A referral that is answered or taken back closes none. */
export const openedBy = (episode: JsonObject): readonly string[] =>
  sourcesOf(episode).filter((name) => !name.startsWith('ServiceRequest/'));

/** The Task saying how it stands, if it does not say so already. */
function said(task: EpisodeRow, state: CaptureState, reason: string | undefined): readonly Operation[] {
  return changedTask(task, withState(task.resource, state, reason));
}

const cleared = (task: EpisodeRow): readonly Operation[] => changedTask(task, withoutState(task.resource));

const changedTask = (task: EpisodeRow, resource: JsonObject): readonly Operation[] =>
  saysSame(task.resource, resource)
    ? []
    : [{ kind: 'update', type: 'Task', id: task.id, resource, ...versionOf(task) }];

function update(stored: EpisodeRow, response: QuestionnaireResponse, reason?: string): Operation {
  const others = (response.extension ?? []).filter(({ url }) => url !== CHANGE_REASON);
  const extension = [
    ...others,
    ...(reason === undefined ? [] : [{ url: CHANGE_REASON, valueString: reason }]),
  ];
  return {
    kind: 'update',
    type: 'QuestionnaireResponse',
    id: stored.id,
    resource: json({ ...response, id: stored.id, extension }),
    ...versionOf(stored),
  };
}

const versionOf = ({ row }: EpisodeRow): { readonly ifMatch?: string } =>
  row === undefined ? {} : { ifMatch: String(row.versionId) };

const json = (response: QuestionnaireResponse): JsonObject => response as unknown as JsonObject;
const asResponse = ({ resource }: EpisodeRow): QuestionnaireResponse =>
  resource as unknown as QuestionnaireResponse;
