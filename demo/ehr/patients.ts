/**
 * What the simulated EHR knows of its patients, as FHIR: each is admitted and referred to the pain team.
 * https://hl7.no/fhir/no-basis
 */
import type {
  Condition,
  Encounter,
  MedicationStatement,
  Observation,
  Organization,
  Patient,
  Practitioner,
  Procedure,
  Resource,
  ServiceRequest,
} from '../../src/fhir/types.ts';
import { type Case, caseOf, type Drug, PATIENT_IDS } from './cases.ts';

export const FNR = 'urn:oid:2.16.578.1.12.4.1.4.1';
export const HPR = 'urn:oid:2.16.578.1.12.4.1.4.4';
const RESH = 'urn:oid:2.16.578.1.12.4.1.4.102';
const ICD10 = 'urn:oid:2.16.578.1.12.4.1.1.7110';
const NCSP = 'urn:oid:2.16.578.1.12.4.1.1.7210';
const ATC = 'http://www.whocc.no/atc';
const PAIN_SERVICE = 'https://ryggrad.no/fhir/CodeSystem/smertereg-service';

/** RESH id of the department that all patients lie in; invented. */
export const WARD_RESH = '9990003';

/** RESH id of the pain team that the patients are referred to; invented. */
export const PAIN_TEAM_RESH = '9990001';

/** HPR number of the EHR's clinician; invented. */
export const CLINICIAN_HPR = '9000001';

const clinician: Practitioner = {
  resourceType: 'Practitioner',
  id: 'lege-1',
  identifier: [{ system: HPR, value: CLINICIAN_HPR }],
  name: [{ text: 'Ane Lund', family: 'Lund', given: ['Ane'] }],
};

const ward: Organization = {
  resourceType: 'Organization',
  id: 'sengepost-1',
  identifier: [{ system: RESH, value: WARD_RESH }],
  name: 'Kirurgisk sengepost, Fjordheim sykehus',
};

/** Everything in the EHR about these patients, dated from `now`. */
export function demoResources(now: Date, patients: readonly string[] = PATIENT_IDS): readonly Resource[] {
  const cases = patients.map(caseOf).filter((one) => one !== undefined);
  return [clinician, ward, ...cases.flatMap((one) => resourcesOf(one, now))];
}

function resourcesOf(one: Case, now: Date): readonly Resource[] {
  return [
    patient(one),
    encounter(one, now),
    serviceRequest(one, now),
    ...one.diagnoses.map((diagnosis, index) => condition(one, diagnosis, index, now)),
    ...(one.operation === undefined ? [] : [procedure(one, one.operation, now)]),
    ...one.drugs.map((each, index) => medication(one, each, index, now)),
    ...observations(one, now),
  ];
}

function patient({ id, fnr, family, given, gender, birthDate, phone }: Case): Patient {
  return {
    resourceType: 'Patient',
    id,
    identifier: [{ use: 'official', system: FNR, value: fnr }],
    name: [{ use: 'official', family, given: [given] }],
    gender,
    birthDate,
    telecom: [{ system: 'phone', use: 'mobile', value: phone }],
  };
}

function encounter({ id, admitted }: Case, now: Date): Encounter {
  return {
    resourceType: 'Encounter',
    id: `${id}-opphold`,
    status: 'in-progress',
    class: {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
      code: 'IMP',
      display: 'inpatient encounter',
    },
    subject: { reference: `Patient/${id}` },
    participant: [{ individual: { reference: 'Practitioner/lege-1' } }],
    period: { start: instant(now, admitted) },
    serviceProvider: {
      reference: 'Organization/sengepost-1',
      identifier: { system: RESH, value: WARD_RESH },
      display: ward.name as string,
    },
    location: [{ location: { display: 'Fjordheim sykehus' } }],
  };
}

function serviceRequest({ id, referred, diagnoses }: Case, now: Date): ServiceRequest {
  return {
    resourceType: 'ServiceRequest',
    id: `${id}-henvisning`,
    status: 'active',
    intent: 'order',
    code: {
      coding: [{ system: PAIN_SERVICE, code: 'tilsyn-smerteteam', display: 'Tilsyn av smerteteam' }],
      text: 'Tilsyn av smerteteam',
    },
    subject: { reference: `Patient/${id}` },
    encounter: { reference: `Encounter/${id}-opphold` },
    authoredOn: instant(now, referred),
    requester: { reference: 'Practitioner/lege-1', display: 'Ane Lund' },
    performer: [
      { identifier: { system: RESH, value: PAIN_TEAM_RESH }, display: 'Smerteklinikken, Fjordheim sykehus' },
    ],
    reasonReference: diagnoses
      .slice(0, 1)
      .map((_, index) => ({ reference: `Condition/${id}-diagnose-${index + 1}` })),
  };
}

function condition(
  { id, admitted }: Case,
  [code, display]: readonly [string, string],
  index: number,
  now: Date,
): Condition {
  return {
    resourceType: 'Condition',
    id: `${id}-diagnose-${index + 1}`,
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    verificationStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-ver-status', code: 'confirmed' }],
    },
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'encounter-diagnosis' },
        ],
      },
    ],
    code: { coding: [{ system: ICD10, code, display }], text: display },
    subject: { reference: `Patient/${id}` },
    encounter: { reference: `Encounter/${id}-opphold` },
    recordedDate: instant(now, admitted),
  };
}

function procedure({ id, admitted }: Case, [code, display]: readonly [string, string], now: Date): Procedure {
  return {
    resourceType: 'Procedure',
    id: `${id}-operasjon`,
    status: 'completed',
    code: { coding: [{ system: NCSP, code, display }], text: display },
    subject: { reference: `Patient/${id}` },
    encounter: { reference: `Encounter/${id}-opphold` },
    performedDateTime: instant(now, admitted - 1),
  };
}

const ROUTES: Readonly<Record<Drug['route'], { readonly code: string; readonly display: string }>> = {
  oral: { code: '26643006', display: 'Oral route' },
  intravenous: { code: '47625008', display: 'Intravenous route' },
  transdermal: { code: '45890007', display: 'Transdermal route' },
};

function medication({ id, admitted }: Case, each: Drug, index: number, now: Date): MedicationStatement {
  return {
    resourceType: 'MedicationStatement',
    id: `${id}-legemiddel-${index + 1}`,
    status: 'active',
    medicationCodeableConcept: {
      coding: [{ system: ATC, code: each.atc, display: each.name }],
      text: each.name,
    },
    subject: { reference: `Patient/${id}` },
    context: { reference: `Encounter/${id}-opphold` },
    effectivePeriod: { start: instant(now, admitted) },
    dosage: [
      {
        text: each.text,
        route: { coding: [{ system: 'http://snomed.info/sct', ...ROUTES[each.route] }] },
        timing: { repeat: { frequency: each.perDay, period: 1, periodUnit: 'd' } },
        doseAndRate: [
          {
            doseQuantity: {
              value: each.dose,
              unit: each.unit,
              system: 'http://unitsofmeasure.org',
              code: each.unit,
            },
          },
        ],
      },
    ],
  };
}

function observations({ id, nrs, weight }: Case, now: Date): readonly Observation[] {
  const common = {
    resourceType: 'Observation',
    status: 'final',
    subject: { reference: `Patient/${id}` },
    encounter: { reference: `Encounter/${id}-opphold` },
    effectiveDateTime: instant(now, 0),
  } as const;
  const category = 'http://terminology.hl7.org/CodeSystem/observation-category';
  return [
    {
      ...common,
      id: `${id}-nrs`,
      category: [{ coding: [{ system: category, code: 'survey' }] }],
      code: { coding: [{ system: 'http://loinc.org', code: '72514-3' }], text: 'Smerte, NRS 0–10' },
      valueInteger: nrs,
    },
    {
      ...common,
      id: `${id}-vekt`,
      category: [{ coding: [{ system: category, code: 'vital-signs' }] }],
      code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Kroppsvekt' },
      valueQuantity: { value: weight, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
    },
  ];
}

/** `now` less some days, at nine in the morning UTC and never later than `now`. */
function instant(now: Date, daysAgo: number): string {
  const morning = new Date(now.getTime() - daysAgo * 86_400_000);
  morning.setUTCHours(9, 0, 0, 0);
  return new Date(Math.min(morning.getTime(), now.getTime())).toISOString();
}
