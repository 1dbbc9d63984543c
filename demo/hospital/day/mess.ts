/**
 * How real messages differ from clean ones: spelt otherwise, meaning the same; or wrong, to be refused. docs/hospital.md has the
 * rates; a test knows of each message what must become of it.
 */
import { DEPARTMENTS, SYSTEMS } from '../organisation.ts';
import type { Dice } from '../random.ts';

/** Spelt otherwise than national advice has it; it means the same and is stored. */
export type Spelling = 'icd-without-dot' | 'old-unit-number' | 'wrong-oid' | 'class-without-system';

/** Wrong; refused, and sent again as it should be. */
export type Fault =
  | 'broken-json'
  | 'unknown-status'
  | 'missing-status'
  | 'unknown-element'
  | 'impossible-date'
  | 'bad-check-digit'
  | 'unknown-unit'
  | 'missing-unit';

/** What happens to a message on its way. */
export type Journey = 'repeated' | 'late';

export type Mess = Spelling | Fault | Journey;

/** Of a hundred messages, as far as they have what it is about. */
export const MESS_RATES: Readonly<Record<Mess, number>> = {
  'icd-without-dot': 15,
  'old-unit-number': 4,
  'wrong-oid': 4,
  'class-without-system': 5,
  'broken-json': 0.3,
  'unknown-status': 0.4,
  'missing-status': 0.4,
  'unknown-element': 0.3,
  'impossible-date': 0.3,
  'bad-check-digit': 0.3,
  'unknown-unit': 0.5,
  'missing-unit': 0.5,
  repeated: 3,
  late: 4,
};

export const SPELLINGS: readonly Spelling[] = [
  'icd-without-dot',
  'old-unit-number',
  'wrong-oid',
  'class-without-system',
];
/** The status that each is refused with: what cannot be read, and what can be read and must not be so. */
export const REFUSED_WITH: Readonly<Record<Fault, 400 | 422>> = {
  'broken-json': 400,
  'unknown-status': 422,
  'missing-status': 400,
  'unknown-element': 400,
  'impossible-date': 400,
  'bad-check-digit': 422,
  'unknown-unit': 422,
  'missing-unit': 422,
};

export const FAULTS = Object.keys(REFUSED_WITH) as readonly Fault[];

type Json = Record<string, unknown>;

/** The body spelt otherwise; the same text when there is nothing to spell so. */
export const spelt = (body: string, spelling: Spelling): string => spellings[spelling](body);

/** Units had other numbers, and identifier systems are written wrongly here and there (norwegian practice). */
const WRONG_SYSTEMS: readonly (readonly [right: string, wrong: string])[] = [
  [SYSTEMS.resh, '2.16.578.1.12.4.1.2.102'],
  [SYSTEMS.fnr, 'http://hl7.no/fhir/NamingSystem/FNR'],
];

const spellings: Readonly<Record<Spelling, (body: string) => string>> = {
  'icd-without-dot': (body) =>
    each(body, isIcd10, (one) => ({ ...one, code: String(one['code']).replace('.', '') })),
  'old-unit-number': (body) =>
    each(body, isUnit, (one) => ({ ...one, value: oldNumber(String(one['value'])) })),
  'wrong-oid': (body) =>
    WRONG_SYSTEMS.reduce(
      (text, [right, wrong]) => text.replaceAll(`"system":"${right}"`, `"system":"${wrong}"`),
      body,
    ),
  'class-without-system': (body) =>
    each(body, isEncounter, ({ class: of, ...rest }) => ({
      ...rest,
      class: { code: (of as Json | undefined)?.['code'] },
    })),
};

const isIcd10 = ({ system, code }: Json): boolean => system === SYSTEMS.icd10 && typeof code === 'string';
const isUnit = ({ system, value }: Json): boolean => system === SYSTEMS.resh && typeof value === 'string';
const isEncounter = ({ resourceType }: Json): boolean => resourceType === 'Encounter';

const oldNumber = (resh: string): string =>
  Object.values(DEPARTMENTS).find((one) => one.resh === resh)?.oldResh ?? resh;

/** The body with a fault in it; undefined when it has nothing that the fault could be in. */
export function withFault(body: string, fault: Fault, dice: Dice): string | undefined {
  const faulty = faultsMade[fault](body, dice);
  return faulty === body ? undefined : faulty;
}

const faultsMade: Readonly<Record<Fault, (body: string, dice: Dice) => string>> = {
  'broken-json': (body, dice) => body.slice(0, dice.int(Math.floor(body.length / 2), body.length - 2)),
  'unknown-status': (body) => first(body, hasStatus, (one) => ({ ...one, status: 'ferdig' })),
  'missing-status': (body) => first(body, hasStatus, ({ status: _status, ...rest }) => rest),
  'unknown-element': (body) => first(body, hasStatus, (one) => ({ ...one, diagnosekode: 'M51.1' })),
  'impossible-date': (body) =>
    first(body, hasDate, (one) => ({ ...one, ...dateOf(one, '2026-02-30T08:00:00Z') })),
  'bad-check-digit': withWrongDigit,
  'unknown-unit': (body) => each(body, isUnit, (one) => ({ ...one, value: '9999999' })),
  'missing-unit': (body) =>
    opensPathway(body)
      ? each(body, namesUnit, ({ performer: _p, serviceProvider: _s, ...rest }) => rest)
      : body,
};

const hasStatus = ({ resourceType, status }: Json): boolean =>
  ['Encounter', 'Observation', 'Procedure', 'ServiceRequest', 'MedicationStatement'].includes(
    String(resourceType),
  ) && status !== undefined;
const hasDate = (one: Json): boolean =>
  one['resourceType'] !== undefined && Object.keys(one).some((name) => DATES.includes(name));
const DATES = ['effectiveDateTime', 'recordedDate', 'authoredOn', 'performedDateTime'];
const dateOf = (one: Json, date: string): Json =>
  Object.fromEntries(DATES.filter((name) => name in one).map((name) => [name, date]));
const namesUnit = ({ resourceType }: Json): boolean =>
  ['Encounter', 'Procedure', 'ServiceRequest', 'Condition'].includes(String(resourceType));

/** Codes that a register opens a pathway for: what is refused when it names no unit. */
const OPENERS = [
  '"resourceType":"ServiceRequest"',
  '"code":"UJF32"',
  '"code":"UJF35"',
  '"code":"JFA15"',
  '"code":"Z21"',
  '"code":"B24"',
  '"code":"B20',
];
const opensPathway = (body: string): boolean => OPENERS.some((text) => body.includes(text));

/** One digit of the person's number is another, wherever it stands: the check digits tell. */
function withWrongDigit(body: string): string {
  const [, number] = /"resourceType":"Patient".*?"value":"(\d{11})"/.exec(body) ?? [];
  if (number === undefined) {
    return body;
  }
  const digit = String((Number(number.at(-1)) + 1) % 10);
  return body.replaceAll(number, `${number.slice(0, -1)}${digit}`);
}

/** The body with every object that fits made anew. */
function each(body: string, fits: (one: Json) => boolean, make: (one: Json) => Json): string {
  const walk = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      return value.map(walk);
    }
    if (typeof value !== 'object' || value === null) {
      return value;
    }
    const walked = Object.fromEntries(Object.entries(value).map(([name, part]) => [name, walk(part)]));
    return fits(walked) ? make(walked) : walked;
  };
  return JSON.stringify(walk(JSON.parse(body)));
}

/** The body with the first object that fits made anew. */
function first(body: string, fits: (one: Json) => boolean, make: (one: Json) => Json): string {
  let isDone = false;
  return each(
    body,
    (one) => !isDone && fits(one),
    (one) => {
      isDone = true;
      return make(one);
    },
  );
}
