/** A day of the simulated hospital: how many messages, how messy, and what must become of each. */
import {
  CLEAN,
  dayOf,
  type HospitalMessage,
  inGoodOrder,
  stateAfter,
} from '../../../demo/hospital/day/day.ts';
import { eventsOfPerson } from '../../../demo/hospital/courses/events.ts';
import { FAULTS, type Mess, MESS_RATES } from '../../../demo/hospital/day/mess.ts';
import { SENDERS } from '../../../demo/hospital/organisation.ts';

const SEED = 7;
const COUNT = 2000;
const day = dayOf(SEED, COUNT);
const withMess = (mess: Mess): readonly HospitalMessage[] =>
  day.filter((message) => message.mess.includes(mess));
const becoming = (becomes: HospitalMessage['expectation']['becomes']) =>
  day.filter(({ expectation }) => expectation.becomes === becomes);

describe('A day of the simulated hospital', () => {
  it('has as many messages as are asked for, by four senders, in the order they are sent.', () => {
    expect(day).toHaveLength(COUNT);
    expect(new Set(day.map(({ sender }) => sender))).toEqual(new Set(Object.keys(SENDERS)));
    expect(day.map(({ at }) => at)).toEqual(day.map(({ at }) => at).sort());
  });

  it('is the same for the same seed, and another for another.', () => {
    expect(dayOf(SEED, 50)).toEqual(dayOf(SEED, 50));
    expect(dayOf(SEED + 1, 50)).not.toEqual(dayOf(SEED, 50));
  });

  it('has nothing wrong when it is asked to be clean.', () => {
    const clean = dayOf(SEED, 300, { rates: CLEAN });

    expect(clean.flatMap(({ mess }) => mess)).toEqual([]);
    expect(new Set(clean.map(({ expectation }) => expectation.becomes))).toEqual(new Set(['stored']));
  });

  it('refuses about two in a hundred, repeats about three, and has some late.', () => {
    expect((100 * becoming('refused').length) / COUNT).toBeGreaterThan(1.5);
    expect((100 * becoming('refused').length) / COUNT).toBeLessThan(3.5);
    expect((100 * becoming('repeated').length) / COUNT).toBeGreaterThan(2);
    expect(becoming('late').length).toBeGreaterThan(10);
  });

  it.each(Object.keys(MESS_RATES) as Mess[])('has the mess %s when it is often.', (mess) => {
    const rates = { ...CLEAN, [mess]: 40 };

    expect(
      dayOf(SEED, 200, { rates }).filter((message) => message.mess.includes(mess)).length,
    ).toBeGreaterThan(2);
  });

  it('sends again as it should be what was wrong, under another name, after it.', () => {
    const mendedBy = (wrong: HospitalMessage) =>
      day.find(
        ({ id, about, course, at, expectation }) =>
          id !== wrong.id &&
          about === wrong.about &&
          course === wrong.course &&
          expectation.becomes !== 'refused' &&
          at > wrong.at,
      );
    const faults: readonly Mess[] = FAULTS;
    const refused = becoming('refused');

    expect(refused.filter(({ mess }) => !mess.some((one) => faults.includes(one)))).toEqual([]);
    // the last person's day may be cut off between the two
    expect(refused.filter((wrong) => mendedBy(wrong) === undefined).length).toBeLessThanOrEqual(1);
  });

  it('repeats a message as it was, under the same name.', () => {
    for (const again of becoming('repeated')) {
      const first = day.find(({ id }) => id === again.id);

      expect(first?.at).not.toBe(again.at);
      expect(first?.body).toBe(again.body);
    }
  });

  it('writes diagnoses without a dot, units by numbers that they had, and systems wrongly.', () => {
    expect(withMess('icd-without-dot')[0]?.body).toMatch(/1\.7110","code":"[A-Z]\d{3}"/);
    expect(withMess('old-unit-number')[0]?.body).toContain('"value":"998000');
    expect(withMess('wrong-oid')[0]?.body).toContain('2.16.578.1.12.4.1.2.102');
  });

  it('in good order tells all that was right, once each, as it was written.', () => {
    const ordered = inGoodOrder(day);

    expect(ordered).toHaveLength(COUNT - becoming('refused').length - becoming('repeated').length);
    expect(new Set(ordered.map(({ id }) => id)).size).toBe(ordered.length);
    expect(ordered.map(({ recorded }) => recorded)).toEqual(ordered.map(({ recorded }) => recorded).sort());
  });

  it('says of everything what the last word is: corrections, mistakes, what was taken out.', () => {
    const states = Object.values(stateAfter(day));
    const statuses = new Set(states.map((one) => (one as { readonly status?: string } | null)?.status));

    expect(states).toContain(null);
    expect(statuses).toEqual(
      new Set([...statuses, 'corrected', 'amended', 'entered-in-error', 'final', 'finished']),
    );
  });
});

describe('A message of the simulated hospital', () => {
  it.each(['transaction', 'message'] as const)('that is a %s has in it whatever it refers to.', (kind) => {
    const bundles = dayOf(SEED, 300, { rates: CLEAN, asMessage: kind === 'message' ? 100 : 0 }).filter(
      (message) => message.kind === kind,
    );

    expect(bundles.length).toBeGreaterThan(200);
    for (const { body = '' } of bundles) {
      const names = new Set([...body.matchAll(/"fullUrl":"([^"]+)"/g)].map(([, name]) => name));
      const references = [...body.matchAll(/"reference":"([^"]+)"/g)].map(([, reference]) => reference);
      expect(references.filter((reference) => !names.has(reference))).toEqual([]);
    }
  });

  it('has no number of a person in its address.', () => {
    expect(day.filter(({ path }) => /\d{11}/.test(path))).toEqual([]);
  });
});

describe('A person’s day', () => {
  it('ends in the evening, begins in the morning, and is nobody else’s business.', () => {
    for (let number = 1; number <= 100; number++) {
      const events = eventsOfPerson(SEED, number, '2026-11-20');

      expect(events.length).toBeGreaterThan(0);
      expect(events.every(({ at }) => at.startsWith('2026-11-20T'))).toBe(true);
      expect(events.every(({ course }) => course.startsWith(`p${number}-`))).toBe(true);
    }
  });
});
