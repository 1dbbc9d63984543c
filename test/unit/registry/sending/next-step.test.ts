/** What is next with a patient's form, and when: the time of day, the delays, summer time, leap days. */
import type { Sending } from '../../../../src/registry/schedule/sending.ts';
import {
  lockAt,
  nextStep,
  type NextStep,
  type SendingFacts,
  sendingState,
} from '../../../../src/registry/sending/next-step.ts';

const days = (count: number) => ({ days: count, milliseconds: 0 });

const plan: Sending = {
  conditions: [],
  timeOfDay: '16:30:00',
  after: undefined,
  opens: undefined,
  closes: undefined,
  steps: [
    { code: 'remind', after: days(3), reason: undefined },
    { code: 'lock', after: days(6), reason: undefined },
  ],
};

const behind: Sending = { ...plan, after: { form: 'first', delay: { days: 0, milliseconds: 120_000 } } };

const ready: SendingFacts = {
  status: 'ready',
  isReady: true,
  isStopped: false,
  lacksContent: false,
  opens: undefined,
  closes: undefined,
  sending: undefined,
  reminder: undefined,
  companion: undefined,
};

const order = (instant: string) => ({
  at: new Date(instant),
  delivered: new Date(instant),
  hasFailed: false,
});

/** `send 2027-01-12 16:30:00`, by the clock in Norway. */
function shown(next: NextStep | undefined): string | undefined {
  return next && `${next.step} ${next.at.toLocaleString('sv-SE', { timeZone: 'Europe/Oslo' })}`;
}

const next = (facts: Partial<SendingFacts>, since: string, by: Sending = plan): string | undefined =>
  shown(nextStep(by, { ...ready, ...facts }, new Date(since)));

describe('A form that may be sent', () => {
  it.each([
    ['a minute before half past four', '2027-01-12T16:29:00+01:00', 'send 2027-01-12 16:30:00'],
    ['at half past four', '2027-01-12T16:30:00+01:00', 'send 2027-01-12 16:30:00'],
    ['a second after', '2027-01-12T16:30:01+01:00', 'send 2027-01-13 16:30:00'],
    ['a minute after', '2027-01-12T16:31:00+01:00', 'send 2027-01-13 16:30:00'],
    ['just before midnight', '2027-01-12T23:59:59+01:00', 'send 2027-01-13 16:30:00'],
    ['just after midnight', '2027-01-13T00:00:00+01:00', 'send 2027-01-13 16:30:00'],
    ['on New Year’s Eve', '2027-12-31T20:00:00+01:00', 'send 2028-01-01 16:30:00'],
    ['the evening before a leap day', '2028-02-28T20:00:00+01:00', 'send 2028-02-29 16:30:00'],
    ['the evening before summer time begins', '2027-03-27T20:00:00+01:00', 'send 2027-03-28 16:30:00'],
    ['on the day that summer time ends', '2027-10-31T02:30:00+01:00', 'send 2027-10-31 16:30:00'],
  ])('leaves at the next half past four when that is known %s.', (_when, since, expected) => {
    expect(next({}, since)).toBe(expected);
  });

  it('waits for its first day.', () => {
    const opens = new Date('2027-02-15T00:00:00+01:00');
    expect(next({ opens }, '2027-01-20T12:00:00+01:00')).toBe('send 2027-02-15 16:30:00');
    expect(next({ opens }, '2027-02-15T17:00:00+01:00')).toBe('send 2027-02-16 16:30:00');
  });

  it('goes out a little after the one it belongs to, and without waiting for one that does not leave.', () => {
    const since = '2027-01-12T10:00:00+01:00';
    const companion = { status: 'ready', state: 'available', sending: undefined } as const;
    expect(next({ companion }, since, behind)).toBe('send 2027-01-12 16:32:00');
    expect(next({ companion: { ...companion, state: 'stopped' } }, since, behind)).toBe(
      'send 2027-01-12 16:30:00',
    );
    const sent = { ...companion, state: 'sent', sending: order('2027-01-12T16:31:10+01:00') } as const;
    expect(next({ companion: sent }, '2027-01-12T16:30:00+01:00', behind)).toBe('send 2027-01-12 16:33:10');
  });

  it('is not sent while somebody types its paper; then it is locked when the paper’s days are over.', () => {
    const closes = new Date('2027-01-19T00:00:00+01:00');
    const facts = { status: 'in-progress', closes };
    expect(next(facts, '2027-01-12T10:00:00+01:00')).toBe('lock 2027-01-19 00:00:00');
    expect(next({ status: 'in-progress' }, '2027-01-12T10:00:00+01:00')).toBeUndefined();
  });

  it('is looked at again the next day as long as its wording is missing.', () => {
    expect(next({ lacksContent: true }, '2027-01-12T16:30:00+01:00')).toBe('check 2027-01-13 16:30:00');
  });

  it('without a time of day is sent by hand alone.', () => {
    expect(next({}, '2027-01-12T10:00:00+01:00', { ...plan, timeOfDay: undefined })).toBeUndefined();
  });
});

describe('A form that has been sent', () => {
  it.each([
    ['in winter', '2027-01-12T16:30:05+01:00', 'remind 2027-01-15 16:30:05', 'lock 2027-01-18 16:30:05'],
    [
      'before summer time',
      '2027-03-26T16:30:00+01:00',
      'remind 2027-03-29 16:30:00',
      'lock 2027-04-01 16:30:00',
    ],
    [
      'before winter time',
      '2027-10-29T16:30:00+02:00',
      'remind 2027-11-01 16:30:00',
      'lock 2027-11-04 16:30:00',
    ],
    [
      'over a leap day',
      '2028-02-27T09:15:00+01:00',
      'remind 2028-03-01 09:15:00',
      'lock 2028-03-04 09:15:00',
    ],
    [
      'into the hour that is left out',
      '2027-03-25T02:30:00+01:00',
      'remind 2027-03-28 03:30:00',
      'lock 2027-03-31 02:30:00',
    ],
  ])(
    'is reminded of after three days and locked after six, by the clock on the wall: %s.',
    (_when, sent, remind, lock) => {
      const sending = order(sent);
      expect(next({ sending }, sent)).toBe(remind);
      const facts = { ...ready, sending };
      expect(lockAt(plan, facts)?.toLocaleString('sv-SE', { timeZone: 'Europe/Oslo' })).toBe(lock.slice(5));
    },
  );

  it('has as long after a late reminder as after one in time.', () => {
    const facts = {
      sending: order('2027-01-12T16:30:00+01:00'),
      reminder: order('2027-01-17T08:00:00+01:00'),
    };
    expect(next(facts, '2027-01-17T08:00:00+01:00')).toBe('lock 2027-01-20 08:00:00');
  });

  it('is reminded of and locked also when the patient has begun.', () => {
    const facts = { status: 'in-progress', sending: order('2027-01-12T16:30:00+01:00') };
    expect(next(facts, '2027-01-13T12:00:00+01:00')).toBe('remind 2027-01-15 16:30:00');
  });

  it('has nothing next once it is answered, and is not reminded of when it is stopped.', () => {
    const sending = order('2027-01-12T16:30:00+01:00');
    expect(next({ status: 'completed', sending }, '2027-01-13T12:00:00+01:00')).toBeUndefined();
    expect(next({ isStopped: true, sending }, '2027-01-13T12:00:00+01:00')).toBe('lock 2027-01-18 16:30:00');
  });
});

describe('How sending stands', () => {
  it.each([
    ['not-ready', { isReady: false }],
    ['not-ready', { status: 'draft' }],
    ['no-content', { lacksContent: true }],
    ['available', {}],
    ['ordered', { sending: { at: new Date(0), delivered: undefined, hasFailed: false } }],
    ['not-reachable', { sending: { at: new Date(0), delivered: undefined, hasFailed: true } }],
    ['sent', { sending: order('2027-01-12T16:30:00Z') }],
    ['reminded', { sending: order('2027-01-12T16:30:00Z'), reminder: order('2027-01-15T16:30:00Z') }],
    ['stopped', { isStopped: true, isReady: false, sending: order('2027-01-12T16:30:00Z') }],
  ])('is %s.', (state, facts) => {
    expect(sendingState({ ...ready, ...facts })).toBe(state);
  });

  it('has nothing next before it is ready and while an order is on its way.', () => {
    expect(next({ isReady: false }, '2027-01-12T10:00:00+01:00')).toBeUndefined();
    const sending = { at: new Date(0), delivered: undefined, hasFailed: false };
    expect(next({ sending }, '2027-01-12T10:00:00+01:00')).toBeUndefined();
  });
});
