/**
 * A view carried out over the store, or over resources at hand: one text a row, at flat memory.
 * https://sql-on-fhir.org/ig/OperationDefinition-ViewDefinitionRun.html
 */
import { accessOf, exportFilter } from '../access/filter.ts';
import { readsPseudonymised } from '../access/redact.ts';
import { stringifyJson } from '../fhir/json.ts';
import type { JsonObject } from '../fhir/types.ts';
import type { Caller } from '../repository/audit.ts';
import type { Repository } from '../repository/repository.ts';
import type { Sql } from '../storage/store.ts';
import type { CompiledView } from './compile-view.ts';
import { rowHint } from './hints.ts';
import { explainRunError } from './run-error.ts';
import { type Narrowing, type Source, storeSource, storeTexts, textSource } from './statement.ts';

/** Source → the statement whose first column is one row's text. */
export type RowForm = (view: CompiledView, source: Source, limit?: number) => Sql;

export interface Run {
  readonly view: CompiledView;
  readonly form: RowForm;
  readonly narrowing: Narrowing;
  readonly limit: number | undefined;
}

const BATCH = 250;

/**
 * Rows of what the caller may see, as the caller may read it: a pseudonymised reader's copies are made before the view
 * looks at them, so that no path of any view leads to what is hidden. Throws `ViewError` for rows that cannot be made.
 */
export async function* runView(repository: Repository, caller: Caller, run: Run): AsyncGenerator<string> {
  try {
    yield* readsPseudonymised(caller.principal) || looksAtIdentifiers(run.view)
      ? rowsOfCopies(repository, caller, run)
      : directRows(repository, caller, run);
  } catch (cause) {
    throw explainRunError(cause, run.view);
  }
}

/** Rows of given resources. */
export async function* runOver(
  repository: Repository,
  resources: readonly JsonObject[],
  { view, form, limit }: Run,
): AsyncGenerator<string> {
  const texts = resources
    .filter(({ resourceType }) => resourceType === view.definition.resource)
    .map(stringifyJson);
  try {
    yield* await rowsOf(repository, form(view, textSource(texts), limit));
  } catch (cause) {
    throw explainRunError(cause, view);
  }
}

/** Numbers of persons are not in the rows that the database has: such a view is made from copies. */
const looksAtIdentifiers = ({ definition }: CompiledView): boolean =>
  JSON.stringify(definition.select).includes('identifier');

/** A text column may hold a number, such as a narrative. */
async function* directRows(
  { deps }: Repository,
  { principal }: Caller,
  { view, form, narrowing, limit }: Run,
): AsyncGenerator<string> {
  const { resource } = view.definition;
  const source = storeSource(resource, exportFilter(principal), narrowing, rowHint(view.definition));
  for await (const rows of batches(deps.store.as(accessOf(principal)).stream(form(view, source, limit)))) {
    yield* await deps.store.reveal(rows);
  }
}

/** The next copies are made while the database makes rows of the last. */
async function* rowsOfCopies(repository: Repository, caller: Caller, run: Run): AsyncGenerator<string> {
  const { view, form, narrowing, limit } = run;
  const { resource } = view.definition;
  const sql = storeTexts(resource, exportFilter(caller.principal), narrowing, rowHint(view.definition));
  let left = limit ?? Infinity;
  let made: Promise<readonly string[]> = Promise.resolve([]);
  for await (const contents of batches(repository.readAs(caller.principal).stream(sql))) {
    const copies = await repository.forReaders(caller, contents);
    const rows = await made;
    made = rowsOf(repository, form(view, textSource(copies), limit));
    made.catch(() => undefined); // reported when it is awaited, which a reader that stops never does
    yield* rows.slice(0, left);
    left -= rows.length;
    if (left <= 0) {
      return;
    }
  }
  yield* (await made).slice(0, left);
}

async function rowsOf({ deps }: Repository, sql: Sql): Promise<readonly string[]> {
  const rows = await deps.store.session.query<Readonly<Record<string, string>>>(sql);
  return rows.map((row) => Object.values(row)[0] ?? '');
}

async function* batches(texts: AsyncIterable<string>): AsyncGenerator<readonly string[]> {
  let batch: string[] = [];
  for await (const text of texts) {
    batch.push(text);
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) {
    yield batch;
  }
}
