/**
 * The folder `instruments/`: definitions, and the tables that they score by. Numbers of a table stand in its JSON or in
 * the CSV file beside it.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseJson } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/types.ts';
import { checkInstrument, checkTable } from './check-instrument.ts';
import { deepFreeze } from './freeze.ts';
import type { CoefficientTable, Instrument, ScoreTable, StateTable } from './instrument.ts';
import type { ContentProblem } from './problem.ts';

export interface InstrumentIndex {
  get(id: string): Instrument | undefined;
  all(): readonly Instrument[];
}

export interface InstrumentsRead {
  readonly instruments: InstrumentIndex;
  readonly problems: readonly ContentProblem[];
}

const FOLDER = 'instruments';
const TABLES = `${FOLDER}/tables`;

/** The instruments below the given roots, and what is wrong with them; a root without the folder has none. */
export async function readInstruments(roots: readonly string[]): Promise<InstrumentsRead> {
  const tables = (await Promise.all(roots.map((root) => readFolder(root, TABLES, readTable)))).flat();
  const read = (await Promise.all(roots.map((root) => readFolder(root, FOLDER, readJson)))).flat();
  const problems = [
    ...tables.flatMap(({ file, problem, value }) => problem ?? checkTable(file, value)),
    ...read.flatMap(
      ({ file, problem, value }) => problem ?? checkInstrument(file, value, tablesOf(tables, value)),
    ),
  ];
  const sound = problems.length === 0 ? read : [];
  const byId = new Map(
    sound.map(({ value }) => {
      const instrument = { ...value, tables: tablesOf(tables, value) } as unknown as Instrument;
      return [instrument.id, deepFreeze(instrument)] as const;
    }),
  );
  return {
    instruments: { get: (id) => byId.get(id), all: () => [...byId.values()] },
    problems: [...problems, ...twice(read)],
  };
}

interface FileRead {
  readonly file: string;
  readonly value: JsonObject;
  readonly problem?: readonly ContentProblem[];
}

async function readFolder(
  root: string,
  folder: string,
  read: (root: string, file: string) => Promise<JsonObject>,
): Promise<readonly FileRead[]> {
  const names = (await readdir(join(root, folder)).catch(noSuchFolder)).filter((name) =>
    name.endsWith('.json'),
  );
  return Promise.all(
    names.sort().map(async (name) => {
      const file = `${folder}/${name}`;
      try {
        return { file, value: await read(root, file) };
      } catch (cause) {
        return { file, value: {}, problem: [{ file, element: '', reason: (cause as Error).message }] };
      }
    }),
  );
}

function noSuchFolder(cause: unknown): string[] {
  if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
    return [];
  }
  throw cause;
}

async function readJson(root: string, file: string): Promise<JsonObject> {
  const json = parseJson(await readFile(join(root, file), 'utf8'));
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new Error('The file must hold one JSON object.');
  }
  return json as JsonObject;
}

async function readTable(root: string, file: string): Promise<JsonObject> {
  const { csv, ...table } = await readJson(root, file);
  if (typeof csv !== 'string') {
    return table;
  }
  const rows = readCsv(await readFile(join(root, TABLES, csv), 'utf8'));
  return { ...table, ...(CSV_KINDS[String(table['kind'])]?.(rows, table) ?? {}) } as unknown as JsonObject;
}

type Row = Readonly<Record<string, string>>;

/** What is made of the rows of a CSV file, by kind of table. */
const CSV_KINDS: Readonly<Record<string, (rows: readonly Row[], table: JsonObject) => object>> = {
  states: (rows): Pick<StateTable, 'values'> => ({
    values: new Map(rows.map(({ state = '', index }) => [state, Number(index)])),
  }),
  coefficients: (rows, table): Pick<CoefficientTable, 'constants' | 'coefficients'> => ({
    constants: Object.assign({}, ...rows.filter(isConstant).map(columnsOf)) as Record<string, number>,
    coefficients: new Map(
      rows
        .filter((row) => !isConstant(row))
        .map((row) => [`${String(table['instrument'])}-${row['item']}|${row['answerCode']}`, columnsOf(row)]),
    ),
  }),
};

const isConstant = ({ item }: Row): boolean => item === 'constant';

function columnsOf({ item: _item, answerCode: _answer, ...columns }: Row): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(columns).map(([name, value]) => [name, Number(value)]));
}

/** Numbers and plain words, separated by commas; no quotes. */
function readCsv(text: string): readonly Row[] {
  const [head = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '');
  const names = head.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

function tablesOf(tables: readonly FileRead[], instrument: JsonObject): ReadonlyMap<string, ScoreTable> {
  return new Map(
    tables
      .map(({ value }) => value as unknown as ScoreTable)
      .filter((table) => table.instrument === instrument['id'])
      .map((table) => [table.id, table]),
  );
}

/** Items and scores of different instruments must not share a code: answers would be taken for another's. */
function twice(read: readonly FileRead[]): readonly ContentProblem[] {
  const seen = new Map<string, string>();
  return read.flatMap(({ file, value }) =>
    (['items', 'scores'] as const).flatMap((member) =>
      ((value[member] ?? []) as readonly { code?: string }[]).flatMap(({ code }) => {
        const key = `${member}|${code}`;
        const first = seen.get(key);
        seen.set(key, first ?? file);
        return first === undefined
          ? []
          : [{ file, element: member, reason: `The code "${code}" already stands in ${first}.` }];
      }),
    ),
  );
}
