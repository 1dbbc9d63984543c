/** A birth date as people write it, `24.12.1965` or `24121965` → `1965-12-24`; undefined for what is none. */
export function parseBirthDate(typed: string): string | undefined {
  const [, day = '', month = '', year = ''] =
    /^\s*(\d{1,2})[\s./-]*(\d{1,2})[\s./-]*(\d{4})\s*$/.exec(typed) ?? [];
  const text = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  return year !== '' && isDay(text) ? text : undefined;
}

const isDay = (text: string): boolean => {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
};
