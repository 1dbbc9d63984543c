/**
 * What an EHR launch brought: used to fill a form, stored nowhere before the user saves (AP-05). And what the sources of a form's
 * answers are called: the EHR, or the organisation that has sent them.
 */
import type {
  Extension,
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  Reference,
  Resource,
} from '../../fhir/types.ts';
import { EXT } from '../../sdc/extensions.ts';

export const ANSWER_SOURCE = EXT.answerSource;

export interface FetchedResources {
  /** The registry's Patient that they are about: forms of others are not filled from them. Absent: whoever it is. */
  readonly patient?: string;
  readonly resources: readonly Resource[];
  readonly encounter?: Resource | undefined;
  /** Where they are: the EHR's FHIR base, and its name for people. */
  readonly ehr?: { readonly fhirBase: string; readonly name: string };
}

/** A resource of the EHR: it is the EHR that says it, whatever has said it there. */
export function ofEhr<R extends Resource>(resource: R, ehr: FetchedResources['ehr']): R {
  return ehr === undefined ? resource : { ...resource, meta: { ...resource.meta, source: ehr.fhirBase } };
}

/**
 * What has been received, without what the EHR has just given: the same resource, or one with the same identifier. What others have
 * sent stays.
 */
export function besidesEhr(received: readonly Resource[], given: readonly Resource[]): readonly Resource[] {
  const ids = new Set(given.map(({ resourceType, id }) => `${resourceType}/${id ?? ''}`));
  const identifiers = new Set(given.flatMap(identifiersOf));
  return received.filter(
    (resource) =>
      !ids.has(`${resource.resourceType}/${resource.id ?? ''}`) &&
      !identifiersOf(resource).some((identifier) => identifiers.has(identifier)),
  );
}

function identifiersOf(resource: Resource): readonly string[] {
  const { identifier } = resource as { readonly identifier?: unknown };
  const all = (Array.isArray(identifier) ? identifier : []) as readonly { system?: string; value?: string }[];
  return all.flatMap(({ system, value }) => (value === undefined ? [] : [`${system ?? ''}|${value}`]));
}

/**
 * The response with the names of who has said what (`DIPS: Encounter`), by `system` of the source. What is the EHR's is named by
 * absolute URL: its ids mean nothing here. https://hl7.org/fhir/R4/references.html#literal
 */
export function withNamedSources(
  response: QuestionnaireResponse,
  names: ReadonlyMap<string, string>,
  ehr: FetchedResources['ehr'],
): QuestionnaireResponse {
  const all = ehr === undefined ? names : new Map([...names, [ehr.fhirBase, ehr.name]]);
  if (all.size === 0 || response.item === undefined) {
    return response;
  }
  const name = (one: Extension): Extension => named(one, all, ehr?.fhirBase);
  const visit = (item: QuestionnaireResponseItem): QuestionnaireResponseItem => ({
    ...item,
    ...(item.extension !== undefined && { extension: item.extension.map(name) }),
    ...(item.item !== undefined && { item: item.item.map(visit) }),
    ...(item.answer !== undefined && {
      answer: item.answer.map(({ extension, ...answer }) => ({
        ...answer,
        ...(extension !== undefined && { extension: extension.map(name) }),
      })),
    }),
  });
  return { ...response, item: response.item.map(visit) };
}

function named(
  extension: Extension,
  names: ReadonlyMap<string, string>,
  fhirBase: string | undefined,
): Extension {
  const parts = extension.extension ?? [];
  const system = parts.find(({ url }) => url === 'system')?.valueUri ?? '';
  const name = names.get(system);
  if ((extension.url !== EXT.answerSource && extension.url !== EXT.sourceValue) || name === undefined) {
    return extension;
  }
  const resource = ({ reference, display }: Reference): Reference => ({
    ...(reference !== undefined && {
      reference: system === fhirBase ? `${fhirBase}/${reference}` : reference,
    }),
    display: display === undefined || display === '' ? name : `${name}: ${display}`,
  });
  return {
    ...extension,
    extension: parts.map((part) =>
      part.valueReference === undefined ? part : { ...part, valueReference: resource(part.valueReference) },
    ),
  };
}
