/**
 * The units and people of the demo: one invented hospital with a pain clinic, and three users of the register.
 * Organisation numbers, RESH ids and HPR numbers are made up.
 */
import type { JsonObject } from '../src/fhir/types.ts';
import { CLINICIAN_HPR, PAIN_TEAM_RESH, WARD_RESH } from './ehr/patients.ts';

const ENH = 'urn:oid:2.16.578.1.12.4.1.4.101';
const RESH = 'urn:oid:2.16.578.1.12.4.1.4.102';
const HPR = 'urn:oid:2.16.578.1.12.4.1.4.4';
const ROLE = 'https://ryggrad.no/fhir/CodeSystem/register-role';
const REGISTER = 'https://ryggrad.no/fhir/CodeSystem/register';

export const HOSPITAL_TRUST = 'demo-hf';
export const PAIN_CLINIC = 'demo-smerteklinikk';

interface Unit {
  readonly id: string;
  readonly name: string;
  readonly system: string;
  readonly value: string;
  readonly partOf?: string;
}

const UNITS: readonly Unit[] = [
  { id: 'demo-rhf', name: 'Helse Demo RHF', system: ENH, value: '310000000' },
  { id: HOSPITAL_TRUST, name: 'Fjordheim HF', system: ENH, value: '310000019', partOf: 'demo-rhf' },
  { id: 'demo-sykehus', name: 'Fjordheim sykehus', system: RESH, value: '9990000', partOf: HOSPITAL_TRUST },
  {
    id: PAIN_CLINIC,
    name: 'Smerteklinikken, Fjordheim sykehus',
    system: RESH,
    value: PAIN_TEAM_RESH,
    partOf: 'demo-sykehus',
  },
  {
    id: 'demo-ortopedi',
    name: 'Ortopedisk sengepost, Fjordheim sykehus',
    system: RESH,
    value: '9990002',
    partOf: 'demo-sykehus',
  },
  {
    id: 'demo-kirurgi',
    name: 'Kirurgisk sengepost, Fjordheim sykehus',
    system: RESH,
    value: WARD_RESH,
    partOf: 'demo-sykehus',
  },
];

interface Person {
  readonly account: string;
  readonly given: string;
  readonly family: string;
  readonly hpr: string;
  readonly role: 'LU' | 'LC' | 'SC';
  readonly about: string;
}

export const PEOPLE: readonly Person[] = [
  {
    account: 'lu-ane',
    given: 'Ane',
    family: 'Lund',
    hpr: CLINICIAN_HPR,
    role: 'LU',
    about: 'Lokal bruker (LU), Smerteklinikken',
  },
  {
    account: 'lc-bjorn',
    given: 'Bjørn',
    family: 'Dahl',
    hpr: '9000002',
    role: 'LC',
    about: 'Lokal koordinator (LC), Smerteklinikken',
  },
  {
    account: 'sc-siri',
    given: 'Siri',
    family: 'Vik',
    hpr: '9000003',
    role: 'SC',
    about: 'Registerleder (SC), nasjonalt',
  },
];

export const roleId = ({ account }: Person): string => `demo-${account}`;

/** Organizations, Practitioners and PractitionerRoles, in the order they refer to each other. */
export function demoDirectory(register: string): readonly JsonObject[] {
  return [
    ...UNITS.map(organization),
    ...PEOPLE.map(practitioner),
    ...PEOPLE.map((person) => practitionerRole(person, register)),
  ];
}

const organization = ({ id, name, system, value, partOf }: Unit): JsonObject => ({
  resourceType: 'Organization',
  id,
  identifier: [{ system, value }],
  active: true,
  name,
  ...(partOf !== undefined && { partOf: { reference: `Organization/${partOf}` } }),
});

const practitioner = ({ account, given, family, hpr }: Person): JsonObject => ({
  resourceType: 'Practitioner',
  id: `demo-${account}`,
  identifier: [{ system: HPR, value: hpr }],
  active: true,
  name: [{ family, given: [given] }],
});

function practitionerRole(person: Person, register: string): JsonObject {
  const isNational = person.role === 'SC';
  const unit = UNITS.find(({ id }) => id === PAIN_CLINIC);
  return {
    resourceType: 'PractitionerRole',
    id: roleId(person),
    active: true,
    practitioner: { reference: `Practitioner/demo-${person.account}` },
    ...(!isNational && {
      organization: { reference: `Organization/${PAIN_CLINIC}`, display: unit?.name ?? '' },
    }),
    code: [
      { coding: [{ system: ROLE, code: person.role }] },
      { coding: [{ system: REGISTER, code: register }] },
    ],
  };
}
