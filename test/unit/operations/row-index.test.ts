/** Rows of a file by their places. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellOf, RowIndex, rowsIn } from '../../../src/operations/dump/row-index.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ryggrad-rows-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function rowsOf(text: string | Buffer): Promise<readonly (readonly [number, string])[]> {
  const path = join(folder, 'file.csv');
  await writeFile(path, text);
  const rows: (readonly [number, string])[] = [];
  for await (const { line, bytes } of rowsIn(path, ';')) {
    rows.push([line, bytes.toString()]);
  }
  return rows;
}

describe('The index of rows', () => {
  it('knows the line in which each row begins, quoted line breaks and empty lines among them.', async () => {
    const rows = await rowsOf('a;b\r\n1;"to\nlinjer; ""ja"""\r\n\r\n2;x');

    expect(rows).toEqual([
      [1, 'a;b'],
      [2, '1;"to\nlinjer; ""ja"""'],
      [5, '2;x'],
    ]);
  });

  it('takes a quote within a text for what it is: no row after it is lost.', async () => {
    const rows = await rowsOf(
      'a;b;c\n1;skrue 5" lang;x\n2;plate 3" bred;y\n3;"sa ""ja""" og gikk;z\n4;"a"b\n5;"to\nlinjer"\n',
    );

    expect(rows).toEqual([
      [1, 'a;b;c'],
      [2, '1;skrue 5" lang;x'],
      [3, '2;plate 3" bred;y'],
      [4, '3;"sa ""ja""" og gikk;z'],
      [5, '4;"a"b'],
      [6, '5;"to\nlinjer"'],
    ]);
  });

  it('gives what a quote that is never closed has swallowed as one row, with the line in which it begins.', async () => {
    expect(await rowsOf('a;b\n1;"x\n2;y\n')).toEqual([
      [1, 'a;b'],
      [2, '1;"x\n2;y'],
    ]);
  });

  it('reads a file that is longer than what is read at a time, and a row that goes over the end of it.', async () => {
    const row = `${'x'.repeat(700_000)};"æ\n"`;
    const rows = await rowsOf(`a;b\n${row}\n${row}\n${row}\n`);

    expect(rows.map(([line, text]) => [line, text.length])).toEqual([
      [1, 3],
      [2, row.length],
      [4, row.length],
      [6, row.length],
    ]);
  });

  it.each([
    ['1;2;3', 1, '2'],
    ['"a;b";2', 0, 'a;b'],
    ['1;"en ""to"""', 1, 'en "to"'],
    ['1', 3, ''],
    ['5" skrue;7', 1, '7'],
    ['x;5" skrue;7', 2, '7'],
    ['"a;b" c;7', 1, '7'],
    ['x;', 1, ''],
  ])('finds a cell without reading the others: %s, %d.', (row, column, cell) => {
    expect(cellOf(Buffer.from(row), column, ';')).toBe(cell);
  });

  it('finds the rows of a key in the order of the file, whatever the order of the keys.', () => {
    const index = new RowIndex();
    for (let at = 0; at < 5000; at++) {
      index.add(`k${(at * 7) % 1000}`, { bytes: Buffer.alloc(3), offset: at * 10, line: at + 2 });
    }

    const found = index.candidates('k7').map((row) => index.place(row).offset);

    expect(found).toEqual([10, 10_010, 20_010, 30_010, 40_010]);
    expect(index.candidates('other')).toEqual([]);
    expect(index.count).toBe(5000);
  });
});
