/** Local or national store: the register's rule, the mode of the day, the newest consent. */
import type { JsonObject } from '../../../src/fhir/types.ts';
import { isNational, modeOn } from '../../../src/registry/form/national.ts';
import { episode, FIRST, locked, register } from './small-register.ts';

const rules = register.access;
const consent = (dateTime: string, parts: JsonObject = {}): JsonObject => ({
  resourceType: 'Consent',
  status: 'active',
  dateTime,
  ...parts,
});
const national = (
  responses: readonly JsonObject[],
  consents: readonly JsonObject[],
  day = '2026-11-20',
): boolean => isNational(rules, { episode, patient: undefined, responses }, consents, day);

describe('The mode of a register', () => {
  it.each([
    ['2011-12-31', undefined],
    ['2012-01-01', 'consent'],
    ['2026-12-31', 'consent'],
    ['2027-01-01', 'reservation'],
    ['2099-01-01', 'reservation'],
  ])('on %s is %s, whatever the order of its periods.', (day, mode) => {
    expect(modeOn(rules, day)).toBe(mode);
  });
});

describe('The national store', () => {
  it('takes what is locked, by consent or without reservation.', () => {
    expect(national([locked(FIRST)], [consent('2026-11-01')])).toBe(true);
    expect(national([locked(FIRST, 'r', 'amended')], [consent('2026-11-01')])).toBe(true);
    expect(national([locked(FIRST)], [])).toBe(false);
    expect(national([locked(FIRST)], [], '2027-06-01')).toBe(true);
    expect(national([locked(FIRST)], [consent('2026-11-01')], '2027-06-01')).toBe(false);
  });

  it('takes no drafts.', () => {
    expect(national([locked(FIRST, 'r', 'in-progress')], [consent('2026-11-01')])).toBe(false);
  });

  it('reads anything but a clear yes as no.', () => {
    const of = (expression: string): boolean =>
      isNational(
        { ...rules, national: expression },
        { episode, patient: undefined, responses: [] },
        [],
        '2026-11-20',
      );

    expect(['true', 'false', '{}', "'true'", '1'].map(of)).toEqual([true, false, false, false, false]);
  });

  it('asks the newest active consent, by its instant and not by its text.', () => {
    const yes = (dateTime: string): JsonObject => consent(dateTime, { id: 'yes' });
    const no = (dateTime: string): JsonObject => consent(dateTime, { id: 'no' });
    const ask = (...consents: readonly JsonObject[]): boolean =>
      isNational(
        { ...rules, national: "%consent.id = 'yes'" },
        { episode, patient: undefined, responses: [] },
        consents,
        '2026-11-20',
      );

    expect(ask(no('2026-01-01'), yes('2026-02-01'))).toBe(true);
    expect(ask(yes('2026-01-01'), no('2026-02-01'))).toBe(false);
    expect(ask(no('2026-02-01T23:30:00Z'), yes('2026-02-02T00:10:00+01:00'))).toBe(false);
    expect(ask(yes('2026-02-01'), { ...no('2026-03-01'), status: 'inactive' })).toBe(true);
    expect(ask({ resourceType: 'Consent', status: 'active', id: 'no' }, yes('2026-02-01'))).toBe(true);
    expect(ask(no('2026-02-01'), yes('2026-02-01'))).toBe(true);
    expect(ask()).toBe(false);
  });
});
