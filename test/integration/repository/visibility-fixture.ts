/** A small store of two hospitals, its callers, and an oracle of who may see which row. */
import { type Principal, type StaffPrincipal, SYSTEM } from '../../../src/access/principal.ts';
import type { JsonObject } from '../../../src/fhir/types.ts';
import { analytics, staff } from '../../unit/access/principals.ts';
import { as, ehrOf, remove, type RepositoryUnderTest } from '../../support/repository.ts';

/** One stored row, as the oracle knows it. */
export interface Fixture {
  readonly type: string;
  readonly id: string;
  readonly unit?: string;
  readonly register?: string;
  readonly national?: true;
  readonly patient?: string;
  readonly episode?: string;
  readonly deleted?: true;
  readonly gender?: string;
  readonly mark?: string;
}

/**
 * Two hospitals with an EHR each. Hospital A has the clinics a1 and a2. p1 is known to A, p2 to B, p3 to both, p4 to A
 * and its clinic a2 by another register, p5 to clinic a1 alone.
 */
export const ROWS: readonly Fixture[] = [
  { type: 'Organization', id: 'a1' },
  { type: 'Practitioner', id: 'ane' },
  { type: 'PractitionerRole', id: 'ane-a1' },
  { type: 'Questionnaire', id: 'form' },
  { type: 'Patient', id: 'p1', unit: 'A', gender: 'female' },
  { type: 'Patient', id: 'p2', unit: 'B', gender: 'female' },
  { type: 'Patient', id: 'p3', unit: 'A', gender: 'male' },
  { type: 'Patient', id: 'p4', unit: 'A', gender: 'female' },
  { type: 'Patient', id: 'p5', unit: 'a1', gender: 'female' },
  { type: 'Patient', id: 'p6', unit: 'B', gender: 'female', deleted: true },
  { type: 'Observation', id: 'o1', unit: 'A', patient: 'p1', mark: 'x' },
  { type: 'Observation', id: 'o2', unit: 'B', patient: 'p2', mark: 'x' },
  { type: 'Observation', id: 'o3a', unit: 'A', patient: 'p3' },
  { type: 'Observation', id: 'o3b', unit: 'B', patient: 'p3', mark: 'x' },
  { type: 'Observation', id: 'o4', unit: 'A', patient: 'p4' },
  { type: 'Observation', id: 'o-none', unit: 'B' },
  { type: 'Observation', id: 'o-gone', unit: 'A', patient: 'p1', deleted: true },
  {
    type: 'EpisodeOfCare',
    id: 'e1',
    unit: 'a1',
    register: 'pain',
    patient: 'p1',
    episode: 'e1',
    national: true,
  },
  { type: 'EpisodeOfCare', id: 'e3', unit: 'a1', register: 'pain', patient: 'p3', episode: 'e3' },
  {
    type: 'EpisodeOfCare',
    id: 'e4',
    unit: 'a2',
    register: 'spine',
    patient: 'p4',
    episode: 'e4',
    national: true,
  },
  {
    type: 'EpisodeOfCare',
    id: 'e2',
    unit: 'b1',
    register: 'pain',
    patient: 'p2',
    episode: 'e2',
    national: true,
  },
  {
    type: 'EpisodeOfCare',
    id: 'e5',
    unit: 'a1',
    register: 'pain',
    patient: 'p5',
    episode: 'e5',
    deleted: true,
  },
  {
    type: 'QuestionnaireResponse',
    id: 'q1',
    unit: 'a1',
    register: 'pain',
    patient: 'p1',
    episode: 'e1',
    national: true,
  },
  {
    type: 'QuestionnaireResponse',
    id: 'q1-draft',
    unit: 'a1',
    register: 'pain',
    patient: 'p1',
    episode: 'e1',
  },
  { type: 'QuestionnaireResponse', id: 'q3', unit: 'a1', register: 'pain', patient: 'p3', episode: 'e3' },
  {
    type: 'QuestionnaireResponse',
    id: 'q4',
    unit: 'a2',
    register: 'spine',
    patient: 'p4',
    episode: 'e4',
    national: true,
  },
  {
    type: 'QuestionnaireResponse',
    id: 'q2',
    unit: 'b1',
    register: 'pain',
    patient: 'p2',
    episode: 'e2',
    national: true,
  },
  { type: 'Task', id: 't1', unit: 'a1', register: 'pain', patient: 'p1', episode: 'e1' },
  { type: 'Task', id: 't2', unit: 'b1', register: 'pain', patient: 'p2', episode: 'e2' },
  { type: 'Binary', id: 'raw-a', unit: 'A' },
  { type: 'Binary', id: 'raw-b', unit: 'B' },
];

export const LIVE = ROWS.filter(({ deleted }) => deleted !== true);

export const CALLERS: Readonly<Record<string, Principal>> = {
  'the EHR of hospital A': ehrOf('A', 'a1', 'a2'),
  'the EHR of hospital B': ehrOf('B', 'b1'),
  'an EHR that has sent nothing': ehrOf('C'),
  'a user of clinic a1': staff('LU', { units: ['a1'] }),
  'the coordinator of clinic b1': staff('LC', { units: ['b1'] }),
  'a user of clinic a1 in another register': staff('LU', { units: ['a1'], register: 'spine' }),
  'the national coordinator': staff('SC'),
  'the national coordinator of another register': staff('SC', { register: 'spine' }),
  analytics,
  'analytics of no register': { ...analytics, registers: [] },
  'a launch for p1 in clinic a1': staff('LU', { units: ['a1'], launch: 'key', patient: 'p1' }),
  'a launch for p4, whom clinic a1 does not know yet': staff('LU', {
    units: ['a1'],
    launch: 'key',
    patient: 'p4',
  }),
  'a launch whose person is not known': staff('LU', { units: ['a1'], launch: 'key' }),
};

/** The rule in the register's words, without SQL. */
export function maySee(principal: Principal, row: Fixture): boolean {
  return row.unit === undefined ? isSharedWith(principal, row) : maySeeOwned(principal, row);
}

/** Shared rows are everyone's; who works where is not for analytics. */
const isSharedWith = ({ kind }: Principal, { type }: Fixture): boolean =>
  kind !== 'analytics' || (type !== 'Practitioner' && type !== 'PractitionerRole');

function maySeeOwned(principal: Principal, row: Fixture): boolean {
  switch (principal.kind) {
    case 'system':
      return true;
    case 'ehr':
      return isOrHasSome(row, ({ unit = '' }) => principal.units.includes(unit));
    case 'analytics':
      return isOrHasSome(
        row,
        ({ national, register = '' }) => national === true && principal.registers.includes(register),
      );
    case 'patient':
      return false;
    case 'staff':
      return principal.launch === undefined ? staffMaySee(principal, row) : launchMaySee(principal, row);
  }
}

/** The row itself, or, for a person, any row about it. */
const isOrHasSome = (row: Fixture, test: (row: Fixture) => boolean): boolean =>
  test(row) || (row.type === 'Patient' && rowsAbout(row.id).some(test));

const rowsAbout = (person: string | undefined): readonly Fixture[] =>
  LIVE.filter(({ patient }) => patient !== undefined && patient === person);

function staffMaySee({ role, register, units }: StaffPrincipal, row: Fixture): boolean {
  if (role === 'SC') {
    return isOrHasSome(row, (other) => other.national === true && other.register === register);
  }
  const isOwn = units.includes(row.unit ?? '') && (row.register === undefined || row.register === register);
  const hasPathway = rowsAbout(personOf(row)).some(
    (other) =>
      other.type === 'EpisodeOfCare' && units.includes(other.unit ?? '') && other.register === register,
  );
  return isOwn || (row.register === undefined && hasPathway);
}

/** The one person of the launch, known to the department or not, and what the department knows of it. */
function launchMaySee(principal: StaffPrincipal, row: Fixture): boolean {
  const isOfLaunch = principal.patient !== undefined && personOf(row) === principal.patient;
  return isOfLaunch && (row.type === 'Patient' || staffMaySee(principal, row));
}

/** Whom a row is about. A deletion keeps its owner, and no longer says whom it was about. */
function personOf({ type, id, patient, deleted }: Fixture): string | undefined {
  if (deleted === true) {
    return undefined;
  }
  return type === 'Patient' ? id : patient;
}

/** Store the rows through the repository, and delete those that are gone. */
export async function storeFixture(sut: RepositoryUnderTest): Promise<void> {
  for (const row of ROWS.toSorted((a, b) => rank(a) - rank(b))) {
    await sut.seed([resourceOf(row)], {
      unit: row.unit ?? null,
      register: row.register ?? null,
      episode: row.episode ?? null,
      national: row.national ?? false,
    });
  }
  for (const { type, id } of ROWS.filter(({ deleted }) => deleted === true)) {
    await sut.repository.commit(as(SYSTEM), [remove(type, id)]);
  }
}

/** What is referred to comes first. */
const rank = ({ type }: Fixture): number =>
  ['Organization', 'Practitioner', 'Patient', 'EpisodeOfCare'].indexOf(type) >= 0
    ? ['Organization', 'Practitioner', 'Patient', 'EpisodeOfCare'].indexOf(type)
    : 9;

export function resourceOf({ type, id, patient, gender, mark, register }: Fixture): JsonObject {
  const subject =
    patient === undefined ? {} : { subject: { reference: `Patient/${patient}`, display: 'Kari Fjell' } };
  const identifier = [{ system: 'urn:test', value: id }];
  const parts: Readonly<Record<string, JsonObject>> = {
    Organization: { name: id },
    Practitioner: { identifier },
    PractitionerRole: { practitioner: { reference: 'Practitioner/ane' } },
    Questionnaire: { status: 'active' },
    Patient: {
      identifier,
      gender: gender ?? 'unknown',
      name: [{ family: 'Fjell' }],
      birthDate: '1985-03-15',
    },
    Observation: {
      identifier,
      status: 'final',
      code: { coding: [{ system: 'urn:c', code: mark ?? 'y' }] },
      ...subject,
    },
    EpisodeOfCare: { status: 'active', patient: { reference: `Patient/${patient ?? ''}` } },
    QuestionnaireResponse: { status: register === undefined ? 'in-progress' : 'completed', ...subject },
    Task: { status: 'ready', intent: 'order', for: { reference: `Patient/${patient ?? ''}` } },
    Binary: { contentType: 'text/plain', data: 'eA==' },
  };
  return { resourceType: type, id, ...parts[type] };
}
