/**
 * Which search parameters live in columns of the resource row itself (storage/sql/0001-resources.sql): one value per
 * resource, asked for often. What a column answers completely has no row in the index tables.
 */

/** A column (or pair of columns) of `resource` that holds a parameter's value. */
export type Column = 'id' | 'lastUpdated' | 'patient' | 'org' | 'canon' | 'status' | 'date';

/** The column that holds this parameter; `expression` is already cut down to the type. */
export function columnOf(type: string, code: string, expression: string): Column | undefined {
  if (Object.hasOwn(COMMON, code)) {
    return COMMON[code];
  }
  return SPECIFIC.find(([, holds]) => holds(type, code, expression))?.[0];
}

const COMMON: Readonly<Record<string, Column>> = { _id: 'id', _lastUpdated: 'lastUpdated' };

const SPECIFIC: readonly (readonly [Column, (type: string, code: string, expression: string) => boolean])[] =
  [
    ['patient', isPatientColumn],
    ['org', (type, code) => ORGANIZATION_PARAMETERS[type] === code],
    ['canon', (type, code, expression) => canonParameter(type, expression) === code],
    ['status', (type, code, expression) => code === 'status' && expression === `${type}.status`],
    ['date', (type, code) => mainDateParameter(type) === code],
  ];

/** Elements that name the one patient a resource is about, in the order in which they are looked for. */
export const PATIENT_ELEMENTS = [
  'subject',
  'patient',
  'for',
  'beneficiary',
  'individual',
  'candidate',
] as const;

/** Their `subject` repeats, so it cannot be a column. */
const MANY_SUBJECTS: ReadonlySet<string> = new Set(['Account', 'Contract']);

function isPatientColumn(type: string, _code: string, expression: string): boolean {
  const element = new RegExp(`^${type}\\.([a-z]+)(\\.where\\(resolve\\(\\) is Patient\\))?$`).exec(
    expression,
  )?.[1];
  return (
    element !== undefined &&
    (PATIENT_ELEMENTS as readonly string[]).includes(element) &&
    !MANY_SUBJECTS.has(type)
  );
}

/** The organisation that a resource belongs to, by its search parameter. */
export const ORGANIZATION_PARAMETERS: Readonly<Record<string, string>> = {
  Encounter: 'service-provider',
  EpisodeOfCare: 'organization',
  HealthcareService: 'organization',
  Location: 'organization',
  MeasureReport: 'reporter',
  Organization: 'partof',
  Patient: 'organization',
  PractitionerRole: 'organization',
  Task: 'owner',
};

/** The canonical that an instance was made from; a definition's own url otherwise. */
export const CANONICAL_PARAMETERS: Readonly<Record<string, string>> = {
  MeasureReport: 'measure',
  QuestionnaireResponse: 'questionnaire',
};

const canonParameter = (type: string, expression: string): string | undefined =>
  CANONICAL_PARAMETERS[type] ?? (expression === `${type}.url` ? 'url' : undefined);

/** The date that a clinician means by "when", by type; `date` where nothing else is said. */
const MAIN_DATES: Readonly<Record<string, string>> = {
  Bundle: 'timestamp',
  Communication: 'sent',
  CommunicationRequest: 'authored',
  Condition: 'recorded-date',
  DeviceRequest: 'authored-on',
  Goal: 'start-date',
  ImagingStudy: 'started',
  MeasureReport: 'period',
  MedicationAdministration: 'effective-time',
  MedicationDispense: 'whenhandedover',
  MedicationRequest: 'authoredon',
  MedicationStatement: 'effective',
  Patient: 'birthdate',
  Person: 'birthdate',
  Provenance: 'recorded',
  QuestionnaireResponse: 'authored',
  RelatedPerson: 'birthdate',
  ServiceRequest: 'authored',
  Specimen: 'collected',
  Task: 'authored-on',
};

/** Code of the date parameter behind `d_lo` and `d_hi`. */
export const mainDateParameter = (type: string): string => MAIN_DATES[type] ?? 'date';
