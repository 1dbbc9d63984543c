/**
 * Partial dates as ranges of instants: https://hl7.org/fhir/R4/datatypes.html#dateTime and
 * https://hl7.org/fhir/R4/search.html#date
 * `2024-03` is not an instant but a month; everything that compares dates compares half-open ranges `[lo, hi)`.
 * A value without a zone is a wall clock in Norway (Europe/Oslo, summer time included).
 */
import type { Period, Timing } from './types.ts';

/** Half-open range of instants in ISO 8601 UTC; an open end of a Period is `-infinity` or `infinity`. */
export interface InstantRange {
  readonly lo: string;
  readonly hi: string;
}

export const ALWAYS: InstantRange = { lo: '-infinity', hi: 'infinity' };

/** How exactly a date was given. */
type DatePrecision = 'year' | 'month' | 'day' | 'minute' | 'second' | 'fraction';

/** Comparison prefixes of date, number and quantity searches: https://hl7.org/fhir/R4/search.html#prefix */
export const PREFIXES = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const;
export type Prefix = (typeof PREFIXES)[number];

const DATE =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/;

interface Parts {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** Digits after the decimal point, at most six. */
  readonly fraction: string;
  readonly zone: string | undefined;
  readonly precision: DatePrecision;
}

/**
 * The range that a FHIR date, dateTime or instant stands for; also `2024-03-01T10:00` as searches may write it.
 * Undefined when the text is no date (`2024-13`, `2023-02-29`, `yesterday`).
 */
export function parseDate(text: string): InstantRange | undefined {
  const parts = parseParts(text);
  return parts === undefined ? undefined : rangeOfParts(parts);
}

/**
 * The range of any value that a date search parameter can select: date, dateTime, instant, Period or Timing.
 * Undefined for an empty or malformed value.
 */
export function dateRange(value: unknown): InstantRange | undefined {
  if (typeof value === 'string') {
    return parseDate(value);
  }
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  return 'event' in value || 'repeat' in value ? timingRange(value as Timing) : periodRange(value as Period);
}

/** From the first instant of `start` to the last of `end`; a missing end is open. */
export function periodRange(period: Period): InstantRange | undefined {
  if (period.start === undefined && period.end === undefined) {
    return undefined;
  }
  const start = period.start === undefined ? ALWAYS : parseDate(period.start);
  const end = period.end === undefined ? ALWAYS : parseDate(period.end);
  return start === undefined || end === undefined ? undefined : { lo: start.lo, hi: end.hi };
}

/** From the first to the last event, bounds included: a schedule is searched by its outer limits. */
function timingRange(timing: Timing): InstantRange | undefined {
  const ranges = (timing.event ?? []).map(parseDate);
  const bounds = timing.repeat?.boundsPeriod;
  const all = [...ranges, bounds === undefined ? undefined : periodRange(bounds)].filter(
    (range) => range !== undefined,
  );
  return all.reduce<InstantRange | undefined>(union, undefined);
}

/** -1, 0 or 1 as `a` is before, at or after `b`; both ISO UTC as made here, or an infinity. */
export function compareInstants(a: string, b: string): number {
  return (
    Math.sign(rank(a) - rank(b)) || Math.sign(millis(a) - millis(b)) || compareTexts(micros(a), micros(b))
  );
}

/** The range widened on both sides by a tenth of its distance from `now`, as `ap` asks. */
export function approximately(range: InstantRange, now: Date): InstantRange {
  const distance = Math.max(
    Math.abs(now.getTime() - millis(range.lo)),
    Math.abs(now.getTime() - millis(range.hi)),
  );
  const margin = Math.round(distance / 10);
  return {
    lo: formatInstant(millis(range.lo) - margin, 0),
    hi: formatInstant(millis(range.hi) + margin, 0),
  };
}

function parseParts(text: string): Parts | undefined {
  const match = DATE.exec(text);
  if (match === null) {
    return undefined;
  }
  const [, year, month, day, hour, minute, second, fraction, zone] = match as readonly (string | undefined)[];
  const parts: Parts = {
    year: Number(year),
    month: Number(month ?? 1),
    day: Number(day ?? 1),
    hour: Number(hour ?? 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    fraction: (fraction ?? '').slice(0, 6),
    zone,
    precision: precisionOf([month, day, minute, second, fraction]),
  };
  return isReal(parts) ? parts : undefined;
}

const STEPS: readonly DatePrecision[] = ['year', 'month', 'day', 'minute', 'second', 'fraction'];

const precisionOf = (given: readonly (string | undefined)[]): DatePrecision =>
  STEPS[given.filter((part) => part !== undefined).length] as DatePrecision;

function isReal({ year, month, day, hour, minute, second, zone }: Parts): boolean {
  return (
    year >= 1 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 60 &&
    (zone === undefined || zone === 'Z' || Math.abs(zoneMinutes(zone)) <= 14 * 60)
  );
}

const daysIn = (year: number, month: number): number => new Date(utc(year, month + 1, 0)).getUTCDate();

function rangeOfParts(parts: Parts): InstantRange {
  if (parts.precision === 'fraction') {
    return fractionRange(parts);
  }
  const { year, month, day, hour, minute, second } = parts;
  const next: Record<Exclude<DatePrecision, 'fraction'>, () => number> = {
    year: () => utc(year + 1, 1, 1),
    month: () => utc(year, month + 1, 1),
    day: () => utc(year, month, day + 1),
    minute: () => utc(year, month, day, hour, minute + 1),
    second: () => utc(year, month, day, hour, minute, second + 1),
  };
  const start = utc(year, month, day, hour, minute, second);
  if (parts.precision === 'minute' || parts.precision === 'second') {
    // a minute is a minute also where the clock is turned back in its middle
    const lo = toInstant(start, parts.zone);
    return { lo: formatInstant(lo, 0), hi: formatInstant(lo + next[parts.precision]() - start, 0) };
  }
  return {
    lo: formatInstant(toInstant(start, parts.zone), 0),
    hi: formatInstant(toInstant(next[parts.precision](), parts.zone), 0),
  };
}

function fractionRange({ year, month, day, hour, minute, second, fraction, zone }: Parts): InstantRange {
  const instant = toInstant(utc(year, month, day, hour, minute, second), zone);
  const start = Number(fraction.padEnd(6, '0'));
  const end = start + 10 ** (6 - fraction.length);
  return {
    lo: formatInstant(instant, start),
    hi: formatInstant(instant + (end === 1e6 ? 1000 : 0), end % 1e6),
  };
}

/** Like `Date.UTC` with months from 1 and years below 100 as written. */
function utc(year: number, month: number, day: number, hour = 0, minute = 0, second = 0): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  return date.getTime();
}

function toInstant(wallClock: number, zone: string | undefined): number {
  if (zone === undefined) {
    return fromOslo(wallClock);
  }
  return zone === 'Z' ? wallClock : wallClock - zoneMinutes(zone) * 60_000;
}

const zoneMinutes = (zone: string): number =>
  (zone.startsWith('-') ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6)));

/** The earlier instant where the clock shows a time twice; an hour later where it skips it. */
function fromOslo(wallClock: number): number {
  const before = wallClock - osloOffset(wallClock - DAY);
  const after = wallClock - osloOffset(wallClock + DAY);
  const fits = [before, after].filter((instant) => instant + osloOffset(instant) === wallClock);
  return fits.length === 0 ? Math.max(before, after) : Math.min(...fits);
}

const DAY = 86_400_000;

const OSLO = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/Oslo',
  era: 'short',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
  hourCycle: 'h23',
});

/** Offsets change on whole hours only, so one look-up an hour is enough; asking Intl costs seven microseconds. */
const offsets = new Map<number, number>();
const MAX_OFFSETS = 50_000;

function osloOffset(instant: number): number {
  const hour = Math.floor(instant / 3_600_000);
  const known = offsets.get(hour);
  if (known !== undefined) {
    return known;
  }
  if (offsets.size >= MAX_OFFSETS) {
    offsets.clear();
  }
  const offset = askOsloOffset(hour * 3_600_000);
  offsets.set(hour, offset);
  return offset;
}

function askOsloOffset(instant: number): number {
  const part: Record<string, string> = {};
  for (const { type, value } of OSLO.formatToParts(instant)) {
    part[type] = value;
  }
  const year = part['era'] === 'BC' ? 1 - Number(part['year']) : Number(part['year']);
  const shown = utc(
    year,
    Number(part['month']),
    Number(part['day']),
    Number(part['hour']),
    Number(part['minute']),
    Number(part['second']),
  );
  return shown - instant;
}

/** The first instant that a database which knows no year 0 can hold. */
const FIRST_INSTANT = Date.parse('0001-01-01T00:00:00Z');

/** Milliseconds of an instant as made here: `10000-01-01T…` is what JavaScript writes `+010000-01-01T…`. */
const millis = (instant: string): number => Date.parse(/^\d{5}-/.test(instant) ? `+0${instant}` : instant);

/** ISO text that PostgreSQL reads too, also beyond the year 9999; microseconds only where they are not zero. */
function formatInstant(instant: number, fraction: number): string {
  const iso = new Date(Math.max(instant, FIRST_INSTANT) + Math.floor(fraction / 1000))
    .toISOString()
    .replace(/^\+0*/, '');
  const rest = fraction % 1000;
  return rest === 0 ? iso : iso.replace('Z', `${String(rest).padStart(3, '0')}Z`);
}

function union(a: InstantRange | undefined, b: InstantRange): InstantRange {
  if (a === undefined) {
    return b;
  }
  return {
    lo: compareInstants(a.lo, b.lo) <= 0 ? a.lo : b.lo,
    hi: compareInstants(a.hi, b.hi) >= 0 ? a.hi : b.hi,
  };
}

const RANKS: Readonly<Record<string, number>> = { '-infinity': -1, infinity: 1 };
const rank = (instant: string): number => RANKS[instant] ?? 0;
const micros = (instant: string): string => /\.\d{3}(\d{3})Z$/.exec(instant)?.[1] ?? '000';
const compareTexts = (a: string, b: string): number => Number(a > b) - Number(a < b);
