/**
 * The application for an account [Ny bruker], as the user guides describe it: what is asked, and what is wrong with an answer.
 */

import type { OrganisationChoice } from './unit-choices.ts';

/** Fields as they stand in the form. */
const FIELDS = [
  'brukernavn',
  'fornavn',
  'etternavn',
  'mobil',
  'epost',
  'stilling',
  'organisasjon',
  'annet',
  'sokt',
  'avdeling',
  'register',
  'rolle',
] as const;
export type FieldName = (typeof FIELDS)[number];
export type Fields = Readonly<Record<FieldName, string>>;

/** `mangler`: nothing is given; `ugyldig`: it cannot be that; `brukernavn-tegn`, `mobil-siffer`, `epost-form`: how it must be. */
export type FieldProblem = 'mangler' | 'ugyldig' | 'brukernavn-tegn' | 'mobil-siffer' | 'epost-form';
export type FieldProblems = Readonly<Partial<Record<FieldName, FieldProblem>>>;

/** Positions to choose from [Stilling]. */
export const POSITIONS = [
  'Lege',
  'Sykepleier',
  'Psykolog',
  'Fysioterapeut',
  'Annet helsepersonell',
  'Helsesekretær',
  'Registeransvarlig',
  'Forsker eller statistiker',
  'Annet',
] as const;

/** Chosen where the list has no fitting organisation [Annet]; then it is given in words, and SC finds the department. */
export const OTHER = 'annet';

export interface Application {
  readonly username: string;
  readonly given: string;
  readonly family: string;
  readonly mobile: string;
  readonly email: string;
  readonly position: string;
  /** The organisation that the applicant works in; in words where the list had none. */
  readonly employer: string | undefined;
  readonly employerText: string | undefined;
  /** The department that the role is wanted in; undefined where the list had none. */
  readonly unit: string | undefined;
  readonly register: string;
  readonly role: 'LU' | 'LC' | 'SC';
}

export interface Choices {
  readonly organisations: readonly OrganisationChoice[];
  readonly registers: ReadonlyMap<string, string>;
}

const ROLES: readonly string[] = ['LU', 'LC', 'SC'];
const LONGEST = 200;

type Check = (value: string, fields: Fields, choices: Choices) => FieldProblem | undefined;

/** Nothing given, or the given thing not as it must be. */
const given =
  (isRight: (value: string, fields: Fields, choices: Choices) => boolean, problem: FieldProblem): Check =>
  (value, fields, choices) => {
    if (value === '') {
      return 'mangler';
    }
    return isRight(value, fields, choices) ? undefined : problem;
  };

const matching = (pattern: RegExp, problem: FieldProblem): Check =>
  given((value) => pattern.test(value), problem);
const text = given((value) => value.length <= LONGEST, 'ugyldig');

const CHECKS: Readonly<Record<FieldName, Check>> = {
  brukernavn: matching(/^[a-zæøå0-9](?:[a-zæøå0-9]|[._-](?=[a-zæøå0-9])){2,29}$/, 'brukernavn-tegn'),
  fornavn: text,
  etternavn: text,
  mobil: matching(/^(?:\+47)?[49]\d{7}$|^\+(?!47)\d{7,14}$/, 'mobil-siffer'),
  epost: matching(/^[^\s@,;<>"]{1,64}@[^\s@,;<>".]+(?:\.[^\s@,;<>".]+)+$/, 'epost-form'),
  stilling: given((value) => (POSITIONS as readonly string[]).includes(value), 'ugyldig'),
  organisasjon: given((value, _fields, { organisations }) => isOrganisation(value, organisations), 'ugyldig'),
  annet: (value, fields, choices) =>
    fields.organisasjon === OTHER ? text(value, fields, choices) : undefined,
  sokt: (value, _fields, { organisations }) =>
    value === '' || isOrganisation(value, organisations) ? undefined : 'ugyldig',
  avdeling(value, fields, choices) {
    const target = targetOf(fields, choices);
    const isOf = given(() => departmentIn(target, value) !== undefined, 'ugyldig');
    return target === undefined ? undefined : isOf(value, fields, choices);
  },
  register: given((value, _fields, { registers }) => registers.has(value), 'ugyldig'),
  rolle: given((value) => ROLES.includes(value), 'ugyldig'),
};

const isOrganisation = (value: string, organisations: readonly OrganisationChoice[]): boolean =>
  value === OTHER || organisations.some(({ id }) => id === value);

/** The organisation that the applicant wants a role in: the one applied to, or the own one. */
export const targetOf = (
  { organisasjon, sokt }: Pick<Fields, 'organisasjon' | 'sokt'>,
  { organisations }: Choices,
): OrganisationChoice | undefined =>
  organisations.find(({ id }) => id === (sokt === '' ? organisasjon : sokt));

const departmentIn = (target: OrganisationChoice | undefined, id: string): string | undefined =>
  target?.clinics.flatMap(({ departments }) => departments).find((department) => department.id === id)?.id;

/** Fields as they were typed, without spaces around, in lower case where case means nothing. */
export function readFields(given: Readonly<Record<string, unknown>>): Fields {
  const textOf = (name: FieldName): string => {
    const value = given[name];
    return typeof value === 'string' ? value.normalize('NFC').trim() : '';
  };
  const fields = Object.fromEntries(FIELDS.map((name) => [name, textOf(name)])) as Record<FieldName, string>;
  return {
    ...fields,
    brukernavn: fields.brukernavn.toLowerCase(),
    mobil: fields.mobil.replaceAll(/[\s()-]/g, '').replace(/^00/, '+'),
  };
}

/** The application, or what is wrong with which field. */
export function checkFields(
  fields: Fields,
  choices: Choices,
): { readonly application: Application } | { readonly problems: FieldProblems } {
  const found = FIELDS.map((name) => [name, CHECKS[name](fields[name], fields, choices)] as const).filter(
    ([, problem]) => problem !== undefined,
  );
  return found.length > 0
    ? { problems: Object.fromEntries(found) }
    : { application: toApplication(fields, choices) };
}

function toApplication(fields: Fields, choices: Choices): Application {
  return {
    username: fields.brukernavn,
    given: fields.fornavn,
    family: fields.etternavn,
    mobile: fullNumber(fields.mobil),
    email: fields.epost,
    position: fields.stilling,
    employer: fields.organisasjon === OTHER ? undefined : fields.organisasjon,
    employerText: fields.organisasjon === OTHER ? fields.annet : undefined,
    unit: departmentIn(targetOf(fields, choices), fields.avdeling),
    register: fields.register,
    role: fields.rolle as Application['role'],
  };
}

/** A Norwegian number of eight digits, or any with its country: `+4740000000`. */
export const fullNumber = (mobile: string): string => (mobile.startsWith('+') ? mobile : `+47${mobile}`);

/** What is wrong with a mobile number or an e-mail address alone. */
export function contactProblem(field: 'mobile' | 'email', value: string): FieldProblem | undefined {
  const name = field === 'mobile' ? 'mobil' : 'epost';
  const fields = readFields({ [name]: value });
  return CHECKS[name](fields[name], fields, { organisations: [], registers: new Map() });
}
