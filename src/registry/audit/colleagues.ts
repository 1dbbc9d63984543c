/**
 * Which of some patients work in the departments themselves: by name, and birth date where both have one. A hint for those
 * who go through the audit trail, no more (AU-05).
 */
import { SYSTEM } from '../../access/principal.ts';
import { parseJson } from '../../fhir/json.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { Patient } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Repository } from '../../repository/repository.ts';

const KEPT_MS = 10 * 60 * 1000;
const MOST_PATIENTS = 500;

type Person = Pick<Patient, 'name' | 'birthDate'>;

/** A function that answers the ids of those among the patients who are colleagues; who works here is kept for a while. */
export function createColleagues(
  repository: Repository,
): (caller: Caller, patients: readonly string[]) => Promise<ReadonlySet<string>> {
  const { clock, newId } = repository.deps;
  let people: readonly Person[] = [];
  let readAt = Number.NEGATIVE_INFINITY;

  async function employees(): Promise<readonly Person[]> {
    const now = clock.now();
    if (now.getTime() - readAt > KEPT_MS) {
      const caller = { principal: SYSTEM, requestId: newId(now), interaction: 'colleagues' };
      const rows = await repository.select(caller, {
        text: 'r.type = $1',
        values: [typeCode('Practitioner')],
      });
      people = rows.map(({ content }) => parseJson(content) as unknown as Person);
      readAt = now.getTime();
    }
    return people;
  }

  return async (caller, patients) => {
    if (patients.length === 0) {
      return new Set();
    }
    // the names are looked at by the server; the page shows a mark alone
    const rows = await repository.select(
      { ...caller, principal: SYSTEM },
      {
        text: 'r.type = $1 and r.id = any($2)',
        values: [typeCode('Patient'), patients.slice(0, MOST_PATIENTS)],
      },
    );
    const known = Map.groupBy(await employees(), nameOf);
    return new Set(
      rows
        .filter(({ content }) => {
          const patient = parseJson(content) as unknown as Person;
          return (
            nameOf(patient) !== '' && known.get(nameOf(patient))?.some((one) => isSame(patient, one)) === true
          );
        })
        .map(({ id }) => id),
    );
  };
}

const nameOf = ({ name }: Person): string =>
  [name?.[0]?.family, name?.[0]?.given?.[0]]
    .filter((part) => part !== undefined)
    .join(' ')
    .toLocaleLowerCase('nb');

const isSame = (a: Person, b: Person): boolean =>
  a.birthDate === undefined || b.birthDate === undefined || a.birthDate === b.birthDate;
