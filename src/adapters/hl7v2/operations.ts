/** What a message asks for, by what has happened: HL7 table 0003. */
import { error, FhirError } from '../../fhir/outcome.ts';
import type { Operation } from '../../repository/operation.ts';
import { placePerson } from './find-person.ts';
import { mergeOperations, mergesIn, type Merging } from './merge.ts';
import { place } from './message.ts';
import { died, type Person, readPerson } from './person.ts';
import type { Reading } from './reading.ts';
import { resultOperations } from './results.ts';
import { readTime } from './time.ts';
import { hasVisit, visitOperation, type VisitState } from './visit.ts';

type Handler = (reading: Reading, merging: Merging) => Promise<readonly Operation[]>;

const visit =
  (state: VisitState): Handler =>
  (reading, merging) =>
    personAndVisit(reading, merging, state);

const HANDLERS: Readonly<Record<string, Handler>> = {
  'ADT^A01': visit('in-progress'), // admitted
  'ADT^A02': visit('in-progress'), // moved
  'ADT^A03': visit('finished'), // discharged
  'ADT^A04': visit('told'), // outpatient
  'ADT^A05': visit('planned'), // to be admitted
  'ADT^A06': visit('in-progress'), // outpatient who is admitted
  'ADT^A07': visit('in-progress'), // inpatient who is an outpatient now
  'ADT^A08': visit('told'), // something has changed
  'ADT^A11': visit('cancelled'), // was not admitted after all
  'ADT^A12': visit('in-progress'), // was not moved
  'ADT^A13': visit('in-progress'), // was not discharged
  'ADT^A23': visit('entered-in-error'), // the contact is deleted
  'ADT^A27': visit('cancelled'), // is not to be admitted
  'ADT^A28': visit('told'), // a person
  'ADT^A31': visit('told'), // a person has changed
  'ADT^A38': visit('cancelled'), // planned contact is cancelled
  'ADT^A18': merge,
  'ADT^A34': merge,
  'ADT^A40': merge,
  'ORU^R01': results,
};

/** The writes of a message. Throws FhirError 422 with every fault; 409, 403 for persons. */
export async function operationsOf(reading: Reading, merging: Merging): Promise<readonly Operation[]> {
  const { type, event } = reading.header;
  const handler = HANDLERS[`${type}^${event}`];
  if (handler === undefined) {
    const isKind = Object.keys(HANDLERS).some((name) => name.startsWith(`${type}^`));
    throw new FhirError(
      422,
      error(
        'not-supported',
        `Messages of these events are taken here: ${Object.keys(HANDLERS).join(', ')}.`,
        place(reading.message.header, 9),
        isKind ? 'hl7-event' : 'hl7-message-type',
      ),
    );
  }
  const operations = await handler(reading, merging);
  reading.findings.throwFaults();
  return operations;
}

async function personAndVisit(
  reading: Reading,
  { finder }: Merging,
  state: VisitState,
): Promise<readonly Operation[]> {
  const person = withDeath(reading, required(reading));
  const pv1 = reading.message.first('PV1');
  const isVisit = hasVisit(pv1);
  if (!isVisit && state !== 'told') {
    reading.findings.refuse('required', 'The contact is missing (PV1).', 'PV1', 'hl7-segment');
  }
  const name = reading.newName();
  const before = isVisit ? visitOperation(reading, pv1, { state, subject: name }) : undefined;
  reading.findings.throwFaults();
  const placed = await placePerson(finder, person, { keeps: 'changes', name });
  if (placed.isKeptByOthers === true) {
    reading.findings.note(
      'The person is registered by another organisation: name, address and death are as they were.',
      person.at,
      'kept-by-others',
    );
  }
  const contact =
    before !== undefined && 'resource' in before
      ? [{ ...before, resource: { ...before.resource, subject: { reference: placed.reference } } }]
      : [];
  return [...placed.operations, ...contact];
}

/** Discharged dead (PV1-36): the time of that, unless the message tells a better one. */
function withDeath(reading: Reading, person: Person): Person {
  const { connection, message } = reading;
  const pv1 = message.first('PV1');
  const isTold = 'deceasedDateTime' in person.told || 'deceasedBoolean' in person.told;
  const isDischarged = pv1 !== undefined && connection.died.has(pv1.value(36));
  if (!isDischarged || typeof person.told['deceasedDateTime'] === 'string') {
    return person;
  }
  const time = readTime(pv1.value(45));
  if (time === undefined) {
    return isTold ? person : { ...person, told: { ...person.told, deceasedBoolean: true } };
  }
  return { ...person, told: { ...person.told, ...died(time) } };
}

async function results(reading: Reading, { finder }: Merging): Promise<readonly Operation[]> {
  const person = required(reading);
  const name = reading.newName();
  const before = resultOperations(reading, name);
  if (!reading.message.segments.some(({ name: segment }) => segment === 'OBX')) {
    reading.findings.refuse('required', 'The message has no result (OBX).', 'OBX', 'hl7-segment');
  }
  reading.findings.throwFaults();
  if (before.length === 0) {
    return [];
  }
  const placed = await placePerson(finder, person, { keeps: 'new-ones', name });
  const observations = before.map((operation) =>
    'resource' in operation
      ? { ...operation, resource: { ...operation.resource, subject: { reference: placed.reference } } }
      : operation,
  );
  return [...placed.operations, ...observations];
}

async function merge(reading: Reading, merging: Merging): Promise<readonly Operation[]> {
  const operations: Operation[] = [];
  const pairs = mergesIn(reading);
  reading.findings.throwFaults();
  for (const pair of pairs) {
    operations.push(...(await mergeOperations(reading, merging, pair)));
  }
  const isFirst = (one: Operation, at: number): boolean =>
    !('id' in one) || operations.findIndex((other) => 'id' in other && other.id === one.id) === at;
  return operations.filter(isFirst); // several may be merged into one
}

function required(reading: Reading): Person {
  const pid = reading.message.first('PID');
  if (pid === undefined) {
    throw new FhirError(
      422,
      error('required', 'The message is about nobody: PID is missing.', 'PID', 'hl7-segment'),
    );
  }
  return readPerson(reading, pid);
}
