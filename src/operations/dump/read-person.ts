/** The person of a pathway, as the dump has them: a row of the table of persons, their numbers, or what stands in the pathway's own row. */
import { classifyPersonNumber, IDENTIFIER_SYSTEMS, NATIONAL_SYSTEMS } from '../../fhir/identifiers.ts';
import type { JsonObject } from '../../fhir/types.ts';
import { oldSystem } from '../../registry/dump/solution.ts';
import type { Cells } from '../../registry/dump/to-cells.ts';
import { readDate, readMoment, type Understood } from '../../registry/dump/written.ts';
import { PASIENT_ID } from '../../registry/person/register-identifiers.ts';
import type { Gathered } from './gather.ts';
import type { PlanDeps } from './load-deps.ts';
import type { RowNotes } from './row-notes.ts';
import type { SourceRow } from './source.ts';
import { genderCodes } from './tables.ts';

/** `line`: the pathway's own row, for a dump without a table of persons. */
export function readPerson(gathered: Gathered, deps: PlanDeps, notes: RowNotes, line: Cells): JsonObject {
  const { source, layout } = deps;
  const { columns, patients } = layout.solution;
  const [own, ...others] = gathered.patients;
  others.forEach((row) =>
    notes.refuse(row, { rule: 'person-twice', why: 'The person is in the table twice.' }),
  );
  if (own === undefined && source.patients.count > 0) {
    notes.refuse(gathered.main, {
      column: columns.person,
      old: gathered.person,
      rule: 'dump-person',
      why: `The dump has no person with the ${columns.person} ${gathered.person}.`,
    });
  }
  const row = own ?? gathered.main;
  const { cells, problem } = own === undefined ? { cells: line } : source.patients.read(own);
  if (problem !== undefined) {
    notes.refuse(row, { rule: 'row-form', why: `${patients}: ${problem}` });
  }
  const read = (column: string, how: (text: string) => Understood | undefined): string =>
    readPart(cells, column, how, row, notes);
  const born = read(columns.birthDate, (text) => readDate(text, layout.solution));
  const died = read(columns.deceasedDate, (text) => readMoment(text, layout.solution));
  const gender = genderOf(cells, row, deps, notes);
  const dead = (cells[columns.deceased] ?? '').trim();
  const isDead = dead === '1' || dead === layout.solution.booleans[1];
  const identifier = [...nationalOf(gathered, deps, notes), ownNumber(gathered.person, deps)];
  return {
    resourceType: 'Patient',
    identifier,
    ...(gender !== undefined && { gender }),
    ...(born !== '' && { birthDate: born }),
    ...(died !== '' && { deceasedDateTime: died }),
    ...(died === '' && isDead && { deceasedBoolean: true }),
  };
}

const ownNumber = (person: string, { layout: { solution } }: PlanDeps): JsonObject => ({
  system: oldSystem(solution, 'person') ?? PASIENT_ID,
  value: person,
});

function readPart(
  cells: Cells,
  column: string,
  how: (text: string) => Understood | undefined,
  row: SourceRow,
  notes: RowNotes,
): string {
  const text = (cells[column] ?? '').trim();
  const read = text === '' ? { value: '' } : how(text);
  if (read === undefined) {
    notes.refuse(row, { column, old: text, rule: 'date', why: `"${text}" is no date of the calendar.` });
    return '';
  }
  notes.correct(row, column, undefined, text, read);
  return read.value;
}

function genderOf(cells: Cells, row: SourceRow, { layout }: PlanDeps, notes: RowNotes): string | undefined {
  const { solution } = layout;
  const column = solution.columns.gender;
  const text = (cells[column] ?? '').trim();
  const codes = [...genderCodes(layout)];
  const found = codes.find(([, old]) => old === text)?.[0];
  if (text !== '' && found === undefined && !solution.missing.includes(text)) {
    const known = codes.map(([gender, old]) => `${old} (${gender})`).join(', ');
    const why = `"${text}" is no code of ${column}. There are ${known}.`;
    notes.refuse(row, { column, old: text, rule: 'value', why });
  }
  return found;
}

/** Numbers are checked, and never told in the report. */
function nationalOf(
  { numbers, main }: Gathered,
  { source, layout }: PlanDeps,
  notes: RowNotes,
): readonly JsonObject[] {
  const { columns } = layout.solution;
  return numbers.flatMap((row) => {
    const { cells, problem } = source.numbers.read(row);
    const value = (cells[columns.number] ?? '').trim();
    const stated = (cells[columns.numberSystem] ?? '').trim();
    const known = classifyPersonNumber(value);
    const system = stated === '' ? systemOf(known.kind) : stated;
    if (problem !== undefined || system === undefined || known.kind === 'invalid') {
      const why = problem ?? 'It is no national number: a digit is wrong, or its date is none.';
      notes.refuse(row, { column: columns.number, rule: 'national-number', why });
      notes.refuse(main, { rule: 'national-number', why: 'The national number of the person is none.' });
      return [];
    }
    return NATIONAL_SYSTEMS.includes(system) ? [{ system, value }] : [];
  });
}

const SYSTEM_OF: Readonly<Record<string, string>> = {
  fnr: IDENTIFIER_SYSTEMS.fnr,
  dnr: IDENTIFIER_SYSTEMS.dnr,
  fhn: IDENTIFIER_SYSTEMS.fhn,
};
const systemOf = (kind: string): string | undefined => SYSTEM_OF[kind];
