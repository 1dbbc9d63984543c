/**
 * What an EHR launch brought: used to fill a form, stored nowhere before the user saves (AP-05).
 */
import type {
  Extension,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  Resource,
} from '../../fhir/types.ts';

export const ANSWER_SOURCE = 'https://ryggrad.no/fhir/StructureDefinition/answer-source';

export interface FetchedResources {
  /** The registry's Patient that they are about: forms of others are not filled from them. Absent: whoever it is. */
  readonly patient?: string;
  readonly resources: readonly Resource[];
  readonly encounter?: Resource | undefined;
  /** Where they are: the EHR's FHIR base, and its name for people. */
  readonly ehr?: { readonly fhirBase: string; readonly name: string };
}

/**
 * The response with the sources of its answers named by absolute URL where they are the EHR's: its ids mean nothing here.
 * https://hl7.org/fhir/R4/references.html#literal
 */
export function withAbsoluteSources(
  response: QuestionnaireResponse,
  { resources, ehr }: FetchedResources,
): QuestionnaireResponse {
  if (ehr === undefined || response.item === undefined) {
    return response;
  }
  const theirs = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id ?? ''}`));
  const visit = (item: QuestionnaireResponseItem): QuestionnaireResponseItem => ({
    ...item,
    ...(item.item !== undefined && { item: item.item.map(visit) }),
    ...(item.answer !== undefined && {
      answer: item.answer.map(({ extension, ...answer }) => ({
        ...answer,
        ...(extension !== undefined && { extension: extension.map((one) => absolute(one, theirs, ehr)) }),
      })),
    }),
  });
  return { ...response, item: response.item.map(visit) };
}

function absolute(
  extension: Extension,
  theirs: ReadonlySet<string>,
  { fhirBase, name }: NonNullable<FetchedResources['ehr']>,
): Extension {
  if (extension.url !== ANSWER_SOURCE) {
    return extension;
  }
  const parts = (extension.extension ?? []).map((part) => {
    const { reference = '', display } = part.valueReference ?? {};
    return theirs.has(reference)
      ? {
          ...part,
          valueReference: {
            reference: `${fhirBase}/${reference}`,
            display: display === undefined ? name : `${name}: ${display}`,
          },
        }
      : part;
  });
  return { ...extension, extension: parts };
}
