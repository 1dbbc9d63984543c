/** Runs a case through the form engine and the register's own rules, step by step, without a server. */
import type { Content } from '../../src/content/content.ts';
import { listConcepts } from '../../src/content/concepts.ts';
import { compilePath } from '../../src/fhir/path.ts';
import type { JsonObject, QuestionnaireResponse, Resource } from '../../src/fhir/types.ts';
import { factsOf, type ScoredForm } from '../../src/registry/form/facts.ts';
import { isNational } from '../../src/registry/form/national.ts';
import { type PlannedForm, readSchedules, type Schedule } from '../../src/registry/schedule/plan.ts';
import { nameToCarry, namingForm } from '../../src/registry/schedule/planned-form.ts';
import { isOpen } from '../../src/registry/schedule/tasks.ts';
import { bindInstruments } from '../../src/registry/scoring/bind.ts';
import { recalculate } from '../../src/sdc/calculate.ts';
import { finalise } from '../../src/sdc/clean.ts';
import { compileForm } from '../../src/sdc/form.ts';
import type { Form } from '../../src/sdc/form-types.ts';
import { populate } from '../../src/sdc/populate.ts';
import { validateResponse } from '../../src/sdc/validate-response.ts';
import type { Case, CaseStep } from './case.ts';
import { byPath, toItems } from './compact-answers.ts';

/** What a step led to. */
export interface StepResult {
  readonly prefilled: Readonly<Record<string, unknown>> | undefined;
  readonly calculated: Readonly<Record<string, unknown>>;
  readonly issues: readonly { readonly rule: string | undefined; readonly severity: string }[];
  readonly extracted: readonly Resource[];
  readonly tasks: Readonly<Record<string, string>>;
  readonly national: boolean;
}

/** A form of the content, compiled as the engine does it. */
export function formOf(content: Content, id: string): Form {
  const questionnaire = content.questionnaires.all().find((candidate) => candidate.id === id);
  if (questionnaire === undefined) {
    throw new Error(`The content has no Questionnaire ${id}.`);
  }
  return compileForm(questionnaire, {
    compilePath,
    resolveValueSet: (canonical) => listConcepts(content, canonical),
  });
}

const episode = { resourceType: 'EpisodeOfCare', id: 'episode', status: 'active' } as const;
const EPISODE_EXTENSION = 'http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare';

/** The schedule that the case follows. */
export function scheduleOfCase(content: Content, { register, plan }: Case): Schedule {
  const found = content.registers
    .flatMap((one) => readSchedules(one))
    .find((each) => each.register.id === register && (plan === undefined || each.id === plan));
  if (found === undefined) {
    throw new Error(`The content has no register ${register}, or no plan ${plan ?? ''} in it.`);
  }
  return found;
}

/** Every step of the case with its result. */
export async function runCase(content: Content, each: Case): Promise<readonly StepResult[]> {
  const schedule = scheduleOfCase(content, each);
  const { register } = schedule;
  const responses = new Map<string, QuestionnaireResponse>();
  const facts = new Map<string, Resource>();
  const results: StepResult[] = [];
  for (const step of each.steps) {
    const form = step.form === undefined ? undefined : formOf(content, step.form);
    const planned = form && schedule.forms.find((each) => isStepOf(step, each, form));
    const prefilled =
      form && step.prefilled && (await prefill(form, step, each, [...responses.values(), ...facts.values()]));
    const saved = form && save(scoredBy(content, form), step, each);
    if (saved !== undefined) {
      const name = planned && nameToCarry(planned, schedule);
      const response = namingForm(saved.response as unknown as JsonObject, name);
      responses.set(planned?.id ?? '', response as unknown as QuestionnaireResponse);
      saved.extracted.forEach((resource) => facts.set(resource.id ?? '', resource));
    }
    const state = {
      episode: { ...episode },
      patient: each.patient as unknown as JsonObject,
      responses: [...responses.values()] as unknown as readonly JsonObject[],
    };
    const consents = [...facts.values()].filter(({ resourceType }) => resourceType === 'Consent');
    results.push({
      prefilled,
      calculated: saved?.calculated ?? {},
      issues: saved?.issues ?? [],
      extracted: saved?.extracted ?? [],
      tasks: Object.fromEntries(
        schedule.forms.map((planned) => [planned.id, taskStatus(planned, state, responses)]),
      ),
      national: isNational(register.access, state, consents as unknown as JsonObject[], step.at.slice(0, 10)),
    });
  }
  return results;
}

/** Is it this form of the plan that the step is about? */
export const isStepOf = ({ action }: CaseStep, planned: PlannedForm, form: Form): boolean =>
  action === undefined ? planned.questionnaire === form.canonical : planned.id === action;

/** The answers a form has when it is opened: searches find what the EHR sent, and the forms saved so far with their facts. */
async function prefill(
  form: Form,
  { at }: CaseStep,
  { patient, input }: Case,
  stored: readonly Resource[],
): Promise<Readonly<Record<string, unknown>>> {
  const encounter = input.find(({ resourceType }) => resourceType === 'Encounter');
  const known: readonly Resource[] = [...input, ...stored];
  const { response } = await populate(form, {
    now: new Date(at),
    launch: {
      patient,
      episode: episode as unknown as Resource,
      ...(encounter !== undefined && { encounter }),
    },
    fetch: async (query) => known.filter(({ resourceType }) => query.startsWith(`${resourceType}?`)),
  });
  return Object.fromEntries(byPath(form, response));
}

type Saved = { readonly response: QuestionnaireResponse } & Pick<
  StepResult,
  'calculated' | 'issues' | 'extracted'
>;

const scoredBy = (content: Content, form: Form): ScoredForm => ({
  form,
  bindings: bindInstruments(form, content.instruments).bindings,
});

function save(
  scored: ScoredForm,
  { at, status = 'completed', answers = {}, calculated = {} }: CaseStep,
  { patient }: Case,
): Saved {
  const { form } = scored;
  const context = { now: new Date(at), launch: { patient } };
  const given: QuestionnaireResponse = {
    resourceType: 'QuestionnaireResponse',
    id: form.questionnaire.id ?? '',
    extension: [{ url: EPISODE_EXTENSION, valueReference: { reference: 'EpisodeOfCare/episode' } }],
    questionnaire: form.canonical,
    status,
    subject: { reference: `Patient/${patient.id ?? ''}` },
    authored: at,
    item: toItems(form.items, answers),
  };
  const isDraft = status === 'in-progress';
  const response = isDraft ? recalculate(form, given, context) : finalise(form, given, context);
  const values = byPath(form, response);
  return {
    response,
    calculated: Object.fromEntries(Object.keys(calculated).map((path) => [path, values.get(path)])),
    issues: validateResponse(form, response, isDraft ? 'draft' : 'final', context).map(
      ({ rule, severity }) => ({
        rule,
        severity,
      }),
    ),
    extracted: isDraft
      ? []
      : factsOf(scored, response, { ...context, newId: (key) => key }).map(({ resource }) => resource),
  };
}

function taskStatus(
  form: PlannedForm,
  state: Parameters<typeof isOpen>[1],
  responses: ReadonlyMap<string, QuestionnaireResponse>,
): string {
  const status = responses.get(form.id)?.status;
  if (status === undefined) {
    return isOpen(form, state) ? 'ready' : 'draft';
  }
  return status === 'in-progress' ? 'in-progress' : 'completed';
}
