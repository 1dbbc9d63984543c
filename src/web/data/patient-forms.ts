/**
 * The forms that patients answer, over the department's pathways, and what people do with them: stop, order, close. Each is the same
 * update of the forms' Tasks as any FHIR client's; the register's rule judges it (registry/sending/).
 */
import type { StaffPrincipal } from '../../access/principal.ts';
import { error, FhirError, forbidden, notFound } from '../../fhir/outcome.ts';
import type { CodeableConcept, JsonObject, Task } from '../../fhir/types.ts';
import { FORLOPS_ID } from '../../registry/person/register-identifiers.ts';
import { hasContentOf } from '../../registry/registry.ts';
import type { Schedule } from '../../registry/schedule/plan.ts';
import { nameToCarry } from '../../registry/schedule/planned-form.ts';
import type { PatientForm } from '../../registry/sending/form-facts.ts';
import { isUnanswered, type SendingState } from '../../registry/sending/next-step.ts';
import { readForms } from '../../registry/sending/pathway.ts';
import { isStarted, orderProblem } from '../../registry/sending/stated-step.ts';
import {
  isStopped,
  receivedOf,
  type Statement,
  stateCode,
  stating,
} from '../../registry/sending/statements.ts';
import type { Caller } from '../../repository/audit.ts';
import { countListed } from '../../repository/pathway-list.ts';
import { patientFormPage } from '../../repository/patient-form-list.ts';
import type {
  OrderedForms,
  PatientFormCell,
  PatientFormPages,
  PatientFormsModel,
  PatientFormsOfOne,
  PatientFormsQuery,
  PatientFormState,
} from '../models/patient-forms.ts';
import { consentHead, formNames, namesOfForm, patientHead } from './heads.ts';
import { chosenSchedule, modulesOf } from './modules.ts';
import { loadPathways, type PathwayData } from './pathways.ts';
import { sentMessages } from './patient-messages.ts';
import { choices, reasonOf } from './reasons.ts';
import { callerOf, langOf, type Sources, textsOf } from './sources.ts';
import { moduleOf, withIds } from './work-list.ts';

const PAGE = 50;

export const patientFormPages = (sources: Sources, principal: StaffPrincipal): PatientFormPages => ({
  list: (query) => listed(sources, principal, query),
  one: (episode) => one(sources, principal, episode),
  stop: (episode, code) =>
    state(sources, principal, episode, ({ forms, schedule }) => {
      const statement = { kind: 'stop', reason: reasonOf(sources, schedule.reasons?.stop, code) } as const;
      const open = forms.filter(({ facts, state }) => isUnanswered(facts.status) && !AT_REST.has(state));
      return (open.length > 0 ? open : forms).map((form) => ({ form, statement }));
    }),
  order: (episode, { tasks, method }: OrderedForms) =>
    state(sources, principal, episode, ({ forms }) =>
      forms
        .filter(({ task }) => tasks.includes(task.id))
        .map((form) => ({ form, statement: { kind: 'order', method } })),
    ),
  close: (episode, code) =>
    state(sources, principal, episode, ({ forms, schedule }) => {
      const statement = { kind: 'close', reason: reasonOf(sources, schedule.reasons?.close, code) } as const;
      return forms.map((form) => ({ form, statement }));
    }),
});

/** There is no sending to stop: it is stopped, or the patient has sent it in. */
const AT_REST: ReadonlySet<SendingState> = new Set(['stopped', 'submitted', 'imported']);

async function listed(
  sources: Sources,
  principal: StaffPrincipal,
  query: PatientFormsQuery,
): Promise<PatientFormsModel> {
  refuseNational(principal);
  const modules = modulesOf(sources, principal.register);
  const { module: asked, ...rest } = query;
  const counted = modules.length === 0 ? new Map() : await countListed(sources.repository, principal);
  const module = moduleOf(modules, asked, counted);
  const ids = await patientFormPage(sources.repository, principal, {
    module,
    waiting: query.show === 'waiting',
    limit: PAGE + 1,
    offset: (query.page - 1) * PAGE,
  });
  const shown = ids.slice(0, PAGE);
  const caller = callerOf(sources, principal, 'patient-forms');
  const pathways = await loadPathways(sources, caller, withIds(shown));
  const byId = new Map(pathways.map((pathway) => [pathway.episode.id, pathway]));
  return {
    query: { ...rest, ...(module !== undefined && { module }) },
    modules,
    columns: columnsOf(sources, principal.register, module),
    rows: shown.flatMap((id) => {
      const pathway = byId.get(id);
      return pathway === undefined ? [] : [rowOf(sources, pathway)];
    }),
    hasMore: ids.length > PAGE,
  };
}

/** Sent and answered forms are the department's own. */
function refuseNational({ role }: StaffPrincipal): void {
  if (role === 'SC') {
    throw forbidden('Pasientregistreringer hører til avdelingen.', 'role');
  }
}

function columnsOf(
  sources: Sources,
  register: string,
  module: string | undefined,
): PatientFormsModel['columns'] {
  const texts = textsOf(sources, register, langOf(sources));
  const schedule = chosenSchedule(sources, register, module);
  return (schedule?.forms ?? []).flatMap((form) =>
    schedule !== undefined && form.answeredBy === 'patient'
      ? [namesOfForm(form.questionnaire, form.title, texts, nameToCarry(form, schedule))]
      : [],
  );
}

function rowOf(sources: Sources, pathway: PathwayData): PatientFormsModel['rows'][number] {
  const { episode, patient, consent, tasks, register } = pathway;
  const start = episode.period?.start;
  return {
    episode: episode.id,
    patient: patientHead(patient),
    ...consentHead(consent),
    ...(start !== undefined && { start }),
    forms: tasks
      .filter((task) => stateCode(task as unknown as JsonObject) !== undefined)
      .map((task) => cellOf(sources, register, task, consent?.provision?.type === 'permit')),
  };
}

function cellOf(sources: Sources, register: string, task: Task, hasConsent: boolean): PatientFormCell {
  const texts = textsOf(sources, register, langOf(sources));
  const known = stateOfTask(task);
  const state = known === 'not-ready' && hasConsent ? 'waiting' : known;
  const reason = reasonText(task.statusReason);
  const sentAt = task.executionPeriod?.start;
  const until = task.restriction?.period?.end;
  const isOpen = state !== 'not-open' && task.id !== undefined;
  return {
    ...formNames(task, texts),
    state,
    ...(isOpen && task.id !== undefined && { taskId: task.id }),
    ...(sentAt !== undefined && { sentAt }),
    ...(until !== undefined && isUnanswered(task.status) && { until }),
    ...(reason !== undefined && { reason }),
  };
}

function stateOfTask(task: Task): PatientFormState {
  switch (task.status) {
    case 'completed':
      return task.output === undefined || task.statusReason !== undefined ? 'locked' : 'answered';
    case 'in-progress':
      return receivedOf(task as unknown as JsonObject) ?? 'started';
    case 'draft':
      return 'not-open';
    case 'cancelled':
      return 'stopped';
    default:
      return stateCode(task as unknown as JsonObject) ?? 'available';
  }
}

const reasonText = (reason: CodeableConcept | undefined): string | undefined =>
  reason?.text ?? reason?.coding?.[0]?.display ?? reason?.coding?.[0]?.code;

interface Found {
  readonly schedule: Schedule;
  readonly forms: readonly PatientForm[];
  readonly patient: JsonObject;
}

async function find(
  sources: Sources,
  principal: StaffPrincipal,
  caller: Caller,
  episode: string,
): Promise<Found> {
  refuseNational(principal);
  const { repository, registry, forms } = sources;
  const pathway = await readForms(
    { repository, schedules: registry.schedules, hasContent: hasContentOf(forms, registry.packs) },
    caller,
    episode,
    repository.deps.clock.now(),
  );
  if (pathway === undefined || pathway.forms.length === 0) {
    throw notFound('EpisodeOfCare', episode);
  }
  return pathway;
}

async function one(sources: Sources, principal: StaffPrincipal, episode: string): Promise<PatientFormsOfOne> {
  const caller = callerOf(sources, principal, 'patient-forms');
  const { forms, patient, schedule } = await find(sources, principal, caller, episode);
  const now = sources.repository.deps.clock.now();
  const [pathway] = await loadPathways(sources, caller, withIds([episode]));
  const number = pathway?.episode.identifier?.find(({ system }) => system === FORLOPS_ID)?.value;
  const hasConsent = pathway?.consent?.provision?.type === 'permit';
  const cells = forms.map((form) => {
    const problem = orderProblem(form, now);
    return {
      ...cellOf(sources, principal.register, form.task.resource as unknown as Task, hasConsent),
      taskId: form.task.id,
      ...(problem !== undefined && { problem }),
    };
  });
  return {
    episode,
    patient: patientHead(patient as unknown as Parameters<typeof patientHead>[0]),
    ...(number !== undefined && { pathwayNumber: number }),
    forms: cells,
    messages: await sentMessages(
      sources,
      caller,
      episode,
      new Map(cells.map(({ taskId, short }) => [taskId, short])),
    ),
    stopReasons: choices(sources, schedule.reasons?.stop),
    closeReasons: choices(sources, schedule.reasons?.close),
    mayStop: forms.some(
      ({ facts, task }) =>
        isUnanswered(facts.status) && facts.received === undefined && !isStopped(task.resource),
    ),
    mayClose:
      forms.every((form) => !isStarted(form)) && forms.some(({ facts }) => isUnanswered(facts.status)),
  };
}

interface Stating {
  readonly form: PatientForm;
  readonly statement: Statement;
}

/** Update the forms' Tasks in one write. Throws what the write throws: 403, 404, 412, 422. */
async function state(
  sources: Sources,
  principal: StaffPrincipal,
  episode: string,
  what: (found: Found) => readonly Stating[],
): Promise<void> {
  const caller = callerOf(sources, principal, 'state-patient-forms');
  const stated = what(await find(sources, principal, caller, episode)).filter(
    ({ form, statement }) => statement.kind !== 'close' || isUnanswered(form.facts.status),
  );
  if (stated.length === 0) {
    throw new FhirError(422, error('business-rule', 'Velg minst ett skjema.', 'Task', 'no-form'));
  }
  await sources.repository.commit(
    caller,
    stated.map(({ form: { task }, statement }) => ({
      kind: 'update',
      type: 'Task',
      id: task.id,
      resource: stating(task.resource, statement),
      ifMatch: String(task.row?.versionId),
    })),
  );
}
