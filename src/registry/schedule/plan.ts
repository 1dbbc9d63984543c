/**
 * A register's schedule as the engine reads it from its PlanDefinition: what opens a pathway, and which forms it has.
 * https://hl7.org/fhir/R4/plandefinition.html
 */
import type { Register } from '../../content/register.ts';
import type { Coding, PlanDefinition, PlanDefinitionAction } from '../../fhir/types.ts';
import { formatCanonical } from '../../fhir/canonical.ts';
import { hasStep, readSending, reasonsOf, type Sending } from './sending.ts';

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
  /** What the patient sends in waits until staff import it or discard it; then they complete it, and lock it (docs/adr/0026). */
  readonly isImported?: boolean;
  /** Action id of the form that offers this one once it is begun: `relatedAction` after-start, at once. */
  readonly offeredBy?: string;
}

/** A register's schedule. */
export interface Schedule {
  readonly register: Register;
  readonly canonical: string;
  /** Type of the pathways that it governs. */
  readonly pathwayType: PlanDefinition['topic'];
  /** Codes of a ServiceRequest that open a pathway. */
  readonly openedBy: readonly Coding[];
  readonly forms: readonly PlannedForm[];
  /** Value sets of the reasons for which sending may be stopped, and all patient forms be closed unanswered. */
  readonly reasons?: { readonly stop?: string; readonly close?: string };
}

/** Read a schedule; the content loader has checked the PlanDefinition. */
export function readSchedule(register: Register): Schedule {
  const { plan } = register;
  const actions = plan.action ?? [];
  return {
    register,
    canonical: formatCanonical(plan.url ?? '', plan.version),
    pathwayType: plan.topic,
    openedBy: actions.flatMap(triggerCodes),
    forms: actions.filter(({ definitionCanonical }) => definitionCanonical !== undefined).map(plannedForm),
    reasons: reasonsOf(actions),
  };
}

function triggerCodes({ trigger }: PlanDefinitionAction): readonly Coding[] {
  const requirements = (trigger ?? []).flatMap(({ data }) => data ?? []);
  return requirements
    .filter(({ type }) => type === 'ServiceRequest')
    .flatMap(({ codeFilter }) => codeFilter ?? [])
    .filter(({ path }) => path === 'code')
    .flatMap(({ code }) => code ?? []);
}

function plannedForm(action: PlanDefinitionAction): PlannedForm {
  const answeredBy = action.participant?.[0]?.type === 'patient' ? 'patient' : 'practitioner';
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
    ...(answeredBy === 'patient' && hasStep(action, 'import') && { isImported: true }),
    ...(answeredBy === 'patient' && offeredBy !== undefined && { offeredBy }),
  };
}
