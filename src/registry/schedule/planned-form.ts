/**
 * Which of a plan's forms a Task and its response are. A plan may ask for the same Questionnaire several times, such as 6 and 12
 * months after the visit: then the extension `planned-form` on Task and QuestionnaireResponse names the action.
 * https://hl7.org/fhir/R4/plandefinition-definitions.html#PlanDefinition.action
 */
import { parseCanonical } from '../../fhir/canonical.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { PlannedForm, Schedule } from './plan.ts';

/** On Task and QuestionnaireResponse: valueCode is the id of the plan's action. */
export const PLANNED_FORM = 'https://ryggrad.no/fhir/StructureDefinition/planned-form';

type Extensions = readonly { readonly url?: string; readonly valueCode?: string }[];

const extensionsOf = (resource: JsonObject): Extensions => (resource['extension'] ?? []) as Extensions;

/** Action id that a Task or a response names; undefined where its Questionnaire is asked for once. */
export const plannedName = (resource: JsonObject): string | undefined =>
  extensionsOf(resource).find(({ url }) => url === PLANNED_FORM)?.valueCode;

/** The extensions of a resource with the action named, or none where there is none to name. */
export function namingForm(resource: JsonObject, name: string | undefined): JsonObject {
  const others = extensionsOf(resource).filter(({ url }) => url !== PLANNED_FORM);
  const { extension: _extension, ...rest } = resource;
  const extension = [...others, ...(name === undefined ? [] : [{ url: PLANNED_FORM, valueCode: name }])];
  return extension.length === 0 ? rest : { ...rest, extension: extension as unknown as JsonObject[] };
}

const urlOf = (canonical: string): string => parseCanonical(canonical).url;

/** The name that Tasks of a form carry: its action id, where another action has the same Questionnaire. */
export const nameToCarry = (form: PlannedForm, { forms }: Pick<Schedule, 'forms'>): string | undefined =>
  forms.filter(({ questionnaire }) => urlOf(questionnaire) === urlOf(form.questionnaire)).length > 1
    ? form.id
    : undefined;

/**
 * Is a Task or a response, of this Questionnaire, the plan's form? Whatever the version: what was asked for in an earlier one
 * stays the same form. One that names no action is of the first that has its Questionnaire.
 */
export function isOfForm(
  form: PlannedForm,
  { forms }: Pick<Schedule, 'forms'>,
  questionnaire: string | undefined,
  name: string | undefined,
): boolean {
  const url = urlOf(questionnaire ?? '');
  const same = forms.filter((each) => urlOf(each.questionnaire) === url);
  return (same.find(({ id }) => id === name) ?? same[0])?.id === form.id;
}
