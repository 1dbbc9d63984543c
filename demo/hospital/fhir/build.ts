/**
 * The hospital's facts as FHIR resources in its own shape: national codes where it has them, texts beside them, its own ids.
 * https://hl7.org/fhir/R4
 */
import type {
  CodeableConcept,
  Coding,
  Condition,
  ContactPoint,
  Encounter,
  MedicationStatement,
  Observation,
  Patient,
  Practitioner,
  Organization,
  Procedure,
  Quantity,
  Reference,
} from '../../../src/fhir/types.ts';
import { type Clinician, DEPARTMENTS, type Department, SYSTEMS } from '../organisation.ts';
import type { Person } from '../people/people.ts';

export interface Coded {
  readonly code: string;
  readonly display: string;
}

const HL7 = 'http://terminology.hl7.org/CodeSystem';

export const coding = (system: string, { code, display }: Coded): Coding => ({ system, code, display });

export const concept = (system: string, coded: Coded): CodeableConcept => ({
  coding: [coding(system, coded)],
  text: coded.display,
});

export const quantity = (value: number, unit: string, code = unit): Quantity => ({
  value,
  unit,
  system: SYSTEMS.ucum,
  code,
});

export const patientRef = (person: Person): Reference<Patient> => ({ reference: `Patient/${person.id}` });

/** A department as messages name it: by its number in the national register of units. */
export const departmentRef = ({ name, resh }: Department): Reference<Organization> => ({
  identifier: { system: SYSTEMS.resh, value: resh },
  display: name,
});

const NUMBER_SYSTEM = {
  fnr: SYSTEMS.fnr,
  'd-number': SYSTEMS.dNumber,
  temporary: SYSTEMS.temporary,
} as const;

/** The person as the record has them; `identified` once the number of somebody with a temporary one is found. */
export function patient(person: Person, { identified = false } = {}): Patient {
  const { id, kind, nin, foundNin, family, given, gender, birthDate, phone, email, address } = person;
  const own = { use: 'official' as const, system: NUMBER_SYSTEM[kind], value: nin };
  const telecom: ContactPoint[] = [
    ...(phone === undefined ? [] : [{ system: 'phone' as const, use: 'mobile' as const, value: phone }]),
    ...(email === undefined ? [] : [{ system: 'email' as const, value: email }]),
  ];
  return {
    resourceType: 'Patient',
    id,
    identifier:
      identified && foundNin !== undefined
        ? [
            { use: 'official', system: SYSTEMS.fnr, value: foundNin },
            { ...own, use: 'old' },
          ]
        : [own],
    active: true,
    name: [
      {
        use: 'official',
        ...(family !== undefined && { family }),
        given: [...given],
        text: [...given, family ?? ''].join(' ').trim(),
      },
    ],
    gender,
    birthDate,
    ...(telecom.length > 0 && { telecom }),
    ...(address !== undefined && {
      address: [
        {
          use: 'home',
          type: 'physical',
          line: [address.line],
          postalCode: address.postalCode,
          city: address.city,
          district: address.municipalityName,
          country: 'NO',
        },
      ],
    }),
  };
}

export interface Stay {
  readonly id: string;
  readonly person: Person;
  readonly kind: 'inpatient' | 'outpatient';
  readonly department: Department;
  readonly start: string;
  readonly end?: string;
  readonly clinician?: Clinician;
}

const CLASSES = {
  inpatient: { code: 'IMP', display: 'inpatient encounter' },
  outpatient: { code: 'AMB', display: 'ambulatory' },
} as const;

export const encounter = ({ id, person, kind, department, start, end, clinician }: Stay): Encounter => ({
  resourceType: 'Encounter',
  id,
  status: end === undefined ? 'in-progress' : 'finished',
  class: coding(`${HL7}/v3-ActCode`, CLASSES[kind]),
  subject: patientRef(person),
  ...(clinician !== undefined && {
    participant: [
      {
        individual: {
          reference: `Practitioner/${clinician.id}`,
          display: `${clinician.given} ${clinician.family}`,
        },
      },
    ],
  }),
  period: { start, ...(end !== undefined && { end }) },
  serviceProvider: departmentRef(department),
  location: [{ location: { display: 'Fjordheim sykehus' } }],
});

export interface Found {
  readonly id: string;
  readonly person: Person;
  readonly encounter?: string;
}

const contact = (encounter: string | undefined): { encounter?: Reference<Encounter> } =>
  encounter === undefined ? {} : { encounter: { reference: `Encounter/${encounter}` } };

export interface Diagnosis extends Found {
  readonly code: Coded;
  readonly recorded: string;
  readonly onset?: string;
  readonly verification?: 'confirmed' | 'entered-in-error';
  /** The hospital's own code alone: what nobody outside can map. */
  readonly isLocal?: boolean;
}

export const condition = (given: Diagnosis): Condition => ({
  resourceType: 'Condition',
  id: given.id,
  ...(given.verification !== 'entered-in-error' && {
    clinicalStatus: { coding: [{ system: `${HL7}/condition-clinical`, code: 'active' }] },
  }),
  verificationStatus: {
    coding: [{ system: `${HL7}/condition-ver-status`, code: given.verification ?? 'confirmed' }],
  },
  category: [{ coding: [{ system: `${HL7}/condition-category`, code: 'encounter-diagnosis' }] }],
  code: concept(given.isLocal === true ? SYSTEMS.local : SYSTEMS.icd10, given.code),
  subject: patientRef(given.person),
  ...contact(given.encounter),
  recordedDate: given.recorded,
  ...(given.onset !== undefined && { onsetDateTime: given.onset }),
});

export interface Operation extends Found {
  readonly code: Coded;
  readonly start: string;
  readonly end?: string;
  readonly department?: Department;
  readonly reason?: CodeableConcept;
}

export const procedure = ({
  id,
  person,
  encounter: stay,
  code,
  start,
  end,
  department,
  reason,
}: Operation): Procedure => ({
  resourceType: 'Procedure',
  id,
  status: 'completed',
  code: concept(SYSTEMS.ncsp, code),
  subject: patientRef(person),
  ...contact(stay),
  ...(end === undefined ? { performedDateTime: start } : { performedPeriod: { start, end } }),
  ...(department !== undefined && { performer: [{ actor: departmentRef(department) }] }),
  ...(reason !== undefined && { reasonCode: [reason] }),
});

export interface Finding extends Found {
  readonly code: CodeableConcept;
  readonly category: 'vital-signs' | 'laboratory' | 'survey' | 'social-history' | 'procedure' | 'exam';
  readonly at: string;
  readonly value:
    | Pick<Observation, 'valueQuantity'>
    | Pick<Observation, 'valueInteger'>
    | Pick<Observation, 'valueBoolean'>
    | Pick<Observation, 'valueCodeableConcept'>;
  readonly status?: Observation['status'];
  readonly department?: Department;
}

export const observation = (given: Finding): Observation => ({
  resourceType: 'Observation',
  id: given.id,
  status: given.status ?? 'final',
  category: [{ coding: [{ system: `${HL7}/observation-category`, code: given.category }] }],
  code: given.code,
  subject: patientRef(given.person),
  ...contact(given.encounter),
  effectiveDateTime: given.at,
  ...(given.department !== undefined && { performer: [departmentRef(given.department)] }),
  ...given.value,
});

export interface Drug {
  readonly atc: string;
  readonly name: string;
  readonly text: string;
  readonly dose: number;
  readonly unit: string;
  readonly perDay: number;
  readonly route: keyof typeof ROUTES;
}

const ROUTES = {
  oral: { code: '26643006', display: 'Oral route' },
  intravenous: { code: '47625008', display: 'Intravenous route' },
  transdermal: { code: '45890007', display: 'Transdermal route' },
} as const;

export const medication = (
  { id, person, encounter: stay }: Found,
  drug: Drug,
  period: { readonly start: string; readonly end?: string },
): MedicationStatement => ({
  resourceType: 'MedicationStatement',
  id,
  status: period.end === undefined ? 'active' : 'completed',
  medicationCodeableConcept: concept(SYSTEMS.atc, { code: drug.atc, display: drug.name }),
  subject: patientRef(person),
  ...(stay !== undefined && { context: { reference: `Encounter/${stay}` } }),
  effectivePeriod: period,
  dosage: [
    {
      text: drug.text,
      route: concept(SYSTEMS.snomed, ROUTES[drug.route]),
      timing: { repeat: { frequency: drug.perDay, period: 1, periodUnit: 'd' } },
      doseAndRate: [{ doseQuantity: quantity(drug.dose, drug.unit) }],
    },
  ],
});

export const practitioner = ({ id, given, family, hpr }: Clinician): Practitioner => ({
  resourceType: 'Practitioner',
  id,
  identifier: [{ system: SYSTEMS.hpr, value: hpr }],
  active: true,
  name: [{ text: `${given} ${family}`, family, given: [given] }],
});

export const organizations = (): readonly Organization[] =>
  Object.values(DEPARTMENTS).map(({ id, name, resh }) => ({
    resourceType: 'Organization',
    id,
    identifier: [{ system: SYSTEMS.resh, value: resh }],
    active: true,
    name,
  }));
