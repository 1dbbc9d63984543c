/**
 * Persons are kept up with the population registry: a job that goes through everybody who has a national number, a hundred at a
 * time, and writes what has changed, with where it is from. What is written meanwhile by others is left for the next round.
 */
import { SYSTEM } from '../../access/principal.ts';
import { IDENTIFIER_SYSTEMS, systemOfNumber } from '../../fhir/identifiers.ts';
import { parseJson } from '../../fhir/json.ts';
import { FhirError } from '../../fhir/outcome.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { JsonObject } from '../../fhir/types.ts';
import type { Caller } from '../../repository/audit.ts';
import type { Operation } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import type { PopulationRegistry, RegisteredPerson } from './population-registry.ts';
import { nationalNumber, withRegistered } from './registered.ts';

/** The job. */
export const KEEP_UP = 'keep-up';

export interface KeepUpDeps {
  readonly repository: Repository;
  readonly population: PopulationRegistry;
  readonly newId: () => string;
}

export interface KeptUp {
  readonly asked: number;
  readonly changed: number;
  /** Ids of persons whose number in use is somebody else's here: they are the same person, twice. */
  readonly doubles: readonly string[];
  /** Persons that the registry does not know by their number. */
  readonly unknown: number;
  /** Written by somebody else meanwhile. */
  readonly left: number;
}

const PAGE = 100;
/** A rule of the store: the number is somebody else's; or the version is no longer the newest. */
const DOUBLE = 409;
const CHANGED_MEANWHILE = 412;

/** Answers with what was found. Throws when the registry cannot be asked: what is written stays, and the rest is for later. */
export async function keepUp(deps: KeepUpDeps, signal?: AbortSignal): Promise<KeptUp> {
  const { repository, population, newId } = deps;
  const caller: Caller = { principal: SYSTEM, requestId: newId(), interaction: KEEP_UP };
  const doubles: string[] = [];
  const count = { asked: 0, changed: 0, unknown: 0, left: 0 };
  for await (const persons of personsOf(repository, caller)) {
    if (signal?.aborted === true) {
      break;
    }
    const numbers = [...new Set(persons.map(({ number }) => number))];
    const registered = await population.findMany(numbers);
    count.asked += numbers.length;
    for (const { id, versionId, patient, number } of persons) {
      const person = registered.get(number);
      const updated = person === undefined ? patient : withRegistered(patient, person);
      if (person === undefined) {
        count.unknown += 1;
      } else if (updated !== patient) {
        const status = await write(deps, caller, { id, versionId, updated, person });
        count.changed += status === undefined ? 1 : 0;
        count.left += status === CHANGED_MEANWHILE ? 1 : 0;
        doubles.push(...(status === DOUBLE ? [id] : []));
      }
    }
  }
  return { ...count, doubles };
}

interface Found {
  readonly id: string;
  readonly versionId: string;
  readonly patient: JsonObject;
  readonly number: string;
}

/** Bulk questions are about national numbers and D-numbers alone. */
const ASKED: ReadonlySet<string> = new Set([IDENTIFIER_SYSTEMS.fnr, IDENTIFIER_SYSTEMS.dnr]);

async function* personsOf(repository: Repository, caller: Caller): AsyncGenerator<readonly Found[]> {
  const type = typeCode('Patient');
  let after = '0';
  for (;;) {
    const rows = await repository.select(caller, {
      text: `r.type = ${type} and r.rid > $1 and r.rid <= (
        select max(page.rid)
        from (select p.rid from resource p where p.type = ${type} and p.rid > $1 order by p.rid limit ${PAGE}) page
      )`,
      values: [after],
    });
    const last = rows.at(-1);
    if (last === undefined) {
      return;
    }
    after = last.rid;
    yield rows.flatMap(({ id, versionId, content }) => {
      const patient = parseJson(content) as JsonObject;
      const number = nationalNumber(patient);
      return number !== undefined && ASKED.has(systemOfNumber(number) ?? '')
        ? [{ id, versionId: String(versionId), patient, number }]
        : [];
    });
  }
}

/** The status of a refusal that the next round may mend; undefined when it is written. */
async function write(
  { repository, newId }: KeepUpDeps,
  caller: Caller,
  found: {
    readonly id: string;
    readonly versionId: string;
    readonly updated: JsonObject;
    readonly person: RegisteredPerson;
  },
): Promise<number | undefined> {
  const { id, versionId, updated } = found;
  const now = repository.deps.clock.now().toISOString();
  const operations: readonly Operation[] = [
    { kind: 'update', type: 'Patient', id, resource: updated, ifMatch: versionId },
    { kind: 'create', type: 'Provenance', fullUrl: `urn:uuid:${newId()}`, resource: provenance(id, now) },
  ];
  try {
    await repository.commit(caller, operations);
    return undefined;
  } catch (cause) {
    if (cause instanceof FhirError && (cause.status === DOUBLE || cause.status === CHANGED_MEANWHILE)) {
      return cause.status;
    }
    throw cause;
  }
}

const provenance = (patient: string, recorded: string): JsonObject => ({
  resourceType: 'Provenance',
  target: [{ reference: `Patient/${patient}` }],
  recorded,
  activity: { text: 'Oppdatert fra Folkeregisteret' },
  agent: [{ who: { display: 'Ryggrad' } }],
  entity: [{ role: 'source', what: { display: 'Folkeregisteret' } }],
});
