/**
 * Which of the registers' forms an operation is about: https://hl7.org/fhir/uv/sdc/
 * Only forms that were loaded as content are worked with: their expressions run in this process, so no caller's do.
 */
import { parseCanonical, formatCanonical } from '../fhir/canonical.ts';
import { parseJson } from '../fhir/json.ts';
import { badRequest, error, unprocessable } from '../fhir/outcome.ts';
import { parseLocalReference } from '../fhir/reference.ts';
import type { JsonObject, QuestionnaireResponse } from '../fhir/types.ts';
import type { FormLibrary } from '../registry/form/library.ts';
import type { Caller } from '../repository/audit.ts';
import type { Repository } from '../repository/repository.ts';
import type { Form } from '../sdc/form-types.ts';
import { validateResponse } from '../sdc/validate-response.ts';
import type { FormIssue } from '../sdc/validate-response.ts';

/** The form of a canonical; without a version, the one that schedules use. Throws 422. */
export function formOf(forms: FormLibrary, canonical: string, at: string): Form {
  const { url, version } = parseCanonical(canonical);
  const exact = version === undefined ? forms.currentVersion(url) : canonical;
  const form = exact === undefined ? undefined : forms.form(exact);
  if (form === undefined) {
    throw unprocessable(
      error(
        'not-supported',
        `The form ${canonical.slice(0, 200)} is not loaded here. Name a register's form as url|version.`,
        at,
        'questionnaire-version',
      ),
    );
  }
  return form;
}

/** The form of a Questionnaire that is stored here. Throws 403, 404, 422. */
export async function formOfStored(
  { repository, forms }: { readonly repository: Repository; readonly forms: FormLibrary },
  caller: Caller,
  id: string,
): Promise<Form> {
  const row = await repository.read(caller, { type: 'Questionnaire', id });
  const { url, version } = parseJson(row.content) as { readonly url?: string; readonly version?: string };
  return formOf(forms, formatCanonical(url ?? '', version), 'Questionnaire.url');
}

/** The id in a reference of that type. Throws 400. */
export function requireReference(reference: string | undefined, type: string, at: string): string {
  const local = parseLocalReference(reference ?? '');
  if (local?.type !== type) {
    throw badRequest(`This must be a reference such as ${type}/123.`, at, 'operation-parameter');
  }
  return local.id;
}

/** A response and its form. Throws 400 when it is none, 422 when its form is not loaded. */
export function responseWithForm(
  forms: FormLibrary,
  resource: JsonObject | undefined,
): { readonly form: Form; readonly response: QuestionnaireResponse } {
  const canonical = resource?.['questionnaire'];
  if (resource?.['resourceType'] !== 'QuestionnaireResponse' || typeof canonical !== 'string') {
    throw badRequest(
      'Send a QuestionnaireResponse that names its questionnaire, as the body or as a resource parameter.',
      'QuestionnaireResponse.questionnaire',
      'operation-parameter',
    );
  }
  const form = formOf(forms, canonical, 'QuestionnaireResponse.questionnaire');
  return { form, response: resource as unknown as QuestionnaireResponse };
}

const FINAL: ReadonlySet<unknown> = new Set(['completed', 'amended']);

/** What is wrong with a response: as a draft, or as it must be when it is finished. */
export const findingsOf = (form: Form, response: QuestionnaireResponse, now: Date): readonly FormIssue[] =>
  validateResponse(form, response, FINAL.has(response.status) ? 'final' : 'draft', { now });
