/**
 * A person's own list of who has seen the data, as a file: CSV for a spreadsheet, JSON for a program.
 * https://www.rfc-editor.org/rfc/rfc4180
 */
import { spreadsheetText } from '../../views/spreadsheet-text.ts';
import type { AccessLine } from '../models/trail.ts';

const HEADS = ['Når', 'Hvem', 'Rolle', 'Hvor', 'Hva', 'Utfall'] as const;

/** CSV with semicolons and a byte order mark, as a Norwegian spreadsheet reads it. */
export function accessCsv(lines: readonly AccessLine[]): string {
  const rows = lines.map(({ at, who, role, where, what, outcome }) => [at, who, role, where, what, outcome]);
  return `\uFEFF${[HEADS, ...rows].map((row) => row.map(csvCell).join(';')).join('\r\n')}\r\n`;
}

/** The same as a list of objects. */
export const accessJson = (lines: readonly AccessLine[]): string => `${JSON.stringify(lines, null, 2)}\n`;

/** Never a formula: who is named in the list may have chosen the name. */
const csvCell = (value: string): string => `"${spreadsheetText(value).replaceAll('"', '""')}"`;
