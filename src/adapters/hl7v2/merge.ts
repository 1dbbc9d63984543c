/**
 * Two persons who are one (ADT A40, A34, A18): the one that goes (MRG) is marked as replaced by the one that stays (PID), so that what
 * comes later under the old number is about the one who stays. https://www.hl7.eu/HL7v2x/v251/std251/ch03.html#Heading58
 * What was stored about the one that goes stays where it is: resources are not moved between persons. Register staff get a Task.
 */
import type { JsonObject } from '../../fhir/types.ts';
import { parseJson } from '../../fhir/json.ts';
import { error, FhirError } from '../../fhir/outcome.ts';
import { typeCode } from '../../fhir/resource-types.ts';
import type { Operation } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import { findAsIs, type Known, type PersonFinder, placePerson, replacedBy } from './find-person.ts';
import { numbersIn } from './identifiers.ts';
import { place, type Segment } from './message.ts';
import { readPerson } from './person.ts';
import type { Reading } from './reading.ts';

export interface Merging {
  readonly finder: PersonFinder;
  readonly repository: Pick<Repository, 'select'>;
}

const KIND = 'https://ryggrad.no/fhir/CodeSystem/message';

/** Pairs of who stays and who goes, in the order of the message. */
export function mergesIn({
  message: { segments },
  findings,
}: Reading): readonly (readonly [Segment, Segment])[] {
  const pairs: (readonly [Segment, Segment])[] = [];
  let pid: Segment | undefined;
  for (const segment of segments) {
    if (segment.name === 'PID') {
      pid = segment;
    } else if (segment.name === 'MRG' && pid !== undefined) {
      pairs.push([pid, segment]);
    }
  }
  if (pairs.length === 0) {
    findings.refuse('required', 'A merge has PID (who stays) and MRG (who goes).', 'MRG', 'hl7-segment');
  }
  return pairs;
}

/** The writes of one merge; none when it was done before. */
export async function mergeOperations(
  reading: Reading,
  { finder, repository }: Merging,
  [pid, mrg]: readonly [Segment, Segment],
): Promise<readonly Operation[]> {
  const stays = readPerson(reading, pid);
  const numbers = numbersIn(reading, mrg, 1);
  if (numbers.length === 0) {
    reading.findings.refuse(
      'required',
      'MRG-1 has no number whose assigning authority is known here.',
      place(mrg, 1),
      'person-number',
    );
  }
  reading.findings.throwFaults();
  const survivor = await placePerson(finder, stays, { keeps: 'changes', name: reading.newName() });
  const going = (await findAsIs(finder, numbers)).filter(({ id }) => survivor.reference !== `Patient/${id}`);
  const link = { type: 'replaced-by', other: { reference: survivor.reference } };
  if (going.length === 0) {
    const isSame = numbers.every((one) =>
      stays.numbers.some(({ system, value }) => system === one.system && value === one.value),
    );
    return isSame ? survivor.operations : [...survivor.operations, unknown(numbers, link, mrg)];
  }
  const operations: Operation[] = [...survivor.operations];
  for (const one of going.filter(({ patient }) => replacedBy(patient) === undefined)) {
    operations.push(replaced(one, link, mrg));
    if (await hasData(repository, finder, one.id)) {
      operations.push(task(reading, one.id, survivor.reference));
    }
  }
  return operations;
}

/** Who has not come yet may come: the number is kept, so that it is understood then. */
function unknown(
  numbers: readonly { readonly system: string; readonly value: string }[],
  link: JsonObject,
  mrg: Segment,
): Operation {
  const [own] = numbers;
  return {
    kind: 'create',
    type: 'Patient',
    at: place(mrg),
    ifNoneExist: new URLSearchParams({ identifier: `${own?.system ?? ''}|${own?.value ?? ''}` }).toString(),
    resource: {
      resourceType: 'Patient',
      identifier: numbers as unknown as readonly JsonObject[],
      active: false,
      link: [link],
    },
  };
}

function replaced({ id, isOwn }: Known, link: JsonObject, mrg: Segment): Operation {
  if (!isOwn) {
    throw new FhirError(
      403,
      error(
        'forbidden',
        'The person who goes was registered by another organisation, and is not merged by this message. Ask the register’s coordinator.',
        place(mrg, 1),
        'unit',
      ),
    );
  }
  return {
    kind: 'patch',
    type: 'Patient',
    id,
    at: place(mrg),
    apply: (content) => {
      const patient = parseJson(content) as JsonObject;
      const links = (patient['link'] ?? []) as readonly JsonObject[];
      return { ...patient, active: false, link: [...links, link] };
    },
  };
}

async function hasData(
  repository: Merging['repository'],
  { caller }: PersonFinder,
  patient: string,
): Promise<boolean> {
  const rows = await repository.select(caller, {
    text: `r.patient = $1 and r.type <> $2 and r.rid = (
      select min(s.rid) from resource s where s.patient = $1 and s.type <> $2 and s.content is not null)`,
    values: [patient, typeCode('Patient')],
  });
  return rows.length > 0;
}

/** What a machine does not do: it is for somebody who sees both. */
function task({ connection, header }: Reading, merged: string, survivor: string): Operation {
  const identifier = { system: `${connection.system}/merge`, value: merged };
  return {
    kind: 'update',
    type: 'Task',
    at: 'MRG',
    condition: new URLSearchParams({ identifier: `${identifier.system}|${merged}` }).toString(),
    resource: {
      resourceType: 'Task',
      identifier: [identifier],
      status: 'requested',
      intent: 'order',
      code: {
        coding: [{ system: KIND, code: 'merge-persons' }],
        text: 'Samme person er registrert to ganger: avgjør hva som skal flyttes',
      },
      for: { reference: `Patient/${merged}` },
      focus: { reference: survivor },
      ...(header.sentAt !== undefined && { authoredOn: header.sentAt.toISOString() }),
    },
  };
}
