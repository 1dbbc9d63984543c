/**
 * Dates, times and ids as Norwegians write them. Times are those of Europe/Oslo; numbers are in sdc/numbers.ts.
 */
import { formatDate as formatDay, formatDateTime } from '../../sdc/dates.ts';

/** FHIR date or dateTime → `24.11.2026` by its precision; empty for nothing. */
export const formatDate = (value: string | undefined): string => formatInstant(value).slice(0, 10);

/** FHIR dateTime or instant → `24.11.2026 kl. 08:05`; a plain date has no time; empty for nothing. */
export function formatInstant(value: string | undefined): string {
  if (value === undefined) {
    return '';
  }
  return value.includes('T') ? formatDateTime(value) : formatDay(value);
}

/** Only the time of an instant: `08:05`. */
export const formatTime = (value: string): string => formatInstant(value).slice(-5);

/** `01817012345` → `018170 12345`: the way Norwegians read it. */
export const formatNationalId = (value: string): string =>
  /^\d{11}$/.test(value) ? `${value.slice(0, 6)} ${value.slice(6)}` : value;
