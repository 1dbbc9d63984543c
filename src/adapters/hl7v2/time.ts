/**
 * Points in time as HL7 version 2 writes them (YYYY[MM[DD[HH[MM[SS[.S]]]]]][+/-ZZZZ]) → FHIR dates. As much is said as was said; a time
 * without a zone is of the clock in Norway. https://www.hl7.eu/HL7v2x/v251/std251/ch02.html#Heading202
 */
import { parseDate } from '../../fhir/date.ts';

const TIME =
  /^(\d{4})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:(\d{2})(?:\.(\d{1,4}))?)?)?)?)?)?([+-]\d{4})?$/;

/** A FHIR date or dateTime; undefined for what is no time. */
export function readTime(text: string): string | undefined {
  const [, year = '', month, day, hour, minute = '00', second = '00', fraction, zone] = TIME.exec(text) ?? [];
  const date = [year, month, day].filter((part) => part !== undefined).join('-');
  if (year === '' || hour === undefined) {
    return year !== '' && parseDate(date) !== undefined ? date : undefined;
  }
  const clock = `${date}T${hour}:${minute}:${second}${fraction === undefined ? '' : `.${fraction}`}`;
  const offset = zone === undefined ? offsetInOslo(clock) : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  return offset !== undefined && parseDate(`${clock}${offset}`) !== undefined
    ? `${clock}${offset}`
    : undefined;
}

/** `+01:00` or `+02:00`; undefined for a time that the calendar does not have. */
function offsetInOslo(clock: string): string | undefined {
  const range = parseDate(clock);
  if (range === undefined) {
    return undefined;
  }
  const minutes = Math.round((Date.parse(`${clock.slice(0, 19)}Z`) - Date.parse(range.lo)) / 60_000);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/** The moment that a time means: its first one, when it is not told more exactly. */
export function momentOf(time: string): Date | undefined {
  const range = parseDate(time);
  return range === undefined ? undefined : new Date(range.lo);
}

/** A moment as HL7 writes it, in UTC. */
export const writeTime = (moment: Date): string =>
  `${moment.toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}+0000`;
