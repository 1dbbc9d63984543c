/** A contact with the hospital (PV1) as an Encounter: https://www.hl7.eu/HL7v2x/v251/std251/ch03.html#Heading103 */
import type { JsonObject } from '../../fhir/types.ts';
import type { Operation } from '../../repository/operation.ts';
import { nearestOf } from '../../registry/dump/nearest.ts';
import { place, type Segment } from './message.ts';
import { codedIn, type Reading, tableIn, timeIn } from './reading.ts';

/** How a contact stands after what has happened; `told`: the message itself says it, by its times. */
export type VisitState = 'in-progress' | 'finished' | 'planned' | 'cancelled' | 'entered-in-error' | 'told';

const ACT = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const CLASSES = {
  I: 'IMP',
  B: 'IMP',
  P: 'IMP',
  O: 'AMB',
  R: 'AMB',
  E: 'EMER',
} as const;

/** Is there a contact in the message at all? People are told of without one (A08, A28, A31). */
export const hasVisit = (pv1: Segment | undefined): pv1 is Segment =>
  pv1 !== undefined && pv1.value(2).toUpperCase() !== 'N' && (pv1.value(19) !== '' || pv1.value(2) !== '');

/**
 * The contact as the message has it: whole, so that the newest message says how it is, in whatever order they come. It is known again
 * by its number (PV1-19).
 */
export function visitOperation(
  reading: Reading,
  pv1: Segment,
  { state, subject }: { readonly state: VisitState; readonly subject: string },
): Operation | undefined {
  const { connection, findings } = reading;
  const number = pv1.value(19);
  const kind = tableIn(reading, pv1, 2, CLASSES);
  const unit = unitOf(reading, pv1);
  const [start, end] = [timeIn(reading, pv1, 44), timeIn(reading, pv1, 45)];
  if (number === '') {
    findings.refuse(
      'required',
      'A contact is known again by its number: PV1-19 is empty.',
      place(pv1, 19),
      'hl7-required',
    );
  }
  if (pv1.value(2) === '') {
    findings.refuse('required', 'PV1-2 says what kind of contact it is.', place(pv1, 2), 'hl7-required');
  }
  if (number === '' || kind === undefined || unit === undefined) {
    return undefined;
  }
  const identifier = { system: `${connection.system}/visit`, value: number };
  const discharge = codedIn(reading, pv1, 36);
  const locations = [locationOf(reading, pv1, 6, 'completed'), locationOf(reading, pv1, 3, 'active')];
  const resource: JsonObject = {
    resourceType: 'Encounter',
    identifier: [identifier],
    status: state === 'told' ? statusByTime(reading, start, end) : state,
    class: { system: ACT, code: kind },
    subject: { reference: subject },
    serviceProvider: unit,
    ...((start !== undefined || end !== undefined) && {
      period: { ...(start !== undefined && { start }), ...(end !== undefined && { end }) },
    }),
    ...(locations.some((one) => one !== undefined) && {
      location: locations.filter((one) => one !== undefined),
    }),
    ...(discharge !== undefined && { hospitalization: { dischargeDisposition: discharge } }),
  };
  return {
    kind: 'update',
    type: 'Encounter',
    at: place(pv1),
    resource,
    condition: new URLSearchParams({ identifier: `${identifier.system}|${number}` }).toString(),
  };
}

function statusByTime(
  { header: { sentAt } }: Reading,
  start: string | undefined,
  end: string | undefined,
): string {
  if (end !== undefined) {
    return 'finished';
  }
  return start !== undefined && sentAt !== undefined && Date.parse(start) > sentAt.getTime()
    ? 'planned'
    : 'in-progress';
}

/** The unit that a message names: where the patient is, the hospital of that, the sender; or the connection's own. */
function unitOf(
  { connection: { units, unit }, message, findings }: Reading,
  pv1: Segment,
): JsonObject | undefined {
  const names = [pv1.value(3, 1), pv1.value(3, 4), pv1.value(39), message.header.value(4)];
  const named = names.map((name) => units.get(name)).find((one) => one !== undefined) ?? unit;
  if (named === undefined) {
    const [first = ''] = names.filter((name) => name !== '');
    const known = [...units.keys()].map((code) => ({ code, display: '' }));
    findings.refuse(
      'not-found',
      `The connection knows no unit by "${first.slice(0, 40)}". ${nearestOf(first, known)}`,
      place(pv1, 3),
      'unknown-unit',
    );
  }
  return named;
}

/** Ward, room and bed (PL), by the sender's names. */
function locationOf(
  { connection }: Reading,
  pv1: Segment,
  field: number,
  status: 'active' | 'completed',
): JsonObject | undefined {
  const parts = [1, 2, 3].map((part) => pv1.value(field, part)).filter((part) => part !== '');
  return parts.length === 0
    ? undefined
    : {
        location: {
          identifier: { system: `${connection.system}/location`, value: parts.join('/') },
          display: parts.join(' '),
        },
        status,
      };
}
