/** Days as roles count them: `2026-11-21`. */

/** A year later; the 29th of February becomes the 28th. */
export function yearAfter(day: string): string {
  const [year, rest] = [Number(day.slice(0, 4)) + 1, day.slice(4)];
  return `${year}${rest === '-02-29' ? '-02-28' : rest}`;
}

/** So many days later, or earlier. */
export function daysAfter(day: string, count: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000).toISOString().slice(0, 10);
}

/** A role that ends within these days is to be looked at, and its owner is told. */
const SOON_DAYS = 30;

/** The days that are left when a role ends within `SOON_DAYS`, today being 0; undefined for one that does not, or has ended. */
export function daysLeft(until: string | undefined, today: string): number | undefined {
  const end = until === undefined ? NaN : Date.parse(`${lastDay(until)}T00:00:00Z`);
  const days = (end - Date.parse(`${today}T00:00:00Z`)) / 86_400_000;
  return days >= 0 && days <= SOON_DAYS ? days : undefined;
}

/** The last day of a FHIR date: the whole of `2026` or `2026-11` is meant. */
export function lastDay(until: string): string {
  const [year = '', month = '12', day] = until.slice(0, 10).split('-');
  return day === undefined
    ? daysAfter(nextMonth(Number(year), Number(month)), -1)
    : `${year}-${month}-${day}`;
}

const nextMonth = (year: number, month: number): string =>
  new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
