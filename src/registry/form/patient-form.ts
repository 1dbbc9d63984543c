/**
 * A patient's own form: opened and saved by the patient. Nothing is filled in from the register, so that the page shows what
 * the patient has answered and nothing else.
 */
import type { PatientPrincipal } from '../../access/principal.ts';
import { FhirError, error } from '../../fhir/outcome.ts';
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject, QuestionnaireResponse, Resource } from '../../fhir/types.ts';
import type { Operation, Result } from '../../repository/operation.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import type { Form } from '../../sdc/form-types.ts';
import { populate } from '../../sdc/populate.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import { packsFor, type Packs } from '../sending/content-packs.ts';
import { withWording } from '../sending/wording.ts';
import type { FormLibrary } from './library.ts';
import { EPISODE_EXTENSION } from './pathway.ts';

export interface PatientFormDeps {
  readonly repository: Repository;
  readonly forms: FormLibrary;
  readonly packs: Packs;
}

/** Who answers, with the request that the audit trail names. */
export type PatientCaller = Caller & { readonly principal: PatientPrincipal };

export interface PatientForm {
  readonly form: Form;
  readonly response: QuestionnaireResponse;
  /** Version of the stored response; undefined when nothing is stored yet. */
  readonly version: string | undefined;
  readonly savedAt: string | undefined;
}

/** The form with the draft, or empty. Throws 422 when its version is not loaded here, or its wording is not installed. */
export async function openPatientForm(
  { repository, forms, packs }: PatientFormDeps,
  caller: PatientCaller,
): Promise<PatientForm> {
  const { questionnaire, response: id } = caller.principal;
  const form = wordedForm(forms, packs, questionnaire, repository.deps.clock.now());
  if (id === undefined) {
    const { response } = await populate(form, {
      now: repository.deps.clock.now(),
      launch: bareContext(caller.principal),
      fetch: () => Promise.resolve([]),
    });
    return { form, response, version: undefined, savedAt: undefined };
  }
  const row = await repository.read(caller, { type: 'QuestionnaireResponse', id });
  const response = parseJson(row.content) as unknown as QuestionnaireResponse;
  return { form, response, version: String(row.versionId), savedAt: row.lastUpdated };
}

/** The form in the words that the patient is to see. */
function wordedForm(forms: FormLibrary, packs: Packs, canonical: string, now: Date): Form {
  const form = forms.form(canonical);
  if (form === undefined) {
    throw new FhirError(422, error('not-supported', `${canonical} is not loaded here.`));
  }
  const scored = forms.scored(form);
  const found = packsFor(packs, scored, dayInOslo(now));
  if (found === undefined) {
    throw new FhirError(
      422,
      error(
        'business-rule',
        'The wording of the form is licensed, and no content pack with all of it is installed and valid today.',
        'QuestionnaireResponse.questionnaire',
        'content-pack',
      ),
    );
  }
  return { ...form, questionnaire: withWording(scored, found) };
}

/** What expressions of the form are evaluated over in the browser: ids alone. The server uses the whole at saving. */
export function bareContext({ patient, episode }: PatientPrincipal): {
  readonly patient: Resource;
  readonly episode: Resource;
} {
  return {
    patient: { resourceType: 'Patient', id: patient } as Resource,
    episode: { resourceType: 'EpisodeOfCare', id: episode } as Resource,
  };
}

export interface PatientSave {
  readonly response: QuestionnaireResponse;
  readonly status: 'in-progress' | 'completed';
  /** Version that the page showed; undefined before the first save. */
  readonly ifMatch: string | undefined;
}

/** Save or send in. Throws what the write throws: 412 (saved elsewhere in between), 422. */
export async function savePatientForm(
  { repository }: PatientFormDeps,
  caller: PatientCaller,
  { response, status, ifMatch }: PatientSave,
): Promise<Result> {
  const { questionnaire, patient, episode, response: id } = caller.principal;
  const resource: JsonObject = {
    resourceType: 'QuestionnaireResponse',
    ...(id !== undefined && { id }),
    extension: [{ url: EPISODE_EXTENSION, valueReference: { reference: `EpisodeOfCare/${episode}` } }],
    questionnaire,
    status,
    subject: { reference: `Patient/${patient}` },
    source: { reference: `Patient/${patient}` },
    ...(response.item !== undefined && { item: response.item as unknown as JsonObject[] }),
  };
  const common = { type: 'QuestionnaireResponse', resource } as const;
  const operation: Operation =
    id === undefined
      ? { ...common, kind: 'create' }
      : { ...common, kind: 'update', id, ...(ifMatch !== undefined && { ifMatch }) };
  const [result] = await repository.commit(caller, [operation]);
  if (result === undefined) {
    throw new Error('Saving a form gave no result');
  }
  return result;
}
