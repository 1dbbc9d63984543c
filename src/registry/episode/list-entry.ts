/**
 * How a pathway stands in the work lists, from its resources. Which answers a list shows is said by the forms: the extension
 * `list-column` on a question.
 */
import { hash64 } from '../../fhir/id.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { Consent, JsonObject, QuestionnaireResponse, Reference } from '../../fhir/types.ts';
import type { EpisodeRow } from '../../repository/rules.ts';
import { EXT } from '../../sdc/extensions.ts';
import { buildTree, walk } from '../../sdc/tree.ts';
import type { Form } from '../../sdc/form-types.ts';
import type { FormsState, ListedConsent, ListEntry } from '../../storage/pathway-list.ts';
import { heldConsent } from '../consent/held-consent.ts';
import { currentConsent } from '../consent/current-consent.ts';
import type { FormLibrary } from '../form/library.ts';
import { scheduleOf } from '../schedule/of-pathway.ts';
import type { Schedule } from '../schedule/plan.ts';
import { formOfTask } from '../schedule/tasks.ts';
import { receivedOf } from '../sending/statements.ts';

export const LIST_COLUMNS = ['location', 'department'] as const;
export type ListColumn = (typeof LIST_COLUMNS)[number];

/** Counted up when this file makes other rows of the same resources. */
const RULES = 4;

export interface ListRules {
  readonly forms: FormLibrary;
  readonly schedules: readonly Schedule[];
  /** These rules, and what the forms mark: of another shape, rows are made anew. */
  readonly shape: string;
}

/** The rules by which the registers' rows are made. */
export function listRules(schedules: readonly Schedule[], forms: FormLibrary): ListRules {
  const marks = schedules
    .flatMap((schedule) => schedule.forms)
    .flatMap(({ questionnaire }) => forms.form(questionnaire) ?? [])
    .map((form) => JSON.stringify([form.canonical, [...columnsOf(form)]]))
    .toSorted();
  const modules = schedules.map(({ canonical, module }) => [canonical, module]);
  return { forms, schedules, shape: hash64(JSON.stringify([RULES, marks, modules])) };
}

/** Does the form have an answer that lists show? There it is changed. */
export const hasListColumn = (form: Pick<Form, 'questionnaire'>): boolean => columnsOf(form).size > 0;

/** Column of each question (linkId) that a form marks. */
function columnsOf({ questionnaire }: Pick<Form, 'questionnaire'>): ReadonlyMap<string, ListColumn> {
  const marked = new Map<string, ListColumn>();
  const look = (items: typeof questionnaire.item = []): void => {
    for (const { linkId = '', extension, item } of items) {
      const column = LIST_COLUMNS.find((name) =>
        extension?.some(({ url, valueCode }) => url === EXT.listColumn && valueCode === name),
      );
      if (column !== undefined) {
        marked.set(linkId, column);
      }
      look(item);
    }
  };
  look(questionnaire.item);
  return marked;
}

/** The row of one pathway; undefined when there is none any more. */
export function listEntry(
  { forms, schedules, shape }: ListRules,
  episode: string,
  rows: readonly EpisodeRow[],
  owner: { readonly register: string; readonly unit: string | null },
  now: Date,
  otherConsents: readonly JsonObject[] = [],
): ListEntry | undefined {
  const own = rows.find(({ type, id }) => type === 'EpisodeOfCare' && id === episode)?.resource;
  const patient = idOfReference(own?.['patient'] as Reference | undefined, 'Patient');
  if (own === undefined || patient === undefined) {
    return undefined;
  }
  const responses = resources<QuestionnaireResponse>(rows, 'QuestionnaireResponse');
  const schedule = scheduleOf(schedules, rows);
  const tasks = resources<JsonObject>(rows, 'Task');
  const needed = tasks.filter((task) => !isLeftOut(schedule, task));
  const start = (own['period'] as { readonly start?: string } | undefined)?.start;
  return {
    episode,
    ...owner,
    module: schedule?.module ?? '',
    patient,
    isActive: own['status'] === 'active',
    consent: consentState(heldFor(forms, rows, responses, otherConsents, now)),
    start,
    ...shownAnswers(forms, responses),
    forms: [...formsState(needed, responses), ...(tasks.some(isToImport) ? (['to-import'] as const) : [])],
    completedAt: completedAt(needed),
    shape,
  };
}

function heldFor(
  forms: FormLibrary,
  rows: readonly EpisodeRow[],
  responses: readonly QuestionnaireResponse[],
  others: readonly JsonObject[],
  now: Date,
): Consent | undefined {
  const own = currentConsent(forms, resources<Consent>(rows, 'Consent'), responses, now);
  return others.length === 0
    ? own
    : heldConsent(own === undefined ? [] : [own], others as unknown as readonly Consent[]);
}

const resources = <T>(rows: readonly EpisodeRow[], type: string): readonly T[] =>
  rows.filter((row) => row.type === type).map(({ resource }) => resource as unknown as T);

const STATE_OF: Readonly<Record<string, ListedConsent>> = { permit: 'yes', deny: 'no' };

const consentState = (consent: Consent | undefined): ListedConsent =>
  STATE_OF[consent?.provision?.type ?? ''] ?? 'unknown';

/** The answers that forms mark for lists, in words. */
function shownAnswers(
  forms: FormLibrary,
  responses: readonly QuestionnaireResponse[],
): Partial<Record<ListColumn, string>> {
  const shown = responses.flatMap((response) => {
    const form = forms.form(response.questionnaire ?? '');
    const marked = form === undefined ? undefined : columnsOf(form);
    return form === undefined || marked === undefined || marked.size === 0
      ? []
      : [...walk(buildTree(form, response))].flatMap(({ item, source }) => {
          const column = marked.get(item.linkId);
          const text = wordsOf(source?.answer?.[0]);
          return column === undefined || text === undefined ? [] : [[column, text] as const];
        });
  });
  return Object.fromEntries(shown);
}

type AnyAnswer = NonNullable<NonNullable<QuestionnaireResponse['item']>[number]['answer']>[number];

function wordsOf(answer: AnyAnswer | undefined): string | undefined {
  const { valueString, valueCoding, valueReference } = answer ?? {};
  return valueString ?? valueCoding?.display ?? valueCoding?.code ?? valueReference?.display;
}

/** What patients answer has a list of its own; and a form that nobody has begun, and that the register does not ask for. */
function isLeftOut(schedule: Schedule | undefined, task: JsonObject): boolean {
  const form = schedule && formOfTask(schedule, task);
  return form?.answeredBy === 'patient' || (task['status'] === 'ready' && form?.isOptional === true);
}

/** The patient has sent it in, and it waits for staff. */
const isToImport = (task: JsonObject): boolean => receivedOf(task) === 'submitted';

/** A form that is shut, or that nobody needs to fill. */
const NOT_WAITING: ReadonlySet<unknown> = new Set(['draft', 'cancelled']);
const SUGGESTED = /"url":"adopted","valueCode":"suggested"/;

/** The filters of the work list that the pathway answers to. */
function formsState(
  tasks: readonly JsonObject[],
  responses: readonly QuestionnaireResponse[],
): readonly FormsState[] {
  const states = tasks.map(({ status }) => status).filter((status) => !NOT_WAITING.has(status));
  const isToConfirm = responses.some(
    (response) => response.status === 'in-progress' && SUGGESTED.test(JSON.stringify(response)),
  );
  const answers: readonly (readonly [FormsState, boolean])[] = [
    ['new', states.length > 0 && states.every((status) => status === 'ready')],
    ['in-progress', states.includes('in-progress')],
    ['to-confirm', isToConfirm],
    ['completed', isDone(states)],
  ];
  return answers.flatMap(([state, holds]) => (holds ? [state] : []));
}

const isDone = (states: readonly unknown[]): boolean =>
  states.length > 0 && states.every((status) => status === 'completed');

function completedAt(tasks: readonly JsonObject[]): string | undefined {
  const waiting = tasks.filter(({ status }) => !NOT_WAITING.has(status));
  const times = waiting.map(({ lastModified }) => String(lastModified)).toSorted();
  return isDone(waiting.map(({ status }) => status)) ? times.at(-1) : undefined;
}
