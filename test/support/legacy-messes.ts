/** What is wrong in old data, and what is to become of it: made up in any register's layout. */
import type { DumpLayout } from '../../src/operations/dump/tables.ts';
import type { DumpColumn, DumpTable } from '../../src/registry/dump/shape.ts';
import {
  cleanRows,
  type LegacyPathway,
  type Mess,
  type Row,
  type Spoilt,
  type SpoiltRow,
} from './legacy-dump.ts';

type Found = { readonly table: string; readonly column: DumpColumn; readonly value: string };

/** Answered cells of the forms (not of their groups) that a test of the column holds for. */
function cellsOf(
  { rows }: LegacyPathway,
  { tables }: DumpLayout,
  holds: (column: DumpColumn, value: string) => boolean,
): readonly Found[] {
  return rows.flatMap(({ table: name, cells }) => {
    const table = tables.find((each) => each.name === name);
    return (table?.columns ?? [])
      .map((column) => ({ table: name, column, value: cells[column.name] ?? '' }))
      .filter(({ column, value }) => value !== '' && holds(column, value));
  });
}

const typeOf = ({ items }: DumpColumn): string | undefined => items[0]?.type;
const isCoded = (column: DumpColumn): boolean =>
  typeOf(column) === 'choice' && column.option === undefined && column.items.length === 1;

/** The pathway with one cell changed; its row has the outcome, the others are taken. */
function corrected(
  pathway: LegacyPathway,
  { table, column, value: before }: Found,
  value: string,
  rule: string,
): Spoilt {
  let isDone = false;
  return {
    rows: cleanRows(pathway).map((row): SpoiltRow => {
      if (isDone || row.table !== table || row.cells[column.name] !== before) {
        return row;
      }
      isDone = true;
      return { ...row, cells: { ...row.cells, [column.name]: value }, outcome: 'corrected', rule };
    }),
  };
}

/** The pathway with a change that has it refused: the row with the reason, the others because of it. */
function refused(pathway: LegacyPathway, table: string, change: Row, rule: string): Spoilt {
  const at = pathway.rows.findIndex((row) => row.table === table);
  return {
    rows: [
      ...pathway.persons.map((row) => ({ ...row, outcome: 'refused' as const, rule: 'person-unused' })),
      ...pathway.rows.map((row, place) =>
        place === at
          ? { ...row, cells: { ...row.cells, ...change }, outcome: 'refused' as const, rule }
          : { ...row, outcome: 'refused' as const, rule: 'pathway-refused' },
      ),
    ],
  };
}

const one = <T>(list: readonly T[], random: () => number): T | undefined =>
  list[Math.floor(random() * list.length)];

/** The table that the pathway itself is a row of. */
const mainOf = ({ modules }: DumpLayout, { rows }: LegacyPathway): string =>
  modules.map(({ pathways }) => pathways.name).find((name) => rows.some(({ table }) => table === name)) ?? '';

const isoOf = (date: string): string => date.split('.').toReversed().join('-');
const norwegianOf = (date: string): string => date.split('-').toReversed().join('.');

const spoilCell =
  (
    holds: (column: DumpColumn, value: string, layout: DumpLayout) => boolean,
    spoil: (found: Found, pathway: LegacyPathway, layout: DumpLayout) => Spoilt,
  ): Mess['spoil'] =>
  (pathway, random, layout) => {
    const cells = cellsOf(pathway, layout, (column, value) => holds(column, value, layout));
    const found = one(cells, random);
    return found && spoil(found, pathway, layout);
  };

const whole = (column: DumpColumn): boolean => typeOf(column) === 'integer' && column.items.length === 1;

/** Shares are of a thousand pathways. */
export const MESSES: readonly Mess[] = [
  {
    name: 'a date of another form',
    share: 15,
    spoil: spoilCell(
      (column, value) => typeOf(column) === 'date' && /\d{4}/.test(value),
      (found, pathway, { solution }) =>
        corrected(
          pathway,
          found,
          solution.dates === 'iso' ? norwegianOf(found.value) : isoOf(found.value),
          'date-form',
        ),
    ),
  },
  {
    name: 'a whole number with decimals',
    share: 10,
    spoil: spoilCell(whole, (found, pathway) =>
      corrected(pathway, found, `${found.value},0`, 'whole-number'),
    ),
  },
  {
    name: 'spaces around a code',
    share: 10,
    spoil: spoilCell(isCoded, (found, pathway) => corrected(pathway, found, ` ${found.value} `, 'trimmed')),
  },
  {
    name: 'a code with zeros before it',
    share: 5,
    spoil: spoilCell(
      (column, value) => isCoded(column) && /^[1-9]\d?$/.test(value),
      (found, pathway) => corrected(pathway, found, `0${found.value}`, 'leading-zero'),
    ),
  },
  {
    name: 'yes and no in words',
    share: 10,
    spoil: spoilCell(
      ({ option }) => option !== undefined,
      (found, pathway, { solution }) =>
        corrected(pathway, found, found.value === solution.booleans[1] ? 'Ja' : 'Nei', 'yes-no-word'),
    ),
  },
  {
    name: 'a code that the form does not have',
    share: 10,
    spoil: spoilCell(isCoded, ({ table, column }, pathway) =>
      refused(pathway, table, { [column.name]: '77' }, 'value'),
    ),
  },
  {
    name: 'a date that is none',
    share: 5,
    spoil: spoilCell(
      (column) => typeOf(column) === 'date',
      ({ table, column }, pathway, { solution }) =>
        refused(
          pathway,
          table,
          { [column.name]: solution.dates === 'iso' ? '2016-02-30' : '30.02.2016' },
          'value',
        ),
    ),
  },
  {
    name: 'a department that is not here',
    share: 3,
    spoil: (pathway, _random, layout) =>
      refused(pathway, mainOf(layout, pathway), { [layout.solution.columns.unit]: '4711' }, 'unit-unknown'),
  },
  {
    name: 'a person who is not in the dump',
    share: 4,
    spoil: (pathway, _random, layout) => ({
      rows: (refused(pathway, mainOf(layout, pathway), {}, 'dump-person').rows ?? []).filter(
        ({ table }) => pathway.persons[0]?.table !== table && pathway.persons[1]?.table !== table,
      ),
    }),
  },
  {
    name: 'a national number with a wrong digit',
    share: 4,
    spoil: (pathway, _random, layout) => {
      const { solution } = layout;
      const { number } = solution.columns;
      const wrong = (value = ''): string => `${value.slice(0, 10)}${(Number(value[10]) + 1) % 10}`;
      const rows = refused(pathway, mainOf(layout, pathway), {}, 'national-number').rows;
      return {
        rows: rows.map((row) =>
          row.table === solution.numbers
            ? { ...row, cells: { ...row.cells, [number]: wrong(row.cells[number]) }, rule: 'national-number' }
            : row,
        ),
      };
    },
  },
  {
    name: 'the same row twice',
    share: 5,
    spoil: (pathway) => {
      const rows = cleanRows(pathway);
      const last = rows.at(-1);
      return isSingle(pathway, last) && last !== undefined
        ? { rows: [...rows, { ...last, outcome: 'unchanged', rule: 'same-row' }] }
        : undefined;
    },
  },
  {
    name: 'a form in two versions',
    share: 4,
    spoil: (pathway, _random, { tables, solution }) => {
      const { form: key } = solution.columns;
      const twice = pathway.rows.flatMap(({ table: name, cells }) => {
        const own = tables.find((table) => table.name === name && table.group === undefined);
        const other = tables.find((table) => own !== undefined && isOtherVersion(table, own));
        return own === undefined || other === undefined ? [] : [{ own, other, cells }];
      })[0];
      if (twice === undefined) {
        return undefined;
      }
      const { own, other, cells } = twice;
      const keys = Object.entries(cells).filter(([name]) => Object.values(solution.columns).includes(name));
      const added = { ...Object.fromEntries(keys), ...(key !== '' && { [key]: `${cells[key] ?? ''}8` }) };
      const second = tables.indexOf(own) < tables.indexOf(other) ? other : own;
      const { rows } = refused(pathway, second.name, {}, 'form-twice');
      return {
        rows: [
          ...rows,
          {
            table: other.name,
            cells: added,
            outcome: 'refused',
            rule: second === other ? 'form-twice' : 'pathway-refused',
          },
        ],
      };
    },
  },
  {
    name: 'a form that belongs to no pathway',
    share: 4,
    spoil: (pathway, _random, { solution, modules }) => {
      const own = modules.map(({ pathways }) => pathways.name);
      const stray = cleanRows(pathway).find(
        (row) => !own.includes(row.table) && isSingle(pathway, row) && solution.columns.pathway in row.cells,
      );
      const { form, pathway: key } = solution.columns;
      const lost = stray && {
        ...stray.cells,
        [key]: `${stray.cells[key] ?? ''}9`,
        ...(form !== '' && { [form]: `${stray.cells[form] ?? ''}9` }),
      };
      return lost && stray
        ? {
            rows: [
              ...cleanRows(pathway),
              { table: stray.table, cells: lost, outcome: 'refused', rule: 'no-pathway' },
            ],
          }
        : undefined;
    },
  },
  {
    name: 'a person without a pathway',
    share: 4,
    spoil: (pathway, _random, { solution }) => {
      const [person] = pathway.persons;
      const { person: key } = solution.columns;
      return person === undefined
        ? undefined
        : {
            rows: [
              ...cleanRows(pathway),
              {
                table: person.table,
                cells: { ...person.cells, [key]: `${person.cells[key] ?? ''}9` },
                outcome: 'refused',
                rule: 'person-unused',
              },
            ],
          };
    },
  },
];

const isOtherVersion = (one: DumpTable, other: DumpTable): boolean =>
  one.group === undefined &&
  one.planned === other.planned &&
  one.form.canonical !== other.form.canonical &&
  one.form.questionnaire.url === other.form.questionnaire.url;

/** Has the pathway one row in that table, and is it a form's? Rows of groups say something new each. */
const isSingle = ({ rows, persons }: LegacyPathway, row: SpoiltRow | undefined): boolean =>
  row !== undefined &&
  rows.filter(({ table }) => table === row.table).length === 1 &&
  !persons.some(({ table }) => table === row.table);
