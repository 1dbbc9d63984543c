/**
 * What belongs to a person's record: https://hl7.org/fhir/R4/compartmentdefinition-patient.html
 * Type → search parameters by which a resource of it may be in the compartment. A test compares it with the definition.
 */
import { hash32, hash64 } from '../fhir/id.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { Sql } from '../storage/store.ts';

export const PATIENT_COMPARTMENT: Readonly<Record<string, string>> = {
  Account: 'subject',
  AdverseEvent: 'subject',
  AllergyIntolerance: 'patient recorder asserter',
  Appointment: 'actor',
  AppointmentResponse: 'actor',
  AuditEvent: 'patient',
  Basic: 'patient author',
  BodyStructure: 'patient',
  CarePlan: 'patient performer',
  CareTeam: 'patient participant',
  ChargeItem: 'subject',
  Claim: 'patient payee',
  ClaimResponse: 'patient',
  ClinicalImpression: 'subject',
  Communication: 'subject sender recipient',
  CommunicationRequest: 'subject sender recipient requester',
  Composition: 'subject author attester',
  Condition: 'patient asserter',
  Consent: 'patient',
  Coverage: 'policy-holder subscriber beneficiary payor',
  CoverageEligibilityRequest: 'patient',
  CoverageEligibilityResponse: 'patient',
  DetectedIssue: 'patient',
  DeviceRequest: 'subject performer',
  DeviceUseStatement: 'subject',
  DiagnosticReport: 'subject',
  DocumentManifest: 'subject author recipient',
  DocumentReference: 'subject author',
  Encounter: 'subject',
  EnrollmentRequest: 'subject',
  EpisodeOfCare: 'patient',
  ExplanationOfBenefit: 'patient payee',
  FamilyMemberHistory: 'patient',
  Flag: 'patient',
  Goal: 'patient',
  Group: 'member',
  ImagingStudy: 'patient',
  Immunization: 'patient',
  ImmunizationEvaluation: 'patient',
  ImmunizationRecommendation: 'patient',
  Invoice: 'subject patient recipient',
  List: 'subject source',
  MeasureReport: 'patient',
  Media: 'subject',
  MedicationAdministration: 'patient performer subject',
  MedicationDispense: 'subject patient receiver',
  MedicationRequest: 'subject',
  MedicationStatement: 'subject',
  MolecularSequence: 'patient',
  NutritionOrder: 'patient',
  Observation: 'subject performer',
  Patient: 'link',
  Person: 'patient',
  Procedure: 'patient performer',
  Provenance: 'patient',
  QuestionnaireResponse: 'subject author',
  RelatedPerson: 'patient',
  RequestGroup: 'subject participant',
  ResearchSubject: 'individual',
  RiskAssessment: 'subject',
  Schedule: 'actor',
  ServiceRequest: 'subject performer',
  Specimen: 'subject',
  SupplyDelivery: 'patient',
  SupplyRequest: 'subject',
  Task: 'patient focus',
  VisionPrescription: 'patient',
};

/** Patient itself, and every type that may be about one. */
export const COMPARTMENT_TYPES: readonly string[] = Object.keys(PATIENT_COMPARTMENT);

/**
 * A condition on `r`: it is one of the persons, or in the record of one. The person whom a resource is about is a column;
 * other ways of belonging (a performer, an actor) are in the token table.
 */
export function inRecordOf(patients: readonly string[]): Sql {
  const [types, params] = parameterColumns();
  return {
    text: `(r.patient = any($1) or exists (
      select 1
      from unnest($2::smallint[], $3::int[]) p (type, param)
      join idx_token i on i.type = p.type and i.param = p.param and i.h = any($4::bigint[])
      where p.type = r.type and i.cmp = r.cmp and i.rid = r.rid))`,
    values: [patients, types, params, patients.map((id) => hash64(`Patient/${id}`))],
  };
}

/** Rows of one person's record by their numbers, from the indexes on: for one person, whatever the size of the store. */
export function recordSql(patient: string): Sql {
  const [types, params] = parameterColumns();
  return {
    text: `select r.rid from resource r where r.patient = $1
      union
      select i.rid
      from unnest($2::smallint[], $3::int[]) p (type, param)
      join idx_token i on i.type = p.type and i.param = p.param and i.h = $4::bigint`,
    values: [patient, types, params, hash64(`Patient/${patient}`)],
  };
}

/** Parameters by type, without those that the column answers: as two parallel arrays. */
function parameterColumns(): readonly [readonly number[], readonly number[]] {
  const pairs = Object.entries(PATIENT_COMPARTMENT).flatMap(([type, codes]) =>
    codes.split(' ').map((code) => [typeCode(type) ?? 0, hash32(code)] as const),
  );
  return [pairs.map(([type]) => type), pairs.map(([, param]) => param)];
}
