/** Instants by the clock on the wall in Norway, over summer time's beginning and end. */
import { parseDate } from '../../fhir/date.ts';
import { dayInOslo } from '../../sdc/expression.ts';
import type { Delay } from '../schedule/sending.ts';

const DAY = 86_400_000;

/** The day some days later: `2028-02-28` and 1 → `2028-02-29`. */
export const daysLater = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);

/** The instant of a time of day; one that the clock leaps over in March is an hour later, one that comes twice its first. */
export function instantAt(day: string, time: string): Date {
  const range = parseDate(`${day}T${time}`);
  if (range === undefined) {
    throw new RangeError(`Not a day with a time of day: ${day} ${time}`);
  }
  return new Date(range.lo);
}

export const startOfDay = (day: string): Date => instantAt(day, '00:00:00');

/** The first instant, not before `from`, at which the clock shows this time of day. */
export function nextAt(timeOfDay: string, from: Date): Date {
  const today = dayInOslo(from);
  const at = instantAt(today, timeOfDay);
  return at >= from ? at : instantAt(daysLater(today, 1), timeOfDay);
}

/** After a delay: days keep the time of day, the rest is exact. */
export function later(from: Date, { days, milliseconds }: Delay): Date {
  const moved = days === 0 ? from : sameTimeOn(daysLater(dayInOslo(from), days), from);
  return new Date(moved.getTime() + milliseconds);
}

const TIME = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Europe/Oslo',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

const sameTimeOn = (day: string, from: Date): Date =>
  new Date(instantAt(day, TIME.format(from)).getTime() + from.getMilliseconds());
