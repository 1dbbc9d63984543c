/**
 * The hospital as it knows itself: its departments with the numbers they have and had, its clinicians, and the four systems
 * that send to registers.
 */

export const SYSTEMS = {
  fnr: 'urn:oid:2.16.578.1.12.4.1.4.1',
  dNumber: 'urn:oid:2.16.578.1.12.4.1.4.2',
  temporary: 'urn:oid:2.16.578.1.12.4.1.4.3',
  hpr: 'urn:oid:2.16.578.1.12.4.1.4.4',
  organisationNumber: 'urn:oid:2.16.578.1.12.4.1.4.101',
  resh: 'urn:oid:2.16.578.1.12.4.1.4.102',
  icd10: 'urn:oid:2.16.578.1.12.4.1.1.7110',
  ncsp: 'urn:oid:2.16.578.1.12.4.1.1.7210',
  municipality: 'urn:oid:2.16.578.1.12.4.1.1.3402',
  atc: 'http://www.whocc.no/atc',
  loinc: 'http://loinc.org',
  snomed: 'http://snomed.info/sct',
  ucum: 'http://unitsofmeasure.org',
  /** The hospital's own codes of diagnoses and procedures, from before it had national ones everywhere. */
  local: 'https://fjordheim.example/fhir/CodeSystem/lokal-kode',
} as const;

export interface Department {
  readonly id: string;
  readonly name: string;
  readonly resh: string;
  /** The number that it had before the last reorganisation; some messages still carry it. */
  readonly oldResh: string;
}

const department = (id: string, name: string, resh: string, oldResh: string): Department => ({
  id,
  name: `${name}, Fjordheim sykehus`,
  resh,
  oldResh,
});

export const DEPARTMENTS = {
  pain: department('smerteklinikk', 'Smerteklinikken', '9990001', '9980001'),
  orthopaedics: department('ortopedi', 'Ortopedisk sengepost', '9990002', '9980002'),
  surgery: department('kirurgi', 'Kirurgisk sengepost', '9990003', '9980003'),
  back: department('ryggpoliklinikk', 'Nakke- og ryggpoliklinikken', '9990004', '9980004'),
  spine: department('ryggkirurgi', 'Ryggkirurgisk seksjon', '9990005', '9980005'),
  endoscopy: department('endoskopi', 'Gastroenterologisk poliklinikk', '9990006', '9980006'),
  infection: department('infeksjon', 'Infeksjonsmedisinsk poliklinikk', '9990007', '9980007'),
} as const;

/** The trust that the hospital belongs to, and what it is called. */
export const TRUST = { name: 'Fjordheim HF', organisationNumber: '310000019' } as const;
export const HOSPITAL = { name: 'Fjordheim sykehus', resh: '9990000' } as const;

export interface Clinician {
  readonly id: string;
  readonly given: string;
  readonly family: string;
  readonly hpr: string;
}

/** Who can be logged in at the launch page. The HPR numbers are those of the register's demo people. */
export const CLINICIANS: readonly Clinician[] = [
  { id: 'lege-1', given: 'Ane', family: 'Lund', hpr: '9000001' },
  { id: 'lege-2', given: 'Nina', family: 'Berg', hpr: '9000004' },
  { id: 'lege-3', given: 'Kirsten', family: 'Haug', hpr: '9000007' },
];

export type SenderId = 'journal' | 'kirurgi' | 'endoskopi' | 'infeksjon';

export interface Sender {
  readonly id: SenderId;
  readonly name: string;
  /** The registers that it sends to. */
  readonly registers: readonly string[];
  /** Namespace of its own ids on what it sends. */
  readonly idSystem: string;
}

const sender = (id: SenderId, name: string, registers: readonly string[]): Sender => ({
  id,
  name,
  registers,
  idSystem: `https://fjordheim.example/fhir/NamingSystem/${id}`,
});

/** The hospital's systems that send, each a client of the register with a unit of its own. */
export const SENDERS: Readonly<Record<SenderId, Sender>> = {
  journal: sender('journal', 'Fjordheim journal', ['smertereg', 'nnrr']),
  kirurgi: sender('kirurgi', 'Fjordheim operasjonsplanlegging', ['nkr']),
  endoskopi: sender('endoskopi', 'Fjordheim endoskopi', ['gastronet']),
  infeksjon: sender('infeksjon', 'Fjordheim infeksjon og laboratorium', ['norhiv']),
};
