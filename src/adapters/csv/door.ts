/**
 * Tables of rows (CSV) by a mapping that is content of a register: each row is a message of its own, through the corridor
 * (docs/adr/0034). https://www.rfc-editor.org/rfc/rfc4180
 */
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import type { EhrPrincipal } from '../../access/principal.ts';
import { listConcepts } from '../../content/concepts.ts';
import type { Content } from '../../content/content.ts';
import type { Clock, NewId } from '../../fhir/id.ts';
import { badRequest, error, FhirError } from '../../fhir/outcome.ts';
import { readTable } from '../../operations/dictionary/read-rows.ts';
import type { Finding, Outcome, ReportSink } from '../../operations/dump/report.ts';
import type { TakeAgain } from '../../operations/inbox/replay.ts';
import type { Inbox } from '../../registry/intake/inbox.ts';
import { receive } from '../../registry/intake/receive.ts';
import { type Result, storesVersion } from '../../repository/operation.ts';
import type { Repository } from '../../repository/repository.ts';
import type { CellContext } from './cell.ts';
import { type Cells, findingsOf, readRow, type RowReading } from './row.ts';

export interface CsvDeps {
  readonly content: Content;
  readonly repository: Repository;
  readonly inbox: Pick<Inbox, 'refuse'>;
  readonly clock: Clock;
  readonly newId: NewId;
}

export interface CsvTable {
  /** `<register>/<name>` of the mapping. */
  readonly mapping: string;
  readonly file: string;
  readonly principal: EhrPrincipal;
  /** `rehearsed`: everything is tried and nothing is stored. */
  readonly mode: 'stored' | 'rehearsed';
  readonly report: ReportSink;
}

export interface CsvTotals {
  readonly counts: Readonly<Record<Outcome, number>>;
  /** Columns of the file that the mapping does not name. */
  readonly unread: readonly string[];
}

export interface CsvDoor {
  /** `<register>/<name>` of the mappings that there are. */
  readonly mappings: readonly string[];
  /** Throws FhirError 400 for a table that is not what the mapping says; a row that is refused is told in the report. */
  take(table: CsvTable): Promise<CsvTotals>;
  readonly takeAgain: TakeAgain;
}

const CONTENT_TYPE = 'text/csv';

export function createCsvDoor(deps: CsvDeps): CsvDoor {
  const contexts = new Map(
    deps.content.registers.flatMap(({ id, mappings = {} }) =>
      Object.entries(mappings).map(([name, mapping]): [string, CellContext] => [
        `${id}/${name}`,
        { mapping, codesOf: (valueSet) => listConcepts(deps.content, valueSet) },
      ]),
    ),
  );
  const contextOf = (mapping: string): CellContext => {
    const context = contexts.get(mapping);
    if (context === undefined) {
      throw badRequest(
        `There is no mapping ${mapping}; there are: ${[...contexts.keys()].join(', ') || 'none'}.`,
        undefined,
        'mapping',
      );
    }
    return context;
  };
  return {
    mappings: [...contexts.keys()],
    take: (table) => takeTable(deps, contextOf(table.mapping), table),
    async takeAgain(principal, { raw, path = '' }) {
      const [cells = {}] = parse(raw, { columns: true, delimiter: ';' }) as readonly Cells[];
      const reading = readRow(cells, contextOf(path));
      const quiet = { ...deps, inbox: { refuse: () => Promise.resolve('') } };
      await takeRow(quiet, { mapping: path, principal }, reading, raw);
    },
  };
}

async function takeTable(deps: CsvDeps, context: CellContext, table: CsvTable): Promise<CsvTotals> {
  const { mapping } = context;
  const { head, rows } = await readTable(table.file);
  const lacking = [...mapping.id, ...requiredIn(context)].filter((name) => !head.includes(name));
  if (lacking.length > 0) {
    throw badRequest(
      `The table lacks these columns: ${[...new Set(lacking)].join(', ')}.`,
      undefined,
      'columns',
    );
  }
  const counts = { taken: 0, corrected: 0, unchanged: 0, refused: 0 };
  const seen = new Map<string, number>();
  for (const { line, cells } of rows) {
    const reading = readRow(cells, context);
    const key = reading.id ?? '';
    const raw = stringify([head, head.map((name) => cells[name] ?? '')], { delimiter: ';' });
    const before = seen.get(key);
    seen.set(key, before ?? line);
    const told =
      before !== undefined && reading.id !== undefined
        ? sameName(before)
        : await outcomeOf(deps, table, reading, raw);
    counts[told.outcome] += 1;
    await table.report.write({ table: table.mapping, line, key, ...told });
  }
  const known = new Set([...Object.keys(mapping.columns), ...(mapping.ignored ?? [])]);
  return { counts, unread: head.filter((name) => !known.has(name)) };
}

const requiredIn = ({ mapping: { columns } }: CellContext): readonly string[] =>
  Object.entries(columns).flatMap(([name, { required }]) => (required === true ? [name] : []));

interface Told {
  readonly outcome: Outcome;
  readonly findings: readonly Finding[];
}

const sameName = (line: number): Told => ({
  outcome: 'refused',
  findings: [{ rule: 'same-row', why: `Line ${line} is the same row. Keep one of them.` }],
});

async function outcomeOf(deps: CsvDeps, table: CsvTable, reading: RowReading, raw: string): Promise<Told> {
  const started = deps.clock.now().getTime();
  const { corrections } = reading;
  try {
    const results =
      table.mode === 'stored'
        ? await takeRow(deps, table, reading, raw)
        : await rehearse(deps, table.principal, reading);
    const isNew = results.some(
      ({ effect, lastUpdated = '' }) => storesVersion(effect) && Date.parse(lastUpdated) >= started,
    );
    const late = results.some(({ isLate }) => isLate === true) ? [LATE] : [];
    const taken = corrections.length > 0 ? 'corrected' : 'taken';
    return { outcome: isNew ? taken : 'unchanged', findings: [...(isNew ? corrections : []), ...late] };
  } catch (cause) {
    if (!(cause instanceof FhirError) || cause.status >= 500) {
      throw cause;
    }
    return { outcome: 'refused', findings: [...corrections, ...findingsOf(cause, reading)] };
  }
}

const LATE: Finding = { rule: 'late-message', why: 'A newer version of the row is here already; it stays.' };

/** Throws FhirError, when the row is in the inbox. */
function takeRow(
  { repository, inbox, clock, newId }: CsvDeps,
  { mapping, principal }: Pick<CsvTable, 'mapping' | 'principal'>,
  reading: RowReading,
  raw: string,
): Promise<readonly Result[]> {
  const { id, sentAt } = reading;
  return receive(
    { repository, inbox },
    {
      principal,
      requestId: newId(clock.now()),
      interaction: 'csv',
      sent: {
        door: 'csv',
        raw,
        contentType: CONTENT_TYPE,
        path: mapping,
        ...(id !== undefined && { id: `${mapping}|${id}` }),
        ...(sentAt !== undefined && { sentAt }),
      },
      operations: () => operationsOf(reading),
    },
  );
}

function operationsOf({ problems, operations }: RowReading): RowReading['operations'] {
  if (problems.length > 0) {
    throw new FhirError(422, problems);
  }
  return operations;
}

/** Ends the transaction that a rehearsal has made, with what it came to. */
class Rehearsed extends Error {
  readonly results: readonly Result[];

  constructor(results: readonly Result[]) {
    super('rehearsed');
    this.results = results;
  }
}

/** Everything that storing would do, and then nothing of it. */
async function rehearse(
  { repository, clock, newId }: CsvDeps,
  principal: EhrPrincipal,
  reading: RowReading,
): Promise<readonly Result[]> {
  const caller = { principal, requestId: newId(clock.now()), interaction: 'csv' };
  const operations = operationsOf(reading).map((operation) => ({
    ...operation,
    ...(reading.sentAt !== undefined && { sentAt: reading.sentAt }),
  }));
  try {
    return await repository.commit(caller, operations, {
      next: (_tx, results) => Promise.reject(new Rehearsed(results)),
    });
  } catch (cause) {
    if (cause instanceof Rehearsed) {
      return cause.results;
    }
    throw cause;
  }
}

/** A registered system; throws 422 when nobody is registered under the name. */
export function requireSystem(principal: unknown, client: string): asserts principal is EhrPrincipal {
  if ((principal as { readonly kind?: string } | undefined)?.kind !== 'ehr') {
    throw new FhirError(
      422,
      error('not-found', `No record system is registered as ${client}.`, undefined, 'sender'),
    );
  }
}
