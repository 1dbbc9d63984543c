/** A table as CSV as the old solutions wrote it: semicolons, UTF-8 with a mark, so that Excel opens it right. */
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { stringify } from 'csv-stringify';

/** Write the first line and the rows. */
export async function writeTable(
  file: string,
  head: readonly string[],
  rows: Iterable<readonly string[]>,
): Promise<void> {
  await pipeline(
    Readable.from(rows),
    stringify({ delimiter: ';', bom: true, header: true, columns: [...head], escape_formulas: false }),
    createWriteStream(file),
  );
}
