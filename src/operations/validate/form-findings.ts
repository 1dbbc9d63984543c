/**
 * A QuestionnaireResponse against its form: a register's own by the rules of the register, any other that is contained
 * or stored here by those of the specification. https://hl7.org/fhir/R4/questionnaireresponse.html
 */
import { parseCanonical } from '../../fhir/canonical.ts';
import { parseJson } from '../../fhir/json.ts';
import { issue, type Issue } from '../../fhir/outcome.ts';
import type { JsonObject, Questionnaire } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { SearchService } from '../../repository/search.ts';
import type { Form } from '../../sdc/form-types.ts';
import { validateResponse } from '../../sdc/validate-response.ts';
import type { Terminology } from '../../terminology/terminology.ts';
import { checkResponse } from '../../validation/response/check-response.ts';

export interface FormNeeds {
  readonly forms: { form(canonical: string): Form | undefined };
  readonly terminology: Terminology;
}

const FINAL = new Set(['completed', 'amended']);

/** Findings of the form's rules; a form that is not here is told as a warning. */
export async function formFindings(
  { forms, terminology }: FormNeeds,
  search: SearchService,
  caller: Caller,
  response: JsonObject,
  now: Date,
): Promise<readonly Issue[]> {
  const canonical = response['questionnaire'];
  if (typeof canonical !== 'string') {
    return [unknownForm('The response names no questionnaire')];
  }
  const form = forms.form(canonical);
  if (form !== undefined) {
    const strictness = FINAL.has(String(response['status'])) ? 'final' : 'draft';
    return validateResponse(form, response, strictness, { now });
  }
  const questionnaire = contained(response, canonical) ?? (await stored(search, caller, canonical));
  return questionnaire === undefined
    ? [unknownForm('The questionnaire is not known here')]
    : checkResponse(questionnaire, response, terminology);
}

const unknownForm = (text: string): Issue =>
  issue(
    'warning',
    'not-found',
    `${text}; the answers were not held against it.`,
    'QuestionnaireResponse.questionnaire',
    'unknown-questionnaire',
  );

function contained(response: JsonObject, canonical: string): Questionnaire | undefined {
  const resources = Array.isArray(response['contained'])
    ? (response['contained'] as readonly JsonObject[])
    : [];
  return resources.find(({ id }) => canonical === `#${String(id)}`) as unknown as Questionnaire | undefined;
}

async function stored(
  search: SearchService,
  caller: Caller,
  canonical: string,
): Promise<Questionnaire | undefined> {
  const { url, version } = parseCanonical(canonical);
  const query = new URLSearchParams({
    url,
    _count: '1',
    _sort: '-_lastUpdated',
    ...(version !== undefined && { version }),
  });
  const { matches } = await search.search(caller, 'Questionnaire', query, { lenient: false });
  return matches[0] && (parseJson(matches[0].content) as unknown as Questionnaire);
}
