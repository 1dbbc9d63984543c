/**
 * The units and people of the demo: one invented hospital, and three users of each of its registers.
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
/** Its organisation number. */
export const HOSPITAL_TRUST_NUMBER = '310000019';
export const PAIN_CLINIC = 'demo-smerteklinikk';
const BACK_CLINIC = 'demo-ryggpoliklinikk';
export const SPINE_SURGERY = 'demo-ryggkirurgi';
export const ENDOSCOPY = 'demo-endoskopi';
export const INFECTION = 'demo-infeksjon';

interface Unit {
  readonly id: string;
  readonly name: string;
  readonly system: string;
  readonly value: string;
  readonly partOf?: string;
}

/** Until the reorganisation the units had other RESH ids, which some messages still carry. */
const FORMER_UNTIL = '2024-12-31';
const formerOf = (resh: string): string => resh.replace(/^999/, '998');

const UNITS: readonly Unit[] = [
  { id: 'demo-rhf', name: 'Helse Demo RHF', system: ENH, value: '310000000' },
  { id: HOSPITAL_TRUST, name: 'Fjordheim HF', system: ENH, value: HOSPITAL_TRUST_NUMBER, partOf: 'demo-rhf' },
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
  {
    id: BACK_CLINIC,
    name: 'Nakke- og ryggpoliklinikken, Fjordheim sykehus',
    system: RESH,
    value: '9990004',
    partOf: 'demo-sykehus',
  },
  {
    id: SPINE_SURGERY,
    name: 'Ryggkirurgisk seksjon, Fjordheim sykehus',
    system: RESH,
    value: '9990005',
    partOf: 'demo-sykehus',
  },
  {
    id: ENDOSCOPY,
    name: 'Gastroenterologisk poliklinikk, Fjordheim sykehus',
    system: RESH,
    value: '9990006',
    partOf: 'demo-sykehus',
  },
  {
    id: INFECTION,
    name: 'Infeksjonsmedisinsk poliklinikk, Fjordheim sykehus',
    system: RESH,
    value: '9990007',
    partOf: 'demo-sykehus',
  },
];

interface Person {
  readonly account: string;
  readonly given: string;
  readonly family: string;
  readonly hpr: string;
  readonly role: 'LU' | 'LC' | 'SC';
  readonly register: string;
  /** Department; none is national. */
  readonly unit?: string;
  readonly about: string;
}

const pain = { register: 'smertereg', unit: PAIN_CLINIC };
const back = { register: 'nnrr', unit: BACK_CLINIC };
const spine = { register: 'nkr', unit: SPINE_SURGERY };
const endoscopy = { register: 'gastronet', unit: ENDOSCOPY };
const infections = { register: 'norhiv', unit: INFECTION };

/** Of all registers; those of one that this server does not have are left out (`peopleOf`). */
const PEOPLE: readonly Person[] = [
  person('lu-ane', 'Ane Lund', CLINICIAN_HPR, pain, 'SmerteReg: lokal bruker (LU), Smerteklinikken'),
  person('lc-bjorn', 'Bjørn Dahl', '9000002', pain, 'SmerteReg: lokal koordinator (LC), Smerteklinikken'),
  person(
    'sc-siri',
    'Siri Vik',
    '9000003',
    { register: 'smertereg' },
    'SmerteReg: registerleder (SC), nasjonalt',
  ),
  person('lu-nina', 'Nina Berg', '9000004', back, 'NNRR: lokal bruker (LU), Nakke- og ryggpoliklinikken'),
  person(
    'lc-nils',
    'Nils Moen',
    '9000005',
    back,
    'NNRR: lokal koordinator (LC), Nakke- og ryggpoliklinikken',
  ),
  person('sc-solveig', 'Solveig Aas', '9000006', { register: 'nnrr' }, 'NNRR: registerleder (SC), nasjonalt'),
  person('lu-kirsten', 'Kirsten Haug', '9000007', spine, 'NKR: kirurg (LU), Ryggkirurgisk seksjon'),
  person('lc-knut', 'Knut Lie', '9000008', spine, 'NKR: lokal koordinator (LC), Ryggkirurgisk seksjon'),
  person('sc-sigrid', 'Sigrid Eide', '9000009', { register: 'nkr' }, 'NKR: registerleder (SC), nasjonalt'),
  person(
    'lu-gry',
    'Gry Foss',
    '9000010',
    endoscopy,
    'Gastronet: lokal bruker (LU), Gastroenterologisk poliklinikk',
  ),
  person(
    'lc-geir',
    'Geir Hagen',
    '9000011',
    endoscopy,
    'Gastronet: lokal koordinator (LC), Gastroenterologisk poliklinikk',
  ),
  person(
    'sc-guro',
    'Guro Strand',
    '9000012',
    { register: 'gastronet' },
    'Gastronet: registerleder (SC), nasjonalt',
  ),
  person(
    'lu-hanne',
    'Hanne Rud',
    '9000013',
    infections,
    'NORHIV: lokal bruker (LU), Infeksjonsmedisinsk poliklinikk',
  ),
  person(
    'lc-henrik',
    'Henrik Bø',
    '9000014',
    infections,
    'NORHIV: lokal koordinator (LC), Infeksjonsmedisinsk poliklinikk',
  ),
  person('sc-hilde', 'Hilde Nes', '9000015', { register: 'norhiv' }, 'NORHIV: registerleder (SC), nasjonalt'),
];

/** The role is the beginning of the account's name. */
function person(
  account: string,
  name: string,
  hpr: string,
  place: Pick<Person, 'register' | 'unit'>,
  about: string,
): Person {
  const [given = '', family = ''] = name.split(' ');
  const role = account.slice(0, 2).toUpperCase() as Person['role'];
  return { account, given, family, hpr, role, ...place, about };
}

/** The people of these registers. */
export const peopleOf = (registers: readonly string[]): readonly Person[] =>
  PEOPLE.filter(({ register }) => registers.includes(register));

export const roleId = ({ account }: Person): string => `demo-${account}`;

/** Organizations, Practitioners and PractitionerRoles, in the order they refer to each other. */
export const demoDirectory = (people: readonly Person[]): readonly JsonObject[] => [
  ...UNITS.map(organization),
  ...people.map(practitioner),
  ...people.map(practitionerRole),
];

const organization = ({ id, name, system, value, partOf }: Unit): JsonObject => ({
  resourceType: 'Organization',
  id,
  identifier: [
    { system, value },
    ...(system === RESH
      ? [{ use: 'old', system, value: formerOf(value), period: { end: FORMER_UNTIL } }]
      : []),
  ],
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

function practitionerRole(person: Person): JsonObject {
  const unit = UNITS.find(({ id }) => id === person.unit);
  return {
    resourceType: 'PractitionerRole',
    id: roleId(person),
    active: true,
    practitioner: { reference: `Practitioner/demo-${person.account}` },
    ...(unit !== undefined && {
      organization: { reference: `Organization/${unit.id}`, display: unit.name },
    }),
    code: [
      { coding: [{ system: ROLE, code: person.role }] },
      { coding: [{ system: REGISTER, code: person.register }] },
    ],
  };
}
