/** The person that a message is about, as they are here: found by number, and by what an earlier merge says. */
import { IDENTIFIER_SYSTEMS, NATIONAL_SYSTEMS, OTHER_NUMBERS } from '../../fhir/identifiers.ts';
import { parseJson } from '../../fhir/json.ts';
import { error, FhirError } from '../../fhir/outcome.ts';
import { idOfReference } from '../../fhir/reference.ts';
import type { JsonObject, Reference } from '../../fhir/types.ts';
import type { EhrPrincipal } from '../../access/principal.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Operation } from '../../repository/operation.ts';
import type { SearchService } from '../../repository/search.ts';
import type { PersonNumber } from './identifiers.ts';
import { changedPatient, newPatient, type Person } from './person.ts';

export interface Known {
  readonly id: string;
  readonly patient: JsonObject;
  /** Is it the sender's own record, which it may change? */
  readonly isOwn: boolean;
}

export interface PersonFinder {
  readonly search: SearchService;
  readonly caller: Caller & { readonly principal: EhrPrincipal };
}

/** As other resources of the write name the person, and what is written of them. */
export interface Placed {
  readonly reference: string;
  readonly operations: readonly Operation[];
  /** Something was told that this sender may not change. */
  readonly isKeptByOthers?: true;
}

/** Persons with any of these numbers that the sender may see; who was merged is who they were merged into. */
export async function findPersons(
  finder: PersonFinder,
  numbers: readonly PersonNumber[],
): Promise<readonly Known[]> {
  const found = await byQuery(finder, {
    identifier: numbers.map(({ system, value }) => `${escaped(system)}|${escaped(value)}`).join(','),
  });
  const survivors: Known[] = [];
  for (const one of found) {
    survivors.push(await survivorOf(finder, one));
  }
  return survivors.filter(({ id }, at) => survivors.findIndex((other) => other.id === id) === at);
}

/** The same, without asking what they were merged into. */
export const findAsIs = (
  finder: PersonFinder,
  numbers: readonly PersonNumber[],
): Promise<readonly Known[]> =>
  numbers.length === 0
    ? Promise.resolve([])
    : byQuery(finder, {
        identifier: numbers.map(({ system, value }) => `${escaped(system)}|${escaped(value)}`).join(','),
      });

const escaped = (text: string): string => text.replaceAll(/[\\$,|]/g, '\\$&');

async function byQuery(
  { search, caller }: PersonFinder,
  query: Readonly<Record<string, string>>,
): Promise<readonly Known[]> {
  const { matches } = await search.search(caller, 'Patient', new URLSearchParams(query), { lenient: false });
  return matches.map(({ id, content, labels }) => ({
    id,
    patient: parseJson(content) as JsonObject,
    isOwn: labels.unit !== null && caller.principal.units.includes(labels.unit),
  }));
}

/** Merges upon merges, but not in a circle. */
const MOST_MERGES = 5;

async function survivorOf(finder: PersonFinder, person: Known): Promise<Known> {
  let current = person;
  for (let count = 0; count < MOST_MERGES; count++) {
    const id = replacedBy(current.patient);
    const [next] = id === undefined ? [] : await byQuery(finder, { _id: id });
    if (next === undefined) {
      return current;
    }
    current = next;
  }
  return current;
}

/** Id of the person that this one was merged into. */
export function replacedBy({ link }: JsonObject): string | undefined {
  const links = (link ?? []) as readonly { readonly type?: string; readonly other?: Reference }[];
  return idOfReference(links.find(({ type }) => type === 'replaced-by')?.other, 'Patient');
}

/**
 * The person as the rest of the write refers to them. `keeps`: what the message says of them is written down where they are the
 * sender's own; else they are only found, or made. Throws 409 when the numbers belong to different persons here.
 */
export async function placePerson(
  finder: PersonFinder,
  person: Person,
  { keeps, name }: { readonly keeps: 'changes' | 'new-ones'; readonly name: string },
): Promise<Placed> {
  const { numbers, at } = person;
  const known = numbers.length === 0 ? [] : await findPersons(finder, numbers);
  const [one, ...more] = known;
  if (more.length > 0) {
    throw new FhirError(
      409,
      error(
        'multiple-matches',
        'These numbers belong to different persons here. Correct them, or merge the persons first (ADT A40).',
        `${at}-3`,
        'person-conflict',
      ),
    );
  }
  if (one === undefined) {
    return newPerson(person, name);
  }
  refuseOtherBirthDate(one, person);
  const reference = `Patient/${one.id}`;
  const isChanging = keeps === 'changes' && Object.keys(person.told).length > 0;
  return isChanging && one.isOwn
    ? {
        reference,
        operations: [
          {
            kind: 'patch',
            type: 'Patient',
            id: one.id,
            at,
            apply: (content) => changedPatient(parseJson(content) as JsonObject, person),
          },
        ],
      }
    : { reference, operations: [], ...(isChanging && { isKeptByOthers: true as const }) };
}

const isNational = ({ system }: PersonNumber): boolean =>
  NATIONAL_SYSTEMS.includes(system) || system.startsWith(OTHER_NUMBERS) || system === IDENTIFIER_SYSTEMS.fhn;

/** Somebody else may have sent the same person: they are matched by national number, else by the sender's own. */
function newPerson(person: Person, name: string): Placed {
  const { numbers, at } = person;
  const [own] = numbers;
  const common = {
    kind: 'create',
    type: 'Patient',
    at,
    fullUrl: name,
    resource: newPatient(person),
  } as const;
  const operation: Operation = numbers.some(isNational)
    ? { ...common, matchPerson: true }
    : {
        ...common,
        ifNoneExist: new URLSearchParams({
          identifier: `${own?.system ?? ''}|${own?.value ?? ''}`,
        }).toString(),
      };
  return { reference: name, operations: [operation] };
}

/** A known number with another birth date is somebody's typing error, where the number itself is nobody else's. */
function refuseOtherBirthDate({ patient }: Known, { numbers, told, at }: Person): void {
  const [known, sent] = [patient['birthDate'], told['birthDate']];
  if (
    numbers.some(isNational) &&
    typeof known === 'string' &&
    typeof sent === 'string' &&
    known !== sent.slice(0, known.length)
  ) {
    throw new FhirError(
      409,
      error(
        'conflict',
        'The person known by this national identity number has another birth date. Check number and birth date.',
        `${at}-7`,
        'person-conflict',
      ),
    );
  }
}
