/**
 * Everything that the hospital writes on a day about a number of persons, in the order it is written.
 */
import type { Resource } from '../../../src/fhir/types.ts';
import { SENDERS, type SenderId } from '../organisation.ts';
import { encounterOf } from '../fhir/parts.ts';
import { patient } from '../fhir/build.ts';
import { personOf } from '../people/people.ts';
import { dice } from '../random.ts';
import { backClinic } from './back-clinic.ts';
import { colonoscopy } from './colonoscopy.ts';
import { type Course, instant, type RecordEvent } from './course.ts';
import { hiv } from './hiv.ts';
import { painConsultation } from './pain.ts';
import { spineSurgery } from './spine-surgery.ts';

/** How many of a hundred persons have such a course. */
export const COURSE_RATES = { pain: 25, spine: 25, back: 15, colonoscopy: 20, hiv: 15 } as const;

const COURSES: Readonly<Record<keyof typeof COURSE_RATES, Course>> = {
  pain: painConsultation,
  spine: spineSurgery,
  back: backClinic,
  colonoscopy,
  hiv,
};

/** How many of a hundred who are operated see the pain team, too: the same person by two systems. */
const ALSO_IN_PAIN = 20;

/** What is written on the day about the persons of these numbers. */
export const eventsOf = (seed: number, numbers: readonly number[], day: string): readonly RecordEvent[] =>
  numbers
    .flatMap((number) => eventsOfPerson(seed, number, day))
    .sort((a, b) => (a.at === b.at ? compare(a.course, b.course) : compare(a.at, b.at)));

/** What is written on the day about one person. */
export function eventsOfPerson(seed: number, number: number, day: string): readonly RecordEvent[] {
  const person = personOf(seed, number);
  const draw = dice(seed, 'course', number);
  const first = kindOf(draw.next() * 100);
  const kinds = first === 'spine' && draw.chance(ALSO_IN_PAIN / 100) ? (['spine', 'pain'] as const) : [first];
  const events = kinds.flatMap((kind) =>
    COURSES[kind]({
      person,
      dice: dice(seed, kind, number),
      day,
      from: dice(seed, 'begins', kind, number).int(7 * 60, 15 * 60),
    }),
  );
  const all = person.foundNin === undefined ? events : [...events, identified(events, seed, number, day)];
  return all.map((event) => ({
    ...event,
    resources: event.resources.map((one) => withOwnId(one, event.sender)),
  }));
}

/** What a system sends carries its own id, by which a message that comes twice is known. */
function withOwnId(resource: Resource, sender: SenderId): Resource {
  return resource.resourceType === 'Patient'
    ? resource
    : ({ ...resource, identifier: [{ system: SENDERS[sender].idSystem, value: resource.id }] } as Resource);
}

/** The number of somebody who came without one is found in the evening. */
function identified(events: readonly RecordEvent[], seed: number, number: number, day: string): RecordEvent {
  const last = events.at(-1) as RecordEvent;
  const stay = encounterOf(last.resources);
  return {
    course: last.course,
    sender: last.sender,
    at: instant(day, 22 * 60 + (number % 60)),
    about: 'Fødselsnummeret er funnet',
    resources: [patient(personOf(seed, number), { identified: true }), ...(stay === undefined ? [] : [stay])],
  };
}

function kindOf(of100: number): keyof typeof COURSE_RATES {
  let sum = 0;
  for (const [kind, rate] of Object.entries(COURSE_RATES)) {
    sum += rate;
    if (of100 < sum) {
      return kind as keyof typeof COURSE_RATES;
    }
  }
  return 'pain';
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
