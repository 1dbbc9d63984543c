/** The old codes of a question that are nearest to one that is none, for whoever has to find out what was meant. */
import type { LegacyCodes } from './legacy-codes.ts';
import type { DumpColumn } from './shape.ts';

const SHOWN = 5;

/** `Nearest are 1 (Ja), 2 (Nei).` */
export function nearest(text: string, column: DumpColumn, codes: LegacyCodes): string {
  const known = new Map(
    column.items.flatMap(({ options }) =>
      (options?.list ?? []).map(({ coding }) => [codes.toOld(column, coding), coding.display ?? ''] as const),
    ),
  );
  return nearestOf(
    text,
    [...known].map(([code, display]) => ({ code, display })),
  );
}

/** The same among any codes. */
export function nearestOf(
  text: string,
  known: readonly { readonly code: string; readonly display: string }[],
): string {
  const sorted = known
    .map(({ code, display }) => ({ code, display, far: distance(text.toLowerCase(), code.toLowerCase()) }))
    .toSorted((a, b) => a.far - b.far)
    .slice(0, SHOWN);
  return sorted.length === 0
    ? 'It has no codes here.'
    : `Nearest are ${sorted.map(({ code, display }) => (display === '' ? code : `${code} (${display})`)).join(', ')}.`;
}

/** Letters to put in, take out or change: Levenshtein's distance; numbers by how far apart they are. */
function distance(a: string, b: string): number {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) {
    return Math.abs(Number(a) - Number(b));
  }
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(
        Math.min((row[j] ?? 0) + Number(letter !== other), (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1),
      );
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
