/** A locked form as text for the record: for its page, and for what goes back to the EHR of a launch. */
import { type StaffPrincipal, SYSTEM } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import { FhirError, error } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, Patient, QuestionnaireResponse, Resource } from '../../fhir/types.ts';
import { isLocked } from '../../registry/form/lock.ts';
import { type OpenedForm, openForm } from '../../registry/form/open-form.ts';
import { recordText } from '../../registry/form/record-text.ts';
import { shownScores } from '../../registry/scoring/show.ts';
import type { Caller } from '../../repository/audit.ts';
import { localised } from '../../sdc/text.ts';
import type { LockedForm } from '../../smart/write-back-resource.ts';
import { formatDate, formatInstant } from '../ui/format.ts';
import { patientHead } from './heads.ts';
import { authorsOf, callerOf, type Sources, textsOf } from './sources.ts';

type Parts = Pick<OpenedForm, 'form' | 'response' | 'patient' | 'episode'>;

/** The form of a Task as text. Throws 404; 409 while it is not locked. */
export async function recordTextOf(
  sources: Sources,
  principal: StaffPrincipal,
  taskId: string,
): Promise<LockedForm> {
  const opened = await openForm(sources, callerOf(sources, principal, 'record-text'), taskId);
  if (!isLocked(opened.response.status)) {
    throw new FhirError(
      409,
      error(
        'business-rule',
        'Skjemaet har ingen journaltekst før det er ferdigstilt.',
        undefined,
        'not-locked',
      ),
    );
  }
  return lockedForm(sources, principal.register, opened, opened.version ?? '');
}

/** The same by the response, for the job that writes it back; undefined when it is not locked any more. */
export async function lockedFormOf(sources: Sources, responseId: string): Promise<LockedForm | undefined> {
  const caller: Caller = { principal: SYSTEM, requestId: sources.newRequestId(), interaction: 'write-back' };
  const read = async (type: string, id: string): Promise<JsonObject> =>
    parseJson((await sources.repository.read(caller, { type, id })).content) as JsonObject;
  const row = await sources.repository.read(caller, { type: 'QuestionnaireResponse', id: responseId });
  const response = parseJson(row.content) as unknown as QuestionnaireResponse;
  const form = sources.forms.form(response.questionnaire ?? '');
  const register = row.labels.register;
  if (form === undefined || register === null || !isLocked(response.status)) {
    return undefined;
  }
  const episode = row.labels.episode;
  const parts: Parts = {
    form,
    response,
    patient: await read('Patient', idOfReference(response.subject, 'Patient') ?? ''),
    episode: episode === null ? {} : await read('EpisodeOfCare', episode),
  };
  return lockedForm(sources, register, parts, String(row.versionId));
}

async function lockedForm(
  sources: Sources,
  register: string,
  { form, response, patient, episode }: Parts,
  version: string,
): Promise<LockedForm> {
  const launch = { patient: patient as unknown as Resource, episode: episode as unknown as Resource };
  const context = { now: sources.repository.deps.clock.now(), launch };
  const texts = textsOf(sources, register, 'nb');
  const title = localised(form.questionnaire, 'title', 'nb');
  const [by = ''] = await authorsOf(sources, [response.meta?.source]);
  const { name = '', birthDate } = patientHead(patient as unknown as Patient);
  const state = response.status === 'amended' ? 'Rettet' : 'Ferdigstilt';
  const about = {
    register: texts?.title ?? register,
    title,
    patient: [name, birthDate && `født ${formatDate(birthDate)}`].filter(Boolean).join(', '),
    locked: `${state} ${formatInstant(response.meta?.lastUpdated ?? '')}${by === '' ? '' : ` av ${by}`}`,
  };
  const scores = shownScores(sources.forms.scored(form), response, context, 'nb');
  return {
    response,
    version,
    title: `${texts?.name ?? register}: ${title}`,
    text: recordText(form, response, context, about, scores),
  };
}
