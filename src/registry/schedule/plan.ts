/**
 * A register's schedule as the engine reads it from its PlanDefinition: what opens a pathway, and which forms it has.
 * https://hl7.org/fhir/R4/plandefinition.html
 */
import type { Register } from '../../content/register.ts';
import type { PlanDefinition, PlanDefinitionAction } from '../../fhir/types.ts';
import { formatCanonical } from '../../fhir/canonical.ts';
import { hasStep, readSending, reasonsOf, type Sending } from './sending.ts';
import { type CodesOf, type DataTrigger, triggersOf } from './trigger.ts';

/** One form of a pathway. */
export interface PlannedForm {
  /** Action id, e.g. `to`; the form's short name in the register. */
  readonly id: string;
  readonly title: string;
  /** Questionnaire canonical with its version. */
  readonly questionnaire: string;
  readonly answeredBy: 'practitioner' | 'patient';
  /** `requiredBehavior` could: the pathway is finished also without it. */
  readonly isOptional: boolean;
  /** FHIRPath over the EpisodeOfCare with `%responses` and `%patient`; all must be true for the form to be open. */
  readonly conditions: readonly string[];
  /** Of a form that patients answer: when it is sent, reminded of and locked. */
  readonly sending?: Sending;
  /** Data that each make a form of their own; of a form that is filled once in a pathway there are none. */
  readonly triggers: readonly DataTrigger[];
  /**
   * Filled by what has arrived (participant `device`): `complete` by that alone, so that nobody fills it by hand; `verify` for a
   * clinician to lock (participant `practitioner` as well).
   */
  readonly capture?: 'complete' | 'verify';
  /** What the patient sends in waits until staff import it or discard it; then they complete it, and lock it (docs/adr/0026). */
  readonly isImported?: boolean;
  /** Action id of the form that offers this one once it is begun: `relatedAction` after-start, at once. */
  readonly offeredBy?: string;
}

/** The schedule of a register, or of one of its modules. */
export interface Schedule {
  readonly register: Register;
  /** PlanDefinition id: what texts call it by. */
  readonly id: string;
  /** Code of the pathways' type: what addresses call it by. Empty when the topic has no code. */
  readonly module: string;
  /** What its pathways are called where the register has no text for it. */
  readonly title: string;
  readonly canonical: string;
  /** Type of the pathways that it governs. */
  readonly pathwayType: PlanDefinition['topic'];
  /**
   * What a referral, or what else opens it, opens a pathway for: `person`, as long as none is under way for that person in the
   * department; `referral`, one for each, such as one operation.
   */
  readonly opensFor: 'person' | 'referral';
  /** Data that open a pathway. */
  readonly openedBy: readonly DataTrigger[];
  readonly forms: readonly PlannedForm[];
  /** Value sets of the reasons for which sending may be stopped, and all patient forms be closed unanswered. */
  readonly reasons?: { readonly stop?: string; readonly close?: string };
}

const OPENS_FOR = 'https://ryggrad.no/fhir/StructureDefinition/pathway-opens-for';

/** The schedules of a register: one for each of its modules, in the order of the manifest. */
export const readSchedules = (register: Register, codesOf?: CodesOf): readonly Schedule[] =>
  register.plans.map((plan) => readSchedule(register, plan, codesOf));

const NO_LISTS: CodesOf = () => undefined;

/**
 * Read a schedule; the content loader has checked the PlanDefinition. `codesOf` lists the value sets of what opens pathways and
 * forms.
 */
export function readSchedule(register: Register, plan: PlanDefinition, codesOf = NO_LISTS): Schedule {
  const actions = plan.action ?? [];
  const type = plan.topic?.flatMap(({ coding }) => coding ?? [])[0];
  const opensFor = plan.extension?.find(({ url }) => url === OPENS_FOR)?.valueCode;
  return {
    register,
    id: plan.id ?? '',
    module: type?.code ?? '',
    title: type?.display ?? plan.title ?? plan.id ?? '',
    opensFor: opensFor === 'referral' ? 'referral' : 'person',
    canonical: formatCanonical(plan.url ?? '', plan.version),
    pathwayType: plan.topic,
    openedBy: actions.filter((action) => !isForm(action)).flatMap((action) => triggersOf(action, codesOf)),
    forms: actions.filter(isForm).map((action) => plannedForm(action, codesOf)),
    reasons: reasonsOf(actions),
  };
}

const isForm = ({ definitionCanonical }: PlanDefinitionAction): boolean => definitionCanonical !== undefined;

/** A pathway whose forms come again and again is never full: it ends with the person's life. */
export const isLifelong = ({ forms }: Pick<Schedule, 'forms'>): boolean => forms.some(isRepeated);

/** Is the form filled each time that its data arrive? */
export const isRepeated = ({ triggers }: Pick<PlannedForm, 'triggers'>): boolean => triggers.length > 0;

/** Do people fill nothing in the department? Then nobody there opens a pathway by hand either. */
export const isWithoutHands = ({ forms }: Pick<Schedule, 'forms'>): boolean => {
  const ofStaff = forms.filter(({ answeredBy }) => answeredBy === 'practitioner');
  return ofStaff.length > 0 && ofStaff.every(({ capture }) => capture === 'complete');
};

function plannedForm(action: PlanDefinitionAction, codesOf: CodesOf): PlannedForm {
  const participants = (action.participant ?? []).map(({ type }) => type);
  const answeredBy = participants[0] === 'patient' ? 'patient' : 'practitioner';
  const capture = participants.includes('practitioner') ? 'verify' : 'complete';
  const offeredBy = action.relatedAction?.find(
    ({ relationship, offsetDuration }) => relationship === 'after-start' && offsetDuration === undefined,
  )?.actionId;
  return {
    id: action.id ?? '',
    title: action.title ?? action.id ?? '',
    questionnaire: action.definitionCanonical ?? '',
    answeredBy,
    isOptional: action.requiredBehavior === 'could',
    conditions: (action.condition ?? []).flatMap(({ kind, expression }) =>
      kind === 'applicability' && expression?.expression !== undefined ? [expression.expression] : [],
    ),
    ...(answeredBy === 'patient' && { sending: readSending(action) }),
    triggers: triggersOf(action, codesOf),
    ...(participants.includes('device') && { capture }),
    ...(answeredBy === 'patient' && hasStep(action, 'import') && { isImported: true }),
    ...(answeredBy === 'patient' && offeredBy !== undefined && { offeredBy }),
  };
}
