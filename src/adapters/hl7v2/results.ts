/** Results (ORU R01) as Observations: https://www.hl7.eu/HL7v2x/v251/std251/ch07.html#Heading9 */
import type { JsonObject } from '../../fhir/types.ts';
import type { Operation } from '../../repository/operation.ts';
import { place, type Segment } from './message.ts';
import { codedIn, type Reading, tableIn, timeIn } from './reading.ts';
import { readValue, referenceRange } from './value.ts';

/** A result with the order that it belongs to and the notes about it. */
interface Result {
  readonly obr: Segment | undefined;
  readonly obx: Segment;
  readonly specimen: Segment | undefined;
  readonly notes: readonly Segment[];
}

/** HL7 table 0085. `N` and `O` are of orders without a result. */
const STATES = {
  F: 'final',
  U: 'final',
  P: 'preliminary',
  R: 'preliminary',
  S: 'preliminary',
  I: 'registered',
  C: 'corrected',
  D: 'entered-in-error',
  W: 'entered-in-error',
  X: 'cancelled',
  N: 'none',
  O: 'none',
} as const;

const INTERPRETATION = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
/** Of table 0078, as version 3 has them too. */
const FLAGS: ReadonlySet<string> = new Set(
  'L H LL HH < > N A AA U D B W S R I MS VS POS NEG IND DET ND'.split(' '),
);

/** Every result as a write of its own, known again by its order and its code. */
export function resultOperations(reading: Reading, subject: string): readonly Operation[] {
  const seen = new Map<string, number>();
  return resultsIn(reading).flatMap((result) => {
    const name = nameOf(reading, result);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return resultOperation(reading, result, {
      subject,
      value: count === 1 ? name : `${name}#${count}`,
    });
  });
}

/** In the order of the message; NTE after an OBX is about that. */
function resultsIn({ message: { segments } }: Reading): readonly Result[] {
  const results: Result[] = [];
  let obr: Segment | undefined;
  for (const segment of segments) {
    const last = results.at(-1);
    if (segment.name === 'OBR') {
      obr = segment;
    } else if (segment.name === 'OBX') {
      results.push({ obr, obx: segment, specimen: undefined, notes: [] });
    } else if (segment.name === 'NTE' && last !== undefined && last.obr === obr) {
      results[results.length - 1] = { ...last, notes: [...last.notes, segment] };
    } else if (segment.name === 'SPM') {
      results.forEach((each, at) => {
        results[at] = each.obr === obr && each.specimen === undefined ? { ...each, specimen: segment } : each;
      });
    }
  }
  return results;
}

/** Filler's number of the order (OBR-3, else the placer's), the code, and the sub-id where there are several. */
function nameOf({ findings }: Reading, { obr, obx }: Result): string {
  const order = [3, 2].map((field) => obr?.value(field) ?? '').find((one) => one !== '');
  if (order === undefined) {
    findings.refuse(
      'required',
      'A result is known again by the number of its order: OBR-3 is empty.',
      obr === undefined ? place(obx) : place(obr, 3),
      'hl7-required',
    );
  }
  const sub = obx.value(4);
  return [order, obx.value(3), ...(sub === '' ? [] : [sub])].join('/');
}

function resultOperation(
  reading: Reading,
  result: Result,
  { subject, value }: { readonly subject: string; readonly value: string },
): readonly Operation[] {
  const { obr, obx, notes } = result;
  const effective = whenOf(reading, result);
  const state = tableIn(reading, obx, 11, STATES) ?? stateOfOrder(reading, obx);
  const code = codeOf(reading, obx);
  if (state === undefined || state === 'none' || code === undefined) {
    return [];
  }
  const given = readValue(reading, obx);
  if (given === undefined) {
    return [];
  }
  const identifier = { system: `${reading.connection.system}/result`, value };
  const interpretation = flagsOf(obx);
  const range = referenceRange(reading, obx);
  const issued = instantOf(timeIn(reading, obx, 19) ?? (obr && timeIn(reading, obr, 22)));
  const performer = performerOf(obx);
  const note = notes
    .map((nte) =>
      Array.from({ length: nte.count(3) }, (_, repetition) => nte.value(3, 1, repetition)).join('\n'),
    )
    .filter((text) => text !== '');
  const resource: JsonObject = {
    resourceType: 'Observation',
    identifier: [identifier],
    status: state,
    code,
    subject: { reference: subject },
    ...(effective !== undefined && { effectiveDateTime: effective }),
    ...(issued !== undefined && { issued }),
    ...(performer !== undefined && { performer: [performer] }),
    ...given,
    ...(Object.keys(given).length === 0 && state !== 'entered-in-error' && { dataAbsentReason: ABSENT }),
    ...(interpretation.length > 0 && { interpretation }),
    ...(note.length > 0 && { note: note.map((text) => ({ text })) }),
    ...(range !== undefined && { referenceRange: [range] }),
  };
  return [
    {
      kind: 'update',
      type: 'Observation',
      at: place(obx),
      resource,
      condition: new URLSearchParams({ identifier: `${identifier.system}|${value}` }).toString(),
    },
  ];
}

const ABSENT: JsonObject = {
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/data-absent-reason', code: 'unknown' }],
};

/** OBX-11 is required: without it nobody knows whether the result stands. */
function stateOfOrder({ findings }: Reading, obx: Segment): undefined {
  if (obx.value(11) === '') {
    findings.refuse(
      'required',
      'OBX-11 says how the result stands: F, C, P, X and so on.',
      place(obx, 11),
      'hl7-required',
    );
  }
  return undefined;
}

/** The code of a result, by the connection's maps; one that they do not know is refused, kept or left out. */
function codeOf(reading: Reading, obx: Segment): JsonObject | undefined {
  const {
    connection: { codes, unmapped },
    findings,
  } = reading;
  const concept = codedIn(reading, obx, 3);
  if (concept?.['coding'] === undefined) {
    findings.refuse('required', 'OBX-3 says what was measured.', place(obx, 3), 'hl7-required');
    return undefined;
  }
  const own = [
    { code: obx.value(3, 1), name: obx.value(3, 3) },
    { code: obx.value(3, 4), name: obx.value(3, 6) },
  ].flatMap(({ code, name }) => {
    const system = code === '' ? undefined : codes.systemOf(name);
    return system === undefined ? [] : [{ code, system }];
  });
  const isKnown = own.some(
    ({ system, code }) => !codes.knows(system) || codes.translate(system, code).length > 0,
  );
  if (isKnown || unmapped === 'keep') {
    return concept;
  }
  const [code, name] = [obx.value(3, 1), obx.value(3, 3)];
  const text = `No map of this connection knows the code "${code.slice(0, 40)}" of "${name.slice(0, 20)}". ${codes.nearest(codes.systemOf(name) ?? '', code)}`;
  if (unmapped === 'leave-out') {
    findings.note(`${text} The result was left out.`, place(obx, 3), 'unmapped-code');
  } else {
    findings.refuse('code-invalid', text, place(obx, 3), 'unmapped-code');
  }
  return undefined;
}

function flagsOf(obx: Segment): readonly JsonObject[] {
  return Array.from({ length: obx.count(8) }, (_, repetition) => obx.value(8, 1, repetition))
    .filter((flag) => flag !== '')
    .map((flag) => (FLAGS.has(flag) ? { coding: [{ system: INTERPRETATION, code: flag }] } : { text: flag }));
}

/** When it was true of the patient: of the result, the specimen, the order. */
function whenOf(reading: Reading, { obr, obx, specimen }: Result): string | undefined {
  return (
    timeIn(reading, obx, 14) ??
    (specimen && timeIn(reading, specimen, 17)) ??
    (obr && timeIn(reading, obr, 7))
  );
}

/** An instant has a time; a day alone is none. */
const instantOf = (time: string | undefined): string | undefined =>
  time?.includes('T') === true ? time : undefined;

/** OBX-23, else OBX-15: the laboratory, by name. */
function performerOf(obx: Segment): JsonObject | undefined {
  const name = [obx.value(23, 1), obx.value(15, 2), obx.value(15, 1)].find((one) => one !== '');
  return name === undefined ? undefined : { display: name };
}
