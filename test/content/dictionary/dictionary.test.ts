/** Code books of the old solutions: read, made into content that can be used, and written back as they were. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { loadContent } from '../../../src/content/load.ts';
import { registerVariables, writeBook } from '../../../src/operations/dictionary/export-book.ts';
import { type BookFormat, bookFiles, readBook } from '../../../src/operations/dictionary/import-book.ts';
import { readTable } from '../../../src/operations/dictionary/read-rows.ts';
import { checkRegisters } from '../../../src/registry/checking/check-registers.ts';
import { mrsRows, MRS_COLUMNS, readMrs } from '../../../src/registry/dictionary/mrs.ts';
import { OPENQREG_COLUMNS, openQRegRows, readOpenQReg } from '../../../src/registry/dictionary/openqreg.ts';
import type { CodedAnswer, Variable } from '../../../src/registry/dictionary/variable.ts';
import { readRegistry } from '../../../src/registry/registry.ts';
import { contentFolder } from '../../support/content-folder.ts';
import { content } from '../fill-form.ts';
import { comparable, register, throughContent } from './books.ts';

const KLOKEBOK = join(import.meta.dirname, 'klokebok.csv');
const KODEBOK = join(import.meta.dirname, 'kodebok_1a.csv');
const files = (format: BookFormat) =>
  format === 'openqreg' ? [{ file: KLOKEBOK, form: '' }] : [{ file: KODEBOK, form: '1a' }];

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kodebok-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('A code book that becomes content', () => {
  it.each(['openqreg', 'mrs'] as const)('is a register that can be used (%s).', async (format) => {
    const book = await readBook(format, files(format));
    const made = bookFiles(register, book, content, format);
    await using at = await contentFolder(made.files);
    const loaded = await loadContent([at.root]);

    const errors = checkRegisters(loaded, register.id).filter(({ severity }) => severity === 'error');
    const back = registerVariables(readRegistry(loaded), register.id);

    expect(errors).toEqual([]);
    expect(comparable(back)).toEqual(comparable(expected(book.variables, format)));
  });

  it('says what the book does not decide, by line and column.', async () => {
    const book = await readBook('openqreg', files('openqreg'));
    const { undecided } = bookFiles(register, book, content, 'openqreg');
    const found = (variable: string): readonly string[] =>
      undecided.filter((one) => one.variable === variable).map(({ line, column }) => `${line} ${column}`);

    expect(found('AID')).toEqual(['6 obligatorisk', '6 underspoersmaal']);
    expect(found('WALKS')).toEqual(['4 aktiveringsspoersmaal']);
    expect(found('SCORE')).toEqual(['30 type']);
    expect(found('OLD_FIELD')).toEqual(['31 utfaset_dato']);
    expect(found('EMPTY_LIST')).toEqual(['46 listeverdier']);
    expect(found('')).toEqual(['0 skjema', '0 skjema', '0 språk']);
  });

  it('has questions with types, limits, usual ranges and help, and the answers that all registers have.', async () => {
    const book = await readBook('openqreg', files('openqreg'));
    const made = bookFiles(register, book, content, 'openqreg');
    const [form] = made.files
      .filter(({ path }) => path.endsWith('Questionnaire-fot-innkomst-1-1.json'))
      .map(({ content: json }) => JSON.stringify(json));

    const list = made.files.find(({ path }) => path.endsWith('ValueSet-fot-walks.json'));
    expect(JSON.stringify(list?.content)).toContain(
      '"system":"https://ryggrad.no/fhir/CodeSystem/answer","concept":[{"code":"no"},{"code":"yes"}]',
    );
    expect(form).toContain(
      '{"url":"https://ryggrad.no/fhir/StructureDefinition/not-after-now","valueBoolean":true}',
    );
    expect(form).toContain('{"url":"low","valueInteger":100},{"url":"high","valueInteger":20000}');
    expect(form).toContain(
      '"valueDecimal":20},{"url":"http://hl7.org/fhir/StructureDefinition/maxValue","valueDecimal":300}',
    );
    expect(form).toContain('Dato da pasienten ble sett.');
  });
});

describe('A code book that is written back', () => {
  it('has every cell of the 27 columns that it was read from.', async () => {
    const { variables } = await readBook('openqreg', files('openqreg'));
    const back = throughContent({ variables, undecided: [] }, 'openqreg');
    const name = (await writeBook('openqreg', 'fot', back, folder))[0]?.[0] ?? '';

    const original = await readTable(KLOKEBOK);
    const written = await readTable(join(folder, name));

    expect(written.head).toEqual(original.head);
    expect(written.rows.map(({ cells }) => cells)).toEqual(
      original.rows.map(({ cells }) => normalised(cells)),
    );
  });

  it('is an MRS file for each form, with every line that it was read from.', async () => {
    const { variables } = await readBook('mrs', files('mrs'));
    const written = await writeBook(
      'mrs',
      'fot',
      throughContent({ variables, undecided: [] }, 'mrs'),
      folder,
    );

    expect(written).toEqual([['fot-kodebok_1a.csv', 9]]);
    const text = await readFile(join(folder, 'fot-kodebok_1a.csv'), 'utf8');
    const original = await readFile(KODEBOK, 'utf8');
    expect(text.replace('\uFEFF', '').trim().split('\n')).toEqual(original.trim().split('\n'));
  });

  const registers = content.registers.flatMap(({ id }) =>
    (['openqreg', 'mrs'] as const).map((format) => [id, format] as const),
  );
  it.each(registers)('of %s is the same when it is read and written again (%s).', async (id, format) => {
    const variables = registerVariables(readRegistry(content), id);
    const at = join(folder, `${id}-${format}`);
    const written = await writeBook(format, id, variables, at);
    const named = written.map(([file]) => ({
      file: join(at, file),
      form: /_(.*)\.csv/.exec(file)?.[1] ?? '',
    }));

    const once = await readBook(format, named);
    const twice = throughContent(once, format);

    const codes = (all: readonly Variable[]) => all.map(({ name, answers }) => [name, answers]);
    expect(codes(once.variables)).toEqual(codes(variables));
    expect(twice.map(essence)).toEqual(once.variables.map(essence));
  });
});

/** What a book of several thousand lines is compared by: variables, types, codes, texts, ranges. */
const essence = ({ name, type, text, answers, usual, limits, decimals, maxLength }: Variable): object => ({
  ...{ name, type, text, answers, usual, limits, decimals, maxLength },
});

/** Numbers are written with a point, and a step of a scale without a text has its code. */
const normalised = (cells: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  ...cells,
  normalintervall_start_numerisk: (cells['normalintervall_start_numerisk'] ?? '').replace(',', '.'),
  listetekst:
    cells['listetekst']?.trim() === '' ? (cells['listeverdier'] ?? '') : (cells['listetekst'] ?? ''),
});

/** What content adds to what a book says: no condition is a condition of its own. */
const expected = (variables: readonly Variable[], format: BookFormat): readonly Variable[] =>
  variables.map((variable) => ({
    ...variable,
    columns: {
      ...(format === 'mrs' && { innfoert_dato: '22.11.2026' }),
      aktiveringsspoersmaal: 'Nei',
      underspoersmaal: 'Nei',
      ...variable.columns,
    },
  }));

describe('A table of text', () => {
  const text = 'Feltnavn;Variabelnavn;Felttype\nBlåøyd;A;Text\n"To\nlinjer";B;Text\nEtter;C;Text\n';
  const encodings: readonly (readonly [string, Buffer])[] = [
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a mark', Buffer.from(`\uFEFF${text}`)],
    ['Windows-1252', Buffer.from(text, 'latin1')],
    ['UTF-16', Buffer.from(`\uFEFF${text}`, 'utf16le')],
  ];

  it.each(encodings)('is read in %s, with the line that each row begins on.', async (name, bytes) => {
    const file = join(folder, `${name}.csv`);
    await writeFile(file, bytes);

    const { head, rows } = await readTable(file);

    expect(head).toEqual(['Feltnavn', 'Variabelnavn', 'Felttype']);
    expect(rows.map(({ line, cells }) => [line, cells['Feltnavn']])).toEqual([
      [2, 'Blåøyd'],
      [3, 'To\nlinjer'],
      [5, 'Etter'],
    ]);
  });

  it.each([';', ',', '\t', '|'])('is read with "%s" between the cells.', async (delimiter) => {
    const file = join(folder, 'separator.csv');
    await writeFile(file, `"a;,|b"${delimiter}c${delimiter}d\n1${delimiter}2${delimiter}3\n`);

    expect((await readTable(file)).rows[0]?.cells).toEqual({ 'a;,|b': '1', c: '2', d: '3' });
  });

  it('that is not there, is empty, or is another one is refused in plain words.', async () => {
    const empty = join(folder, 'empty.csv');
    await writeFile(empty, '');
    const other = join(folder, 'other.csv');
    await writeFile(other, 'a;b\n1;2\n');

    await expect(readTable(join(folder, 'gone.csv'))).rejects.toThrow('cannot be read (ENOENT)');
    await expect(readTable(empty)).rejects.toThrow('is empty');
    await expect(readBook('openqreg', [{ file: other, form: '' }])).rejects.toThrow(
      'This is no OpenQReg code book: the first line has no skjemanavn, ledetekst, type, fysisk_feltnavn. It has: a, b.',
    );
  });
});

describe('Any code book', () => {
  const word = fc.stringMatching(/^[A-ZÆØÅ][a-zæøå ]{0,12}[a-zæøå]$/);
  const answers = fc.uniqueArray(
    fc.record({ code: fc.integer({ min: 0, max: 99 }).map(String), text: word }),
    {
      selector: ({ code }) => code,
      minLength: 1,
      maxLength: 6,
    },
  );
  const type = fc.constantFrom('date', 'list', 'checkbox', 'integer', 'text', 'long-text', 'hidden');
  const variable = fc
    .tuple(
      type,
      word,
      word,
      answers,
      fc.boolean(),
      fc.integer({ min: 0, max: 50 }),
      fc.constantFrom('Del A', 'Del B'),
    )
    .map(([kind, text, help, list, isMandatory, low, form]) =>
      made(kind as Variable['type'], { text, help, list, isMandatory, low, form }),
    );
  const books = fc
    .array(variable, { minLength: 1, maxLength: 12 })
    .map((variables) => variables.map((one, index) => ({ ...one, name: `V_${index}` })))
    .map((variables) => variables.toSorted((a, b) => (a.form < b.form ? -1 : Number(a.form > b.form))));

  it('of OpenQReg is the same after a trip through content, and through a file.', () => {
    fc.assert(
      fc.property(books, (variables) => {
        const rows = openQRegRows(variables).map((cells, index) => ({
          line: index + 2,
          cells: Object.fromEntries(OPENQREG_COLUMNS.map((name, at) => [name, cells[at] ?? ''])),
        }));
        const read = readOpenQReg(OPENQREG_COLUMNS, rows);

        expect(read.undecided).toEqual([]);
        expect(comparable(read.variables)).toEqual(comparable(variables));
        expect(comparable(throughContent(read, 'openqreg'))).toEqual(comparable(variables));
      }),
      { numRuns: 60 },
    );
  });

  it('of MRS has the same variables, types, codes and texts.', () => {
    fc.assert(
      fc.property(books, (variables) => {
        const own = variables.filter(({ type: kind }) => kind !== 'hidden' && kind !== 'long-text');
        const rows = mrsRows(own).map((cells, index) => ({
          line: index + 2,
          cells: Object.fromEntries(MRS_COLUMNS.map((name, at) => [name, cells[at] ?? ''])),
        }));
        const { variables: read } = readMrs('Del', MRS_COLUMNS, rows);
        const short = (all: readonly Variable[]) =>
          all.map(({ name, type: kind, text, answers: list, isMandatory }) => ({
            name,
            kind,
            text,
            list,
            isMandatory,
          }));

        expect(short(read)).toEqual(short(own));
        expect(short(throughContent({ variables: read, undecided: [] }, 'mrs'))).toEqual(short(own));
      }),
      { numRuns: 60 },
    );
  });
});

interface Given {
  readonly text: string;
  readonly help: string;
  readonly list: readonly CodedAnswer[];
  readonly isMandatory: boolean;
  readonly low: number;
  readonly form: string;
}

/** A variable of a type with what the type may have. */
function made(type: Variable['type'], { text, help, list, isMandatory, low, form }: Given): Variable {
  const isNumber = type === 'integer';
  const isDate = type === 'date';
  const number = { low: String(low), high: String(low + 10) };
  const day = { low: `20${String(10 + low)}-01-31`, high: 'today' };
  return {
    form,
    table: form === 'Del A' ? 'del_a' : 'del_b',
    name: '',
    text,
    help,
    type,
    isMandatory,
    answers: type === 'list' ? list : [],
    usual: isNumber ? number : { low: '', high: '' },
    limits: (isNumber && { low: '0', high: '1000' }) || (isDate && day) || { low: '', high: '' },
    ...((type === 'text' || type === 'long-text') && { maxLength: low + 1 }),
    ...(isNumber && { decimals: 0 }),
    columns: {
      innfoert_dato: '01.02.2015',
      aktiveringsspoersmaal: 'Nei',
      underspoersmaal: 'Nei',
      variabel_id: `id ${text}`,
    },
    line: 0,
  };
}
