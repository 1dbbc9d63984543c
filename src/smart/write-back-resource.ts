/**
 * What a locked form leaves in the EHR: https://hl7.org/fhir/R4/documentreference.html with the text for the record, or
 * https://hl7.org/fhir/R4/questionnaireresponse.html as answered. References are the EHR's own.
 */
import type {
  DocumentReference,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  Resource,
} from '../fhir/types.ts';
import type { WriteBack } from './ehr.ts';
import type { LaunchContext } from './launch-context.ts';

/** A locked form, as the record is told of it. */
export interface LockedForm {
  readonly response: QuestionnaireResponse;
  readonly version: string;
  /** Title of the form, with the register's name. */
  readonly title: string;
  readonly text: string;
}

export interface Written {
  /** Address of a form here: the system of the identifier that it is known by there. */
  readonly system: string;
  /** `DocumentReference/1`: what an earlier version of the form has left. */
  readonly replaces: string | undefined;
  readonly now: Date;
}

/** Id by which a version of a form is written once, however often it is tried. */
export const identifierOf = ({ response, version }: LockedForm): string => `${response.id ?? ''}/${version}`;

export function toWrite(
  kind: WriteBack,
  form: LockedForm,
  launch: LaunchContext,
  written: Written,
): Resource {
  return kind === 'DocumentReference' ? documentOf(form, launch, written) : responseOf(form, launch, written);
}

function documentOf(
  form: LockedForm,
  launch: LaunchContext,
  { system, replaces, now }: Written,
): DocumentReference {
  const { patient, encounter, user } = launch;
  const isReplaced = replaces?.startsWith('DocumentReference/') === true;
  return {
    resourceType: 'DocumentReference',
    identifier: [{ system, value: identifierOf(form) }],
    status: 'current',
    docStatus: form.response.status === 'amended' ? 'amended' : 'final',
    type: { text: 'Registrering i kvalitetsregister' },
    subject: { reference: `Patient/${patient.id ?? ''}` },
    date: now.toISOString(),
    ...(user.fhirUser !== undefined && { author: [{ reference: user.fhirUser }] }),
    ...(isReplaced && { relatesTo: [{ code: 'replaces', target: { reference: replaces } }] }),
    description: form.title,
    content: [
      {
        attachment: {
          contentType: 'text/plain; charset=utf-8',
          language: 'nb',
          data: Buffer.from(form.text, 'utf8').toString('base64'),
          title: form.title,
          creation: now.toISOString(),
        },
      },
    ],
    ...(encounter !== undefined && {
      context: { encounter: [{ reference: `Encounter/${encounter.id ?? ''}` }] },
    }),
  };
}

/** The answers without what is ours: extensions that say where they came from, and references to our rows. */
function responseOf(
  form: LockedForm,
  { patient, encounter, user }: LaunchContext,
  { system, now }: Written,
): QuestionnaireResponse {
  const { questionnaire, status, item } = form.response;
  return {
    resourceType: 'QuestionnaireResponse',
    identifier: { system, value: identifierOf(form) },
    ...(questionnaire !== undefined && { questionnaire }),
    status,
    subject: { reference: `Patient/${patient.id ?? ''}` },
    ...(encounter !== undefined && { encounter: { reference: `Encounter/${encounter.id ?? ''}` } }),
    authored: now.toISOString(),
    ...(user.fhirUser !== undefined && { author: { reference: user.fhirUser } }),
    ...(item !== undefined && { item: item.map(bare) }),
  };
}

const bare = ({ linkId, text, answer, item }: QuestionnaireResponseItem): QuestionnaireResponseItem => ({
  linkId,
  ...(text !== undefined && { text }),
  ...(answer !== undefined && {
    answer: answer.map(({ extension: _ours, valueReference, item: below, ...value }) => ({
      ...value,
      ...(valueReference?.display !== undefined && { valueString: valueReference.display }),
      ...(below !== undefined && { item: below.map(bare) }),
    })),
  }),
  ...(item !== undefined && { item: item.map(bare) }),
});
