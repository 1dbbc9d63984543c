/**
 * What a patient may write (PA-03): the response to the form that was opened for them, where the schedule has patients
 * answer it; nothing beside it, and no other form of the same pathway.
 */
import type { PatientPrincipal } from '../../access/principal.ts';
import { error, type Issue } from '../../fhir/outcome.ts';
import { parseCanonical } from '../../fhir/canonical.ts';
import type { Pending } from '../../repository/operation.ts';
import type { WriteRule } from '../../repository/rules.ts';
import type { FormLibrary } from './library.ts';
import { episodeIdOf } from './pathway.ts';

export function patientAnswers(library: FormLibrary): WriteRule {
  return {
    name: 'patient-answers',
    apply(scope) {
      const { principal } = scope;
      const issues =
        principal.kind === 'patient'
          ? scope.pending().flatMap((entry) => refusal(library, principal, entry))
          : [];
      return Promise.resolve(issues);
    },
  };
}

function refusal(
  library: FormLibrary,
  principal: PatientPrincipal,
  { resource = {}, id, operation }: Pending,
): readonly Issue[] {
  const { questionnaire, episode, response } = principal;
  const isOwn =
    resource['questionnaire'] === questionnaire &&
    episodeIdOf(resource) === episode &&
    (response === undefined || response === id) &&
    isForPatients(library, questionnaire);
  return isOwn
    ? []
    : [
        error(
          'forbidden',
          'A patient answers the one form that was opened.',
          operation.at ?? 'QuestionnaireResponse',
          'patient-form',
        ),
      ];
}

/** Does the schedule have patients answer the form? */
export function isForPatients(library: FormLibrary, questionnaire: string): boolean {
  const { url } = parseCanonical(questionnaire);
  const forms = library.schedulesOf(url).flatMap((schedule) => schedule.forms);
  const own = forms.filter((form) => parseCanonical(form.questionnaire).url === url);
  return own.length > 0 && own.every(({ answeredBy }) => answeredBy === 'patient');
}
