/**
 * What a course of treatment is to the record: moments at which something was written. Each tells the person, the stay, and what
 * is new or changed; the last word about a resource is what the record says in the end.
 */
import type { Resource } from '../../../src/fhir/types.ts';
import type { SenderId } from '../organisation.ts';
import type { Person } from '../people/people.ts';
import type { Dice } from '../random.ts';

/** A moment at which the record changed. */
export interface RecordEvent {
  /** The course that it belongs to: `p12-ryggkirurgi`. */
  readonly course: string;
  readonly sender: SenderId;
  /** ISO instant. */
  readonly at: string;
  readonly about: string;
  /** The Patient, the Encounter if there is one, and what the event is about: as they are after it. */
  readonly resources: readonly Resource[];
  /** `Observation/p12-vekt`: what was taken out of the record. */
  readonly removed?: readonly string[];
}

/** What a course is made from. */
export interface CourseInput {
  readonly person: Person;
  readonly dice: Dice;
  /** The day on which the course is written, `YYYY-MM-DD`. */
  readonly day: string;
  /** Minute of that day (UTC) at which it begins. */
  readonly from: number;
}

export type Course = (input: CourseInput) => readonly RecordEvent[];

/** An instant on the day, some days before it if asked. */
export function instant(day: string, minute: number, daysBefore = 0): string {
  const midnight = Date.parse(`${day}T00:00:00Z`) - daysBefore * 86_400_000;
  return new Date(midnight + minute * 60_000).toISOString().replace('.000Z', 'Z');
}

/** `YYYY-MM-DD`, some days before the day. */
export const dateBefore = (day: string, daysBefore: number): string =>
  instant(day, 0, daysBefore).slice(0, 10);

/** How often a course has such an event, of a hundred. */
export const EVENT_RATES = { correction: 12, enteredInError: 4, removed: 2, localCode: 5 } as const;
