/**
 * What every extracted resource gets: whom it is about, when, in which episode, and where it comes from. Section 9.3 of
 * docs/sdc-dialect.md.
 */
import { EXT, extensionsOf } from './extensions.ts';
import type { Extension, QuestionnaireResponse, Reference, Resource } from '../fhir/types.ts';

/** Names of the elements of a type that hold these things. */
interface Elements {
  readonly subject: string;
  readonly encounter?: string;
  readonly date?: string;
  /** A date is there when an element with this beginning is. */
  readonly dated?: string;
  readonly isDerived?: boolean;
}

const ELEMENTS: Readonly<Partial<Record<Resource['resourceType'], Elements>>> = {
  AdverseEvent: { subject: 'subject', encounter: 'encounter', date: 'date' },
  AllergyIntolerance: { subject: 'patient', encounter: 'encounter', date: 'recordedDate' },
  ClinicalImpression: { subject: 'subject', encounter: 'encounter', date: 'date' },
  Communication: { subject: 'subject', encounter: 'encounter', date: 'sent' },
  Condition: { subject: 'subject', encounter: 'encounter', date: 'recordedDate' },
  Consent: { subject: 'patient', date: 'dateTime' },
  DeviceUseStatement: { subject: 'subject', date: 'recordedOn', isDerived: true },
  Encounter: { subject: 'subject' },
  FamilyMemberHistory: { subject: 'patient', date: 'date' },
  Flag: { subject: 'subject', encounter: 'encounter' },
  Goal: { subject: 'subject', date: 'statusDate' },
  Immunization: {
    subject: 'patient',
    encounter: 'encounter',
    date: 'occurrenceDateTime',
    dated: 'occurrence',
  },
  MedicationAdministration: {
    subject: 'subject',
    encounter: 'context',
    date: 'effectiveDateTime',
    dated: 'effective',
  },
  MedicationStatement: { subject: 'subject', encounter: 'context', date: 'dateAsserted', isDerived: true },
  Observation: {
    subject: 'subject',
    encounter: 'encounter',
    date: 'effectiveDateTime',
    dated: 'effective',
    isDerived: true,
  },
  Procedure: { subject: 'subject', encounter: 'encounter', date: 'performedDateTime', dated: 'performed' },
  RiskAssessment: {
    subject: 'subject',
    encounter: 'encounter',
    date: 'occurrenceDateTime',
    dated: 'occurrence',
  },
  ServiceRequest: { subject: 'subject', encounter: 'encounter', date: 'authoredOn' },
};

/** Types that may carry the episode: https://hl7.org/fhir/R4/extension-workflow-episodeofcare.html (context of use). */
const WITH_EPISODE: ReadonlySet<string> = new Set([
  'AdverseEvent',
  'CarePlan',
  'CareTeam',
  'ClinicalImpression',
  'Communication',
  'CommunicationRequest',
  'Condition',
  'DeviceRequest',
  'DeviceUseStatement',
  'DiagnosticReport',
  'Media',
  'NutritionOrder',
  'Observation',
  'Procedure',
  'ServiceRequest',
]);

/** The resource with subject, encounter, date, episode and the link back to the response. What the template set stays. */
export function complete<T extends Resource>(resource: T, response: QuestionnaireResponse): T {
  const elements = ELEMENTS[resource.resourceType];
  const given = resource as T & Readonly<Record<string, unknown>>;
  const source: Reference = { reference: `QuestionnaireResponse/${response.id ?? ''}` };
  const isDated = Object.keys(given).some((key) => key.startsWith(elements?.dated ?? elements?.date ?? '-'));
  return withExtensions(
    {
      ...absent(given, elements?.subject, response.subject),
      ...absent(given, elements?.encounter, response.encounter),
      ...(isDated ? {} : absent(given, elements?.date, response.authored)),
      ...given,
      ...(elements?.isDerived === true && { derivedFrom: [...listOf(given['derivedFrom']), source] }),
    } as T,
    [
      ...(WITH_EPISODE.has(resource.resourceType) ? extensionsOf(response, EXT.episode) : []),
      ...(elements?.isDerived === true ? [] : [{ url: EXT.extractedFrom, valueReference: source }]),
    ],
  );
}

function absent(
  given: Readonly<Record<string, unknown>>,
  element: string | undefined,
  value: unknown,
): Readonly<Record<string, unknown>> {
  return element === undefined || value === undefined || element in given ? {} : { [element]: value };
}

function withExtensions<T extends Resource>(resource: T, added: readonly Extension[]): T {
  const there = (resource as { extension?: readonly Extension[] }).extension ?? [];
  return added.length === 0 ? resource : { ...resource, extension: [...there, ...added] };
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
