/** The consent of a pathway as lists show it: what is locked, or what an open form says now. */
import type { Consent, QuestionnaireResponse } from '../../fhir/types.ts';
import { extract } from '../../sdc/extract.ts';
import { idOfKey } from '../form/extract-facts.ts';
import type { FormLibrary } from '../form/library.ts';

/** The newest of the pathway's Consents; without any, what an unlocked form would make of its consent questions. */
export const currentConsent = (
  forms: FormLibrary,
  consents: readonly Consent[],
  responses: readonly QuestionnaireResponse[],
  now: Date,
): Consent | undefined => consents.at(-1) ?? draftConsent(forms, responses, now);

function draftConsent(
  forms: FormLibrary,
  responses: readonly QuestionnaireResponse[],
  now: Date,
): Consent | undefined {
  const found = responses
    .filter(({ status }) => status === 'in-progress')
    .flatMap((response) => {
      const form = forms.form(response.questionnaire ?? '');
      const hasTemplate =
        form?.questionnaire.contained?.some(({ resourceType }) => resourceType === 'Consent') === true;
      return form === undefined || !hasTemplate ? [] : extract(form, response, { now, newId: idOfKey });
    })
    .map(({ resource }) => resource)
    .filter((resource) => resource.resourceType === 'Consent');
  return found.at(-1) as Consent | undefined;
}
