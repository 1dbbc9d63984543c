/** Dates as code books write them: 31.12.2017, 31/12/2017 or 2017-12-31. */

const NORWEGIAN = /^(\d{1,2})[./](\d{1,2})[./](\d{4})$/;
const ISO = /^(\d{4})-(\d{2})-(\d{2})$/;

/** `2017-12-31`; undefined for what is no day of the calendar. */
export function isoDate(written: string): string | undefined {
  const norwegian = NORWEGIAN.exec(written);
  const [, day = '', month = '', year = ''] = norwegian ?? [];
  const iso = norwegian === null ? written : `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const isDay = ISO.test(iso) && new Date(`${iso}T00:00:00Z`).toISOString().startsWith(iso);
  return isDay ? iso : undefined;
}

/** `31.12.2017`; what is no such date stays as it is. */
export const norwegianDate = (iso: string): string => iso.replace(ISO, '$3.$2.$1');
