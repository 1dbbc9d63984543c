/** Who a message is about (PID), as FHIR has a person: https://www.hl7.eu/HL7v2x/v251/std251/ch03.html#Heading72 */
import type { JsonObject, JsonValue } from '../../fhir/types.ts';
import { numbersIn, type PersonNumber } from './identifiers.ts';
import { place, type Segment } from './message.ts';
import { type Reading, tableIn, timeIn } from './reading.ts';

/** What a message says of a person; null for what it takes away, and nothing for what it does not tell of. */
export interface Person {
  readonly numbers: readonly PersonNumber[];
  readonly told: Readonly<Record<string, JsonValue>>;
  /** Where it stands. */
  readonly at: string;
}

const GENDERS = { M: 'male', F: 'female', O: 'other', A: 'other', N: 'other', U: 'unknown' } as const;

/** Undefined when there is nobody; a person without a number that is known here is a fault. */
export function readPerson(reading: Reading, pid: Segment): Person {
  const numbers = numbersIn(reading, pid, 3);
  if (numbers.length === 0) {
    reading.findings.refuse(
      'required',
      'A person is known by a number: PID-3 has none whose assigning authority is known here, and no national identity number.',
      place(pid, 3),
      'person-number',
    );
  }
  const isProtected = reading.message.first('PD1')?.value(12) === 'Y';
  const gender = tableIn(reading, pid, 8, GENDERS);
  const birthDate = timeIn(reading, pid, 7)?.slice(0, 10);
  return {
    numbers,
    at: place(pid),
    told: {
      ...stated(pid, 5, 'name', namesIn(pid)),
      ...stated(pid, 7, 'birthDate', birthDate),
      ...stated(pid, 8, 'gender', gender),
      ...stated(pid, 11, 'address', addressesIn(pid)),
      ...stated(pid, 13, 'telecom', telecomIn(pid)),
      ...(isProtected && { address: null, telecom: null }),
      ...deathIn(reading, pid),
    },
  };
}

function stated(pid: Segment, field: number, name: string, value: JsonValue | undefined): JsonObject {
  if (pid.isCleared(field)) {
    return { [name]: null };
  }
  return value === undefined || (Array.isArray(value) && value.length === 0) ? {} : { [name]: value };
}

/** PID-29 and PID-30; a death that was a mistake is taken back by `N`. */
function deathIn(reading: Reading, pid: Segment): JsonObject {
  const time = timeIn(reading, pid, 29);
  const isDead = pid.value(30).toUpperCase();
  if (isDead === 'N' || pid.isCleared(29)) {
    return { deceasedDateTime: null, deceasedBoolean: null };
  }
  return time === undefined ? withoutTime(isDead === 'Y') : died(time);
}

const withoutTime = (isDead: boolean): JsonObject => (isDead ? { deceasedBoolean: true } : {});

/** When somebody has died: said once, in one way. */
export const died = (time: string): JsonObject => ({ deceasedDateTime: time, deceasedBoolean: null });

const each = <T>(count: number, make: (repetition: number) => T | undefined): readonly T[] =>
  Array.from({ length: count }, (_, repetition) => make(repetition)).filter((one) => one !== undefined);

/** XPN: the name that is in use first. */
function namesIn(pid: Segment): readonly JsonObject[] {
  return each(pid.count(5), (repetition) => {
    const [family, given, middle, , prefix, , use] = [1, 2, 3, 4, 5, 6, 7].map((part) =>
      pid.value(5, part, repetition),
    ) as [string, string, string, string, string, string, string];
    const first = [given, middle].flatMap((part) => part.split(/\s+/)).filter((part) => part !== '');
    return family === '' && first.length === 0
      ? undefined
      : {
          use: NAME_USES[use] ?? 'official',
          ...(family !== '' && { family }),
          ...(first.length > 0 && { given: first }),
          ...(prefix !== '' && { prefix: [prefix] }),
        };
  });
}

const NAME_USES: Readonly<Record<string, string>> = { A: 'nickname', M: 'maiden', N: 'nickname', T: 'temp' };
const ADDRESS_USES: Readonly<Record<string, string>> = { H: 'home', B: 'work', O: 'work', C: 'temp' };

/** XAD. */
function addressesIn(pid: Segment): readonly JsonObject[] {
  return each(pid.count(11), (repetition) => {
    const [street, other, city, , postalCode, country, use] = [1, 2, 3, 4, 5, 6, 7].map((part) =>
      pid.value(11, part, repetition),
    ) as [string, string, string, string, string, string, string];
    const line = [street, other].filter((part) => part !== '');
    return line.length === 0 && city === '' && postalCode === ''
      ? undefined
      : {
          ...(ADDRESS_USES[use] !== undefined && { use: ADDRESS_USES[use] }),
          ...(line.length > 0 && { line }),
          ...(city !== '' && { city }),
          ...(postalCode !== '' && { postalCode }),
          ...(country !== '' && { country }),
        };
  });
}

/** XTN: telephone numbers and e-mail addresses at home. */
function telecomIn(pid: Segment): readonly JsonObject[] {
  return each(pid.count(13), (repetition) => {
    const [number, , equipment, mail, , , , , , , , written] = Array.from({ length: 12 }, (_, part) =>
      pid.value(13, part + 1, repetition),
    ) as readonly string[];
    const phone = [written, number].find((one) => one !== undefined && one !== '');
    if (mail !== undefined && mail !== '') {
      return { system: 'email', value: mail };
    }
    return phone === undefined
      ? undefined
      : { system: 'phone', value: phone, use: equipment === 'CP' ? 'mobile' : 'home' };
  });
}

/** A person as one who was not here before. */
export function newPatient({ numbers, told }: Person): JsonObject {
  return {
    resourceType: 'Patient',
    identifier: numbers as unknown as readonly JsonObject[],
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)),
  };
}

/** A person as they were, with what is told now; numbers are added and never taken away. */
export function changedPatient(patient: JsonObject, { numbers, told }: Person): JsonObject {
  const known = (patient['identifier'] ?? []) as readonly JsonObject[];
  const isKnown = (one: PersonNumber): boolean =>
    known.some(({ system, value }) => system === one.system && value === one.value);
  const added = numbers.filter((one) => !isKnown(one)) as unknown as readonly JsonObject[];
  const { deceasedBoolean: _died, deceasedDateTime: _when, ...alive } = patient;
  const before = 'deceasedBoolean' in told || 'deceasedDateTime' in told ? alive : patient;
  return Object.fromEntries(
    Object.entries({ ...before, identifier: [...known, ...added], ...told }).filter(
      ([, value]) => value !== null,
    ),
  );
}
