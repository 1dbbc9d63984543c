/** New registration from its page: somebody by number, here or new, and a pathway for them. */
import type { StaffPrincipal } from '../../access/principal.ts';
import { systemOfNumber } from '../../fhir/identifiers.ts';
import { forbidden } from '../../fhir/outcome.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { PopulationRegistry, RegisteredPerson } from '../../registry/person/population-registry.ts';
import { otherNumberSystem } from '../../registry/person/register-identifiers.ts';
import { escaped } from './search-value.ts';
import type { AskedPerson, FoundPerson, NewPerson } from '../models/registration.ts';
import { naming, startPathway } from './launch.ts';
import { requireStartable } from './modules.ts';
import { callerOf, type Sources } from './sources.ts';

/** Numbers that are no national ones belong to the department that writes them down. */
function systemOf({ type, number }: AskedPerson, principal: StaffPrincipal): string {
  const system = type === 'norsk' ? systemOfNumber(number) : undefined;
  return system ?? otherNumberSystem(ownUnit(principal));
}

/** A session that an EHR has opened is about its one person: nobody else is looked up or registered in it. */
function ownUnit({ role, units: [unit], launch }: StaffPrincipal): string {
  if (role === 'SC' || unit === undefined || launch !== undefined) {
    throw forbidden('Pasienter registreres av lokale brukere i en avdeling.', 'role');
  }
  return unit;
}

/** Who has the number: somebody whom the reader may see, or what the population registry knows. */
export async function findPerson(
  sources: Sources,
  registry: PopulationRegistry,
  principal: StaffPrincipal,
  asked: AskedPerson,
  onFailure: (cause: unknown) => void = () => undefined,
): Promise<FoundPerson> {
  ownUnit(principal);
  requireStartable(sources, principal.register);
  const caller = callerOf(sources, principal, 'find-for-registration');
  const here = await findHere(sources, caller, [`${systemOf(asked, principal)}|${escaped(asked.number)}`]);
  if (here !== undefined) {
    return here;
  }
  let person: RegisteredPerson | undefined;
  try {
    person = asked.type === 'norsk' ? await registry.find(asked.number) : undefined;
  } catch (cause) {
    onFailure(cause);
    return { kind: 'unknown', isUnanswered: true };
  }
  return person === undefined
    ? { kind: 'unknown' }
    : ((await findHere(sources, caller, numbersOf(person, asked))) ?? toFill(person));
}

/** The other numbers that the registry has of the person: who is here by one of them is not registered again by another. */
const numbersOf = ({ number, otherNumbers }: RegisteredPerson, asked: AskedPerson): readonly string[] =>
  [number, ...otherNumbers]
    .filter((one) => one !== asked.number)
    .map((one) => `${systemOfNumber(one) ?? ''}|${escaped(one)}`);

async function findHere(
  { search }: Sources,
  caller: Caller,
  identifiers: readonly string[],
): Promise<FoundPerson | undefined> {
  if (identifiers.length === 0) {
    return undefined;
  }
  const query = new URLSearchParams({ identifier: identifiers.join(','), _count: '1' });
  const { matches } = await search.search(caller, 'Patient', query, { lenient: false });
  return matches[0] && { kind: 'known', patient: matches[0].id };
}

/** What the page shows of somebody who is not registered here yet: no address. */
const toFill = ({ given, family, birthDate, deceased }: RegisteredPerson): FoundPerson => ({
  kind: 'unknown',
  given,
  family,
  ...(birthDate !== undefined && { birthDate }),
  ...(deceased !== undefined && { deceased }),
});

/**
 * Store the person and open a pathway. Whoever has the number already is the person, also when somebody else is storing them at
 * this moment. Throws 409 (another birth date), 422 (reserved, or not valid).
 */
export async function registerPerson(
  sources: Sources,
  principal: StaffPrincipal,
  person: NewPerson,
): Promise<string> {
  requireStartable(sources, principal.register); // before anybody is stored
  const { number, given, family, birthDate, module } = person;
  const resource: JsonObject = {
    resourceType: 'Patient',
    identifier: [{ system: systemOf(person, principal), value: number }],
    name: [{ use: 'official', family, given: given.split(/\s+/) }],
    ...(birthDate !== undefined && { birthDate }),
  };
  const [stored] = await sources.repository.commit(callerOf(sources, principal, 'register-person'), [
    naming(resource),
  ]);
  return startPathway(sources, principal, { id: stored?.id ?? '', named: resource, module });
}
