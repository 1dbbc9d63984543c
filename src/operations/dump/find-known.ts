/**
 * Persons and pathways of a batch that are here already: one query for all. The numbers of a dump are another installation's: what has
 * the same number here is taken for the same only when it is shown to be, and never written to (docs/adr/0022).
 */
import { hash32, hash64 } from '../../fhir/id.ts';
import { NATIONAL_SYSTEMS } from '../../fhir/identifiers.ts';
import { parseJson } from '../../fhir/json.ts';
import { idOfReference } from '../../fhir/reference.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject, Reference } from '../../fhir/types.ts';
import { oldSystem, type Solution } from '../../registry/dump/solution.ts';
import {
  FORLOPS_ID,
  identifiers,
  identifierValue,
  PASIENT_ID,
} from '../../registry/person/register-identifiers.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';
import type { Sql } from '../../storage/store.ts';
import type { PathwayPlan } from './plan-pathway.ts';

const [PATIENT, EPISODE] = [typeCode('Patient') ?? 0, typeCode('EpisodeOfCare') ?? 0];
const IDENTIFIER = hash32('identifier');

export interface Known {
  /** Resources by the number that the dump has of them. */
  readonly persons: ReadonlyMap<string, JsonObject>;
  readonly pathways: ReadonlyMap<string, JsonObject>;
}

export const personSystem = (solution: Solution): string => oldSystem(solution, 'person') ?? PASIENT_ID;
export const pathwaySystem = (solution: Solution): string => oldSystem(solution, 'pathway') ?? FORLOPS_ID;

interface Numbers {
  readonly persons: readonly string[];
  readonly pathways: readonly string[];
}

/** Rows of `resource r` that have one of these numbers; ids too, for GUIDs: what was made here goes out by its id. */
export function withNumbers({ persons, pathways }: Numbers, solution: Solution): Sql {
  const [ofPerson, ofPathway] = [personSystem(solution), pathwaySystem(solution)];
  const isGuid = solution.identifiers !== undefined;
  return {
    text: `r.rid = any (
        array(
          select t.rid from idx_token t where t.type = ${PATIENT} and t.param = ${IDENTIFIER} and t.h = any ($1::bigint[])
          union
          select t.rid from idx_token t where t.type = ${EPISODE} and t.param = ${IDENTIFIER} and t.h = any ($2::bigint[])
          union
          select i.rid from resource_id i where i.type = ${PATIENT} and i.id = any ($3)
          union
          select i.rid from resource_id i where i.type = ${EPISODE} and i.id = any ($4)
        )
      ) and r.type in (${PATIENT}, ${EPISODE})`,
    values: [
      persons.map((number) => hash64(`${ofPerson}|${number}`)),
      pathways.map((number) => hash64(`${ofPathway}|${number}`)),
      isGuid ? persons : [],
      isGuid ? pathways : [],
    ],
  };
}

export const numbersOf = (plans: readonly PathwayPlan[]): Numbers => ({
  persons: [...new Set(plans.map(({ gathered }) => gathered.person))],
  pathways: plans.map(({ gathered }) => gathered.key),
});

/** What is here of these pathways and their persons, as the audit trail is told. */
export async function findKnown(
  repository: Repository,
  caller: Caller,
  plans: readonly PathwayPlan[],
  solution: Solution,
): Promise<Known> {
  const rows = await repository.select(caller, withNumbers(numbersOf(plans), solution));
  const found = rows.map(({ content }) => parseJson(content) as JsonObject);
  const byNumber = (type: string, system: string): ReadonlyMap<string, JsonObject> =>
    new Map(
      found
        .filter(({ resourceType }) => resourceType === type)
        .flatMap((resource) =>
          [identifierValue(resource, system), String(resource['id'])].flatMap((number) =>
            number === undefined ? [] : [[number, resource] as const],
          ),
        ),
    );
  return {
    persons: byNumber('Patient', personSystem(solution)),
    pathways: byNumber('EpisodeOfCare', pathwaySystem(solution)),
  };
}

/** National numbers that hold, of a person. */
const nationalNumbers = (patient: JsonObject): readonly string[] =>
  identifiers(patient)
    .filter(({ system, use }) => NATIONAL_SYSTEMS.includes(String(system)) && use !== 'old')
    .map(({ value }) => String(value));

/** The first of them: by it two rows of a dump are one person. */
export const nationalNumber = (patient: JsonObject): string | undefined => nationalNumbers(patient)[0];

const SHOWN = ['birthDate', 'gender'] as const;

/**
 * A number that is counted up is the same person's by the national number; where neither has one, by birth date and sex, and both must
 * be there. A GUID is nobody else's: it is the same person's unless one of them says otherwise.
 */
export function isSamePerson(stored: JsonObject, given: JsonObject, solution: Solution): boolean {
  const [here, there] = [nationalNumbers(stored), nationalNumbers(given)];
  const agree = here.some((number) => there.includes(number));
  if (solution.identifiers !== undefined) {
    const isOther = SHOWN.some(
      (name) => given[name] !== undefined && stored[name] !== undefined && stored[name] !== given[name],
    );
    return agree || ((here.length === 0 || there.length === 0) && !isOther);
  }
  return here.length > 0 || there.length > 0
    ? agree
    : SHOWN.every((name) => given[name] !== undefined && stored[name] === given[name]);
}

/** Of the same person, and begun at the same time. */
export function isSamePathway(
  episode: JsonObject,
  person: JsonObject | undefined,
  { start }: PathwayPlan,
): boolean {
  const subject = idOfReference(episode['patient'] as Reference | undefined, 'Patient');
  const { start: began = '' } = (episode['period'] ?? {}) as { readonly start?: string };
  return person !== undefined && subject === person['id'] && began === start;
}
