/** Numbers of persons (CX) as identifiers, by who has given them: HL7 version 2.5.1, 2.A.14. */
import { normaliseIdentifierSystem, systemOfNumber } from '../../fhir/identifiers.ts';
import { place, type Segment } from './message.ts';
import type { Reading } from './reading.ts';

export interface PersonNumber {
  readonly system: string;
  readonly value: string;
}

/**
 * The numbers in a field. Of an authority that the connection does not know, and whose number is no national one, it is told that it is
 * left out.
 */
export function numbersIn(reading: Reading, segment: Segment, field: number): readonly PersonNumber[] {
  const { findings } = reading;
  const numbers = Array.from({ length: segment.count(field) }, (_, repetition) => {
    const value = segment.value(field, 1, repetition);
    const system = value === '' ? undefined : systemOf(reading, segment, field, repetition);
    if (value !== '' && system === undefined) {
      findings.note(
        'The assigning authority of this number is not known here; the number was left out.',
        place(segment, field, { repetition, component: 4 }),
        'assigning-authority',
      );
    }
    return system === undefined ? [] : [{ system, value }];
  }).flat();
  return numbers.filter(
    (one, at) =>
      numbers.findIndex(({ system, value }) => system === one.system && value === one.value) === at,
  );
}

/** By name or OID of the authority, else by the type code, else by what the number itself is. */
function systemOf(
  { connection }: Reading,
  segment: Segment,
  field: number,
  repetition: number,
): string | undefined {
  const value = segment.value(field, 1, repetition);
  const [name, id] = [1, 2].map((part) => segment.value(field, 4, repetition, part)) as [string, string];
  const type = segment.value(field, 5, repetition);
  const named = [name, id, type].find((one) => Object.hasOwn(connection.identifiers, one));
  if (named !== undefined) {
    return connection.identifiers[named];
  }
  if (/^[0-2](?:\.\d+)+$/.test(id)) {
    return normaliseIdentifierSystem(`urn:oid:${id}`);
  }
  return systemOfNumber(value);
}
