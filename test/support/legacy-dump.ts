/**
 * Dumps of the old solutions, made up: real tables of a register's layout, as many pathways as wanted, with the mess that such data
 * have, and what is to become of every row. Streaming and seeded: the same seed gives the same files.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Outcome } from '../../src/operations/dump/report.ts';
import { csvLine, heads } from '../../src/operations/dump/files.ts';
import type { DumpLayout, DumpModule } from '../../src/operations/dump/tables.ts';
import { parseCanonical } from '../../src/fhir/canonical.ts';
import type { QuestionnaireResponse } from '../../src/fhir/types.ts';
import { stateCode } from '../../src/registry/dump/solution.ts';
import type { DumpTable } from '../../src/registry/dump/shape.ts';
import { type Cells, toCells } from '../../src/registry/dump/to-cells.ts';
import { writeDate, writeMoment } from '../../src/registry/dump/written.ts';
import { EPISODE_EXTENSION } from '../../src/registry/form/pathway.ts';
import { PLANNED_FORM } from '../../src/registry/schedule/planned-form.ts';
import type { PlannedForm } from '../../src/registry/schedule/plan.ts';
import { isOpen } from '../../src/registry/schedule/tasks.ts';
import { syntheticNumber } from './synthetic-number.ts';
import { fillAtRandom, type Given, randomFrom } from './random-forms.ts';

export type Row = Record<string, string>;

/** The rows of one pathway, before they are written. */
export interface LegacyPathway {
  readonly key: string;
  readonly person: string;
  readonly rows: readonly { readonly table: string; readonly cells: Row }[];
  /** Rows of the tables of persons and numbers. */
  readonly persons: readonly { readonly table: string; readonly cells: Row }[];
}

/** What is wrong with a pathway, and what is to become of its rows. */
export interface Mess {
  readonly name: string;
  /** Of a thousand pathways. */
  readonly share: number;
  /** The rows as they are then; undefined where this pathway cannot have it. */
  readonly spoil: (pathway: LegacyPathway, random: () => number, layout: DumpLayout) => Spoilt | undefined;
}

export interface SpoiltRow {
  readonly table: string;
  readonly cells: Row;
  readonly outcome: Outcome;
  /** Rule that the report names. */
  readonly rule?: string;
}

export interface Spoilt {
  readonly rows: readonly SpoiltRow[];
}

export interface GeneratorOptions {
  readonly pathways: number;
  readonly seed: number;
  /** RESH id of the department. */
  readonly unit: string;
  readonly messes: readonly Mess[];
  readonly given: Given;
  /** Different fillings of the forms that pathways take turns with. */
  readonly templates?: number;
}

/** A row of the files, and what is to become of it. */
export interface ExpectedRow {
  readonly table: string;
  readonly line: number;
  readonly outcome: Outcome;
  readonly rule?: string;
}

type Template = ReadonlyMap<DumpTable, readonly Cells[]>;

const NOW = new Date('2026-03-09T11:00:00Z');
const DAY = 86_400_000;

/** Write the dump into a new folder; each row is told as it is written. Answers how many rows there are. */
export async function writeLegacyDump(
  folder: string,
  layout: DumpLayout,
  options: GeneratorOptions,
  onRow: (row: ExpectedRow) => void,
): Promise<number> {
  const { pathways, seed, messes } = options;
  const random = randomFrom(seed);
  const templates = layout.modules.map((module) => makeTemplates(module, layout, options, random));
  await using files = await openFiles(folder, layout, onRow);
  for (let number = 1; number <= pathways; number++) {
    const place = number % layout.modules.length; // modules take turns
    const own = templates[place] ?? [];
    const template = own[Math.floor(number / layout.modules.length) % own.length] as Template;
    const pathway = pathwayOf(number, template, layout.modules[place] as DumpModule, layout, options);
    const mess = pick(messes, random() * 1000);
    const spoilt = mess?.spoil(pathway, random, layout);
    const rows: readonly SpoiltRow[] = spoilt?.rows ?? cleanRows(pathway);
    for (const row of rows) {
      await files.write(row);
    }
  }
  return files.count;
}

export const cleanRows = ({ rows, persons }: LegacyPathway): readonly SpoiltRow[] =>
  [...persons, ...rows].map((row) => ({ ...row, outcome: 'taken' }));

function pick(messes: readonly Mess[], at: number): Mess | undefined {
  let sum = 0;
  return messes.find(({ share }) => {
    sum += share;
    return at < sum;
  });
}

/** Pathways as people could have filled them in: every form that is open is locked, or left out by patients. */
function makeTemplates(
  module: DumpModule,
  layout: DumpLayout,
  { templates = 40, given }: GeneratorOptions,
  random: () => number,
): readonly Template[] {
  return Array.from({ length: templates }, () => {
    const episode = { resourceType: 'EpisodeOfCare', id: 'e', status: 'active' };
    const patient = { resourceType: 'Patient', id: 'p', birthDate: '1960-05-17', gender: 'female' };
    const context = { now: NOW, launch: { patient, episode } };
    const responses: QuestionnaireResponse[] = [];
    const cells = new Map<DumpTable, readonly Cells[]>();
    for (const planned of module.schedule.forms) {
      const own = oneVersion(module.tables, planned, random);
      const [first] = own;
      const state = { episode, patient, responses: responses as never };
      const isLeftOut = planned.answeredBy === 'patient' && random() < 0.35;
      if (first === undefined || isLeftOut || !isOpen(planned, state)) {
        continue;
      }
      const head = {
        resourceType: 'QuestionnaireResponse' as const,
        extension: [
          { url: EPISODE_EXTENSION, valueReference: { reference: 'EpisodeOfCare/e' } },
          ...(first.planned === undefined ? [] : [{ url: PLANNED_FORM, valueCode: first.planned }]),
        ],
        questionnaire: first.form.canonical,
        status: 'completed' as const,
        subject: { reference: 'Patient/p' },
      };
      const response = fillAtRandom(first.form, head, context, random, given);
      responses.push(response);
      own.forEach((table) => cells.set(table, toCells(table, response, layout.codes, layout.solution)));
    }
    return cells;
  });
}

/** The tables of the form, in one of the versions that the dump has tables of. */
function oneVersion(
  tables: readonly DumpTable[],
  { id, questionnaire }: PlannedForm,
  random: () => number,
): readonly DumpTable[] {
  const { url } = parseCanonical(questionnaire);
  const own = tables.filter(
    ({ form, planned }) => form.questionnaire.url === url && (planned === undefined || planned === id),
  );
  const versions = [...new Set(own.map(({ form }) => form.canonical))];
  const chosen = versions.length > 1 ? versions[Math.floor(random() * versions.length)] : versions[0];
  return own.filter(({ form }) => form.canonical === chosen);
}

const guid = (number: number, of: string): string =>
  `${of}0000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

/** Pathway 12 of the dump: its own person, and the answers of a template. */
function pathwayOf(
  number: number,
  template: Template,
  module: DumpModule,
  { solution }: DumpLayout,
  { unit }: GeneratorOptions,
): LegacyPathway {
  const { columns } = solution;
  const isGuid = columns.form !== '';
  const key = isGuid ? guid(number, 'a') : String(100_000 + number);
  const person = isGuid ? guid(number, 'b') : String(500_000 + number);
  const day = new Date(Date.parse('2016-01-04T09:00:00Z') + (number % 3000) * DAY).toISOString();
  const national = syntheticNumber(number);
  const keys: Row = { [columns.pathway]: key, [columns.unit]: unit, [columns.person]: person };
  const rows = [...template].flatMap(([table, all], place) =>
    all.map((cells, at) => ({
      table: table.name,
      cells: {
        ...cells,
        ...keys,
        ...(table.group === undefined
          ? {
              [columns.status]: stateCode(solution, 'completed'),
              [columns.authored]: writeMoment(day, solution),
            }
          : { [columns.row]: String(at + 1) }),
        ...(isGuid &&
          table.group === undefined && {
            [columns.form]: table === module.pathways ? key : guid(number * 10 + place, 'c'),
          }),
        ...(table === module.pathways && {
          [columns.pathwayStatus]: 'finished',
          ...(columns.start in cells ? {} : { [columns.start]: writeMoment(day, solution) }),
        }),
      },
    })),
  );
  return {
    key,
    person,
    rows,
    persons: [
      {
        table: solution.patients,
        cells: {
          [columns.person]: person,
          [columns.birthDate]: writeDate(national.birthDate, solution),
          [columns.gender]: national.gender === 'male' ? '1' : '2',
          [columns.deceased]: solution.booleans[0],
        },
      },
      { table: solution.numbers, cells: { [columns.person]: person, [columns.number]: national.number } },
    ],
  };
}

async function openFiles(folder: string, layout: DumpLayout, onRow: (row: ExpectedRow) => void) {
  await mkdir(folder, { recursive: true });
  const files = new Map<
    string,
    { readonly file: WriteStream; readonly head: readonly string[]; line: number }
  >();
  for (const [name, head] of heads(layout)) {
    const file = createWriteStream(join(folder, `${name}.csv`), { mode: 0o600 });
    file.write(csvLine(head, layout));
    files.set(name, { file, head, line: 2 });
  }
  return {
    count: 0,
    async write({ table, cells, outcome, rule }: SpoiltRow): Promise<void> {
      const own = files.get(table);
      if (own === undefined) {
        throw new Error(`The dump has no table ${table}.`);
      }
      const text = csvLine(
        own.head.map((column) => cells[column] ?? ''),
        layout,
      );
      onRow({ table, line: own.line, outcome, ...(rule !== undefined && { rule }) });
      own.line += text.split('\n').length - 1;
      this.count += 1;
      if (!own.file.write(text)) {
        await once(own.file, 'drain');
      }
    },
    async [Symbol.asyncDispose]() {
      for (const { file } of files.values()) {
        file.end();
        await once(file, 'finish');
      }
    },
  };
}
