/**
 * The person and the pathway of a row that is read in. The numbers of a dump are another installation's: what has the same number
 * here is taken for the same only when it is shown to be, and never written to otherwise.
 */
import { error, type FhirError, unprocessable } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { NATIONAL_SYSTEMS } from '../../fhir/identifiers.ts';
import { parseJson } from '../../fhir/json.ts';
import type { JsonObject, Reference } from '../../fhir/types.ts';
import {
  FORLOPS_ID,
  identifiers,
  identifierValue,
  PASIENT_ID,
  passNumberSql,
} from '../../registry/person/register-identifiers.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Operation } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import type { StoreTransaction } from '../../storage/store.ts';
import { type DumpFiles, type DumpLayout, type DumpLine, GENDER } from './tables.ts';

export interface OpenDeps {
  readonly repository: Repository;
  readonly caller: Caller;
  readonly layout: DumpLayout;
  readonly files: DumpFiles;
  /** Organization ids by RESH id. */
  readonly centres: ReadonlyMap<string, string>;
}

export interface Opened {
  readonly episode: JsonObject;
  readonly patient: JsonObject;
  readonly isNewPerson: boolean;
  /** False when the pathway is here: the same one, of the same person. */
  readonly isNew: boolean;
}

const GENDERS = ['male', 'female', 'other', 'unknown'] as const;

/**
 * Make them, or find them. Throws 422: a number that is none, a person that the dump does not have, a number that somebody else or
 * another pathway has here.
 */
export async function openPathway(deps: OpenDeps, line: DumpLine): Promise<Opened> {
  const { MCEID: number = '', PATIENT_ID: person = '' } = line;
  requireNumber('MCEID', number);
  requireNumber('PATIENT_ID', person);
  const given = personOf(deps, person);
  const found = await create(deps, given, `identifier=${PASIENT_ID}|${person}`, (tx) =>
    tx.query(passNumberSql('patient_number', person)),
  );
  if (!found.isNew && !isSamePerson(found.resource, given)) {
    throw refusal(
      `PasientID ${person} is somebody else's here, or it cannot be told that it is the same person: the national number must be the same, or, where neither has one, the birth date and the sex.`,
      'person-differs',
    );
  }
  const pathway = await create(
    deps,
    pathwayOf(deps, line, found.resource),
    `identifier=${FORLOPS_ID}|${number}`,
    (tx) => tx.query(passNumberSql('pathway_number', number)),
  );
  if (!pathway.isNew && !isSamePathway(pathway.resource, found.resource, line)) {
    throw refusal(`ForløpsID ${number} is another pathway here.`, 'pathway-differs');
  }
  return {
    episode: pathway.resource,
    patient: found.resource,
    isNewPerson: found.isNew,
    isNew: pathway.isNew,
  };
}

const refusal = (text: string, rule: string): FhirError =>
  unprocessable(error('business-rule', text, undefined, rule));

function requireNumber(column: string, value: string): void {
  if (!/^[1-9]\d{0,14}$/.test(value)) {
    throw refusal(`${column} must be a whole number, not "${value}".`, 'dump-number');
  }
}

async function create(
  { repository, caller }: OpenDeps,
  resource: JsonObject,
  ifNoneExist: string,
  also: (tx: StoreTransaction) => Promise<unknown>,
): Promise<{ readonly resource: JsonObject; readonly isNew: boolean }> {
  const operation: Operation = {
    kind: 'create',
    type: String(resource['resourceType']),
    resource,
    ifNoneExist,
  };
  const [result] = await repository.commit(caller, [operation], {
    also: async (tx) => void (await also(tx)),
  });
  return {
    resource: parseJson(result?.content ?? '{}') as JsonObject,
    isNew: result?.effect === 'created',
  };
}

function personOf({ files: { patients, numbers }, layout }: OpenDeps, id: string): JsonObject {
  const line = patients.get(id);
  if (line === undefined) {
    throw refusal(`The dump has no person with the PATIENT_ID ${id}.`, 'dump-person');
  }
  const { BIRTH_DATE: born = '', GENDER: sex = '', DECEASED: dead, DECEASED_DATE: died = '' } = line;
  const gender = GENDERS.find((each) => layout.codes.toOld('GENDER', { system: GENDER, code: each }) === sex);
  const national = (numbers.get(id) ?? []).map(({ SYSTEM: system = '', SSN: value = '' }) => ({
    system,
    value,
  }));
  return {
    resourceType: 'Patient',
    identifier: [...national, { system: PASIENT_ID, value: id }],
    ...(gender !== undefined && { gender }),
    ...(born !== '' && { birthDate: born }),
    ...(died !== '' && { deceasedDateTime: died }),
    ...(died === '' && dead === '1' && { deceasedBoolean: true }),
  };
}

/** By the national number; where neither has one, by birth date and sex, and both must be there. */
function isSamePerson(stored: JsonObject, given: JsonObject): boolean {
  const [here, there] = [nationalNumbers(stored), nationalNumbers(given)];
  return here.length > 0 || there.length > 0
    ? here.some((number) => there.includes(number))
    : ['birthDate', 'gender'].every((name) => given[name] !== undefined && stored[name] === given[name]);
}

/** National numbers that hold, of a person. */
export const nationalNumbers = (patient: JsonObject): readonly string[] =>
  identifiers(patient)
    .filter(({ system, use }) => NATIONAL_SYSTEMS.includes(String(system)) && use !== 'old')
    .map(({ value }) => String(value));

const pathwayOf = ({ layout, centres }: OpenDeps, line: DumpLine, patient: JsonObject): JsonObject => ({
  resourceType: 'EpisodeOfCare',
  identifier: [{ system: FORLOPS_ID, value: line['MCEID'] ?? '' }],
  status: 'active',
  type: (layout.schedule.pathwayType ?? []) as unknown as JsonObject[],
  patient: { reference: `Patient/${String(patient['id'])}` },
  managingOrganization: {
    reference: `Organization/${centres.get(line['CENTREID'] ?? '') ?? line['CENTREID'] ?? ''}`,
  },
  period: periodOf(line),
});

/** Of the same person, and begun at the same time. */
function isSamePathway(episode: JsonObject, patient: JsonObject, line: DumpLine): boolean {
  const person = idOfReference(episode['patient'] as Reference | undefined, 'Patient');
  const { start } = (episode['period'] ?? {}) as { readonly start?: string };
  return (
    person === patient['id'] &&
    (start ?? '') === (line['PATHWAY_START'] ?? '') &&
    identifierValue(episode, FORLOPS_ID) === line['MCEID']
  );
}

export const periodOf = ({ PATHWAY_START: start = '', PATHWAY_END: end = '' }: DumpLine): JsonObject => ({
  ...(start !== '' && { start }),
  ...(end !== '' && { end }),
});

/** What came with the row: the pathway, and the person if it came with it. */
export async function takeBack(
  { repository, caller }: OpenDeps,
  { episode, patient, isNew, isNewPerson }: Opened,
): Promise<void> {
  if (isNew) {
    await repository.commit(caller, [{ kind: 'delete', type: 'EpisodeOfCare', id: String(episode['id']) }]);
  }
  if (isNew && isNewPerson) {
    await repository.commit(caller, [{ kind: 'delete', type: 'Patient', id: String(patient['id']) }]);
  }
}
