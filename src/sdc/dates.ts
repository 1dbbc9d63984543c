/**
 * Dates as people in Norway type and read them: dd.mm.åååå. https://hl7.org/fhir/R4/datatypes.html#date
 */
import type { Parsed } from './numbers.ts';

const TYPED = /^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$/;
const DIGITS = /^(\d{2})(\d{2})(\d{4})$/;
const ISO = /^(\d{4})-(\d{2})-(\d{2})$/;
const SHORT_YEAR = /^\d{1,2}[./-]\d{1,2}[./-]\d{2}$|^\d{6}$/;
const TIME = /^(\d{1,2})[:.](\d{2})$|^(\d{2})(\d{2})$/;
const EXAMPLE = 'Skriv datoen som dd.mm.åååå, for eksempel 30.10.2026.';

/** `'30.10.2026'`, `'30102026'` or `'2026-10-30'` → `2026-10-30`; otherwise a message in bokmål. */
export function parseDateText(text: string): Parsed<string> {
  const trimmed = text.trim();
  const iso = ISO.exec(trimmed);
  const typed = TYPED.exec(trimmed) ?? DIGITS.exec(trimmed);
  if (iso !== null) {
    return realDate(iso[1], iso[2], iso[3]);
  }
  if (typed !== null) {
    return realDate(typed[3], typed[2], typed[1]);
  }
  return { message: SHORT_YEAR.test(trimmed) ? 'Skriv årstallet med fire siffer.' : EXAMPLE };
}

/** Date and time as typed, in Norwegian time → dateTime with offset; `'30.10.2026', '14:05'` → `2026-10-30T14:05:00+01:00`. */
export function parseDateTimeText(date: string, time: string): Parsed<string> {
  const day = parseDateText(date);
  if (day.value === undefined) {
    return day;
  }
  const match = TIME.exec(time.trim());
  const hour = Number(match?.[1] ?? match?.[3] ?? NaN);
  const minute = Number(match?.[2] ?? match?.[4] ?? NaN);
  if (!(hour <= 23 && minute <= 59)) {
    return { message: 'Skriv klokkeslettet som tt:mm, for eksempel 14:05.' };
  }
  return { value: withOffset(`${day.value}T${two(hour)}:${two(minute)}:00`) };
}

/** `2026-10-30` → `30.10.2026`; partial dates as far as they go; other texts unchanged. */
export function formatDate(date: string): string {
  const [year, month, day] = date.slice(0, 10).split('-');
  return [day, month, year].filter((part) => part !== undefined).join('.');
}

/** `2026-10-30T13:05:00Z` → `30.10.2026 kl. 14:05`, in Norwegian time. */
export function formatDateTime(moment: string): string {
  const instant = Date.parse(moment);
  if (!moment.includes('T') || Number.isNaN(instant)) {
    return formatDate(moment);
  }
  const { year, month, day, hour, minute } = osloParts(instant);
  return `${day}.${month}.${year} kl. ${hour}:${minute}`;
}

/** True for a day of the calendar, written `YYYY-MM-DD`. */
export function isRealDate(date: string): boolean {
  const match = ISO.exec(date);
  return match !== null && realDate(match[1], match[2], match[3]).value === date;
}

const two = (value: number | string | undefined): string => String(value ?? '').padStart(2, '0');

function realDate(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
): Parsed<string> {
  const iso = `${year ?? ''}-${two(month)}-${two(day)}`;
  const date = new Date(`${iso}T00:00:00Z`);
  const isReal = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(iso);
  return isReal ? { value: iso } : { message: 'Datoen finnes ikke i kalenderen.' };
}

const OSLO = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Oslo',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

function osloParts(instant: number): Readonly<Record<string, string>> {
  return Object.fromEntries(OSLO.formatToParts(instant).map(({ type, value }) => [type, value]));
}

/** A wall clock in Norway with the offset that holds there then; in the hour that comes twice, the first one. */
function withOffset(local: string): string {
  const offset = ['+02:00', '+01:00'].find((candidate) => {
    const { hour, day } = osloParts(Date.parse(`${local}${candidate}`));
    return hour === local.slice(11, 13) && day === local.slice(8, 10);
  });
  return `${local}${offset ?? '+01:00'}`;
}
