/**
 * The only road to data. Whoever reads or writes clinical rows — REST, forms, jobs, exports, pages — does it here:
 * authorise, match the version, validate, stamp, index, store, audit.
 */
import { decide, toRefusal, type Interaction } from '../access/decide.ts';
import { accessOf, rowFilter } from '../access/filter.ts';
import type { Principal } from '../access/principal.ts';
import { readsPseudonymised } from '../access/redact.ts';
import { pseudonymiseText } from '../access/redact-text.ts';
import { redactMarks } from '../fhir/direct-identifiers.ts';
import { FhirError, error, forbidden, gone, notFound } from '../fhir/outcome.ts';
import { errorCode } from '../storage/errors.ts';
import { ROW_COLUMNS, type RowRecord, toRow } from '../storage/row.ts';
import { DuplicateKey } from '../storage/store.ts';
import type {
  HistoryQuery,
  HistoryRow,
  Row,
  Sql,
  StoreReader,
  StoreTransaction,
  TypeAndId,
} from '../storage/store.ts';
import { answerAgain } from './answer-again.ts';
import { auditRead, type Caller, ownersOf, patientsOf } from './audit.ts';
import { WriteBatch } from './batch.ts';
import type { RepositoryDeps } from './deps.ts';
import type { Message } from './message.ts';
import type { Operation, Pending, Result } from './operation.ts';
import { claim, keep, type Kept, type Once } from './once.ts';
import { meetAgain } from './enter-inbox.ts';
import { readSql, shifted } from './rows.ts';
import { type StepState, writeSteps } from './steps.ts';
import type { Seen } from './visit.ts';

export interface CommitOptions {
  /** What a system has sent: it is kept, and entered in the inbox. */
  readonly message?: Message;
  /** Carried out once: asked for again, it is answered with what came of it the first time. */
  readonly once?: Once;
  readonly also?: (tx: StoreTransaction) => Promise<void>;
  /** Runs first in the transaction; what it throws ends it. */
  readonly first?: (tx: StoreTransaction) => Promise<void>;
  /** What follows from what was written: further operations of the same transaction, with an audit event of their own. */
  readonly next?: (tx: StoreTransaction, results: readonly Result[]) => Promise<readonly Operation[]>;
}

interface Written {
  readonly results: readonly Result[];
  readonly told?: Seen | undefined;
  /** What came of it when it was asked for before. */
  readonly earlier?: readonly Kept[];
}

export class Repository {
  readonly deps: RepositoryDeps;

  constructor(deps: RepositoryDeps) {
    this.deps = deps;
  }

  /** What the database shows this principal; every statement on resources still carries `rowFilter` (docs/adr/0014). */
  readAs(principal: Principal): StoreReader {
    return this.deps.store.as(accessOf(principal));
  }

  /**
   * Carry out operations in one transaction: all of them, or none. Results are in the order of the operations.
   * `also` writes what belongs to them beside the resources (an account, a message), in the same transaction.
   * Throws FhirError: 400/422 (rules broken), 403, 404, 409 (a concurrent duplicate), 412 (conditions).
   */
  async commit(
    caller: Caller,
    operations: readonly Operation[],
    options: CommitOptions = {},
  ): Promise<readonly Result[]> {
    try {
      const { once } = options;
      const { subject } = caller.principal;
      const { results, told, earlier } = await meetingOthers(operations, () =>
        this.deps.store.transaction(async (tx): Promise<Written> => {
          const now = this.deps.clock.now();
          const done = once === undefined ? undefined : await claim(tx, subject, once, now);
          if (done !== undefined) {
            meetAgain(tx, subject, options.message, now);
            return { results: [], earlier: done };
          }
          await options.first?.(tx);
          const written = await this.inTransaction(tx, caller, operations, options);
          const next = (await options.next?.(tx, written.results)) ?? [];
          if (next.length > 0) {
            await this.inTransaction(tx, caller, next, {});
          }
          await options.also?.(tx);
          if (once !== undefined) {
            await keep(tx, subject, once, written.results, now);
          }
          return written;
        }),
      );
      if (earlier !== undefined) {
        return await answerAgain(this, caller, earlier);
      }
      if (told !== undefined) {
        caller.visit?.tell(told);
      }
      return await this.revealed(results);
    } catch (cause) {
      const refused = asRefusal(cause);
      if (refused instanceof FhirError && refused.status < 500) {
        await this.auditRefusal(caller, refused, operations[0]);
      }
      throw refused;
    }
  }

  private async revealed(results: readonly Result[]): Promise<readonly Result[]> {
    const contents = await this.deps.store.reveal(results.map(({ content }) => content ?? ''));
    return results.map((result, at) =>
      result.content === undefined || result.content === contents[at]
        ? result
        : { ...result, content: contents[at] as string },
    );
  }

  private async inTransaction(
    tx: StoreTransaction,
    caller: Caller,
    operations: readonly Operation[],
    { message }: CommitOptions,
  ): Promise<Written> {
    const { clock, newId } = this.deps;
    const now = clock.now();
    const batch = new WriteBatch(
      { tx, now, ...caller, newId: () => newId(now), ...(message !== undefined && { message }) },
      operations,
    );
    const state: StepState = {
      batch,
      deps: this.deps,
      issues: [],
      inspections: new WeakMap(),
      writes: new Map(),
    };
    for (const step of writeSteps) {
      await step(state);
    }
    const results = batch
      .pending()
      .filter((entry) => entry.derived !== true)
      .map((entry) => toResult(entry, state));
    return { results, told: state.told };
  }

  /** Current version of a resource. Throws 403, 404 (unknown or hidden), 410 (deleted). */
  async read(caller: Caller, key: TypeAndId): Promise<Row & { readonly content: string }> {
    const { principal } = caller;
    await this.authorise(caller, 'read', key);
    const [record] = await this.readAs(principal).lookUp<RowRecord>(readSql(key, rowFilter(principal, 'r')));
    if (record === undefined) {
      return this.refuse(caller, notFound(key.type, key.id), key);
    }
    const row = toRow(record);
    if (row.content === null) {
      return this.refuse(caller, gone(key.type, key.id), key);
    }
    await auditRead(this.deps, caller, {
      status: 200,
      entities: [{ ...key, versionId: String(row.versionId) }],
      patients: patientsOf(row.content),
      ...ownersOf([row.labels]),
    });
    return { ...row, content: await this.forReader(caller, row.content) };
  }

  /** One version, also a superseded one. Throws 404, 410 when that version is the deletion. */
  async vread(
    caller: Caller,
    key: TypeAndId,
    versionId: string,
  ): Promise<HistoryRow & { readonly content: string }> {
    await this.authorise(caller, 'vread', key);
    await this.requireVisible(caller, key);
    const version = /^[1-9][0-9]{0,8}$/.test(versionId)
      ? await this.readAs(caller.principal).readVersion(key, Number(versionId))
      : undefined;
    if (version === undefined) {
      return this.refuse(caller, notFound(key.type, `${key.id}/_history/${versionId}`), key);
    }
    if (version.content === null) {
      return this.refuse(caller, gone(key.type, `${key.id}/_history/${versionId}`), key);
    }
    await auditRead(this.deps, caller, {
      status: 200,
      entities: [{ ...key, versionId }],
      patients: patientsOf(version.content),
    });
    return { ...version, content: await this.forReader(caller, version.content) };
  }

  /** Versions, newest first, of one resource, a type, or everything the caller may see. */
  async history(caller: Caller, query: Omit<HistoryQuery, 'filter'>): Promise<readonly HistoryRow[]> {
    const type = query.type ?? '*';
    await this.authorise(caller, query.id === undefined ? 'history-type' : 'history', {
      type,
      id: query.id ?? '',
    });
    if (query.type !== undefined && query.id !== undefined) {
      await this.requireVisible(caller, { type: query.type, id: query.id });
    }
    const filter = rowFilter(caller.principal);
    const rows = await this.readAs(caller.principal).history(
      filter === undefined ? query : { ...query, filter },
    );
    await auditRead(this.deps, caller, {
      status: 200,
      ...(query.id !== undefined && { entities: [{ type, id: query.id }] }),
      patients: [...new Set(rows.flatMap(({ content }) => (content === null ? [] : patientsOf(content))))],
    });
    const contents = await this.forReaders(
      caller,
      rows.map(({ content }) => content ?? ''),
    );
    return rows.map((row, at) => (row.content === null ? row : { ...row, content: contents[at] as string }));
  }

  /**
   * Rows that satisfy a condition on `r` (parameters from $1) and that the caller may see, newest last. For the pages'
   * own lists; what FHIR clients ask goes through search.
   */
  async select(caller: Caller, condition: Sql): Promise<readonly (Row & { readonly content: string })[]> {
    const filter = shifted(rowFilter(caller.principal), condition.values.length);
    const records = await this.readAs(caller.principal).query<RowRecord>({
      text: `select ${ROW_COLUMNS}
        from resource r
        where r.content is not null
          and ${condition.text}
          and ${filter.text}
        order by r.rid`,
      values: [...condition.values, ...filter.values],
    });
    const rows = records
      .map(toRow)
      .flatMap((row) => (row.content === null ? [] : [{ ...row, content: row.content }]));
    await auditRead(this.deps, caller, {
      status: 200,
      entities: rows.map(({ type, id, versionId }) => ({ type, id, versionId: String(versionId) })),
      patients: [...new Set(rows.flatMap(({ content }) => patientsOf(content)))],
      ...ownersOf(rows.map(({ labels }) => labels)),
    });
    const contents = await this.forReaders(
      caller,
      rows.map(({ content }) => content),
    );
    return rows.map((row, at) => ({ ...row, content: contents[at] as string }));
  }

  /** The text as this caller may read it. */
  async forReader(caller: Caller, content: string): Promise<string> {
    const [text] = await this.forReaders(caller, [content]);
    return text as string;
  }

  /**
   * Texts as this caller may read them: whole, with one look-up for the identifiers of all; or without identifiers, which
   * then are not looked up either.
   */
  async forReaders({ principal }: Caller, contents: readonly string[]): Promise<readonly string[]> {
    return readsPseudonymised(principal)
      ? contents.map((content) => redactMarks(pseudonymiseText(content)))
      : this.deps.store.reveal(contents);
  }

  /** Refuse (and audit) an interaction that the caller may not do. */
  async authorise(
    caller: Caller,
    interaction: Interaction,
    target: { type: string; id?: string },
  ): Promise<void> {
    const decision = decide(caller.principal, interaction, target.type);
    if (decision.effect === 'deny') {
      await this.refuse(caller, toRefusal(decision), target);
    }
  }

  private async requireVisible(caller: Caller, key: TypeAndId): Promise<void> {
    const rows = await this.readAs(caller.principal).query<RowRecord>(
      readSql(key, rowFilter(caller.principal, 'r')),
    );
    if (rows.length === 0) {
      await this.refuse(caller, notFound(key.type, key.id), key);
    }
  }

  private async refuse(
    caller: Caller,
    refusal: FhirError,
    target: { type: string; id?: string },
  ): Promise<never> {
    await this.auditRefusal(caller, refusal, target);
    throw refusal;
  }

  /** Refusals are audited too (AU-01), with the rule that refused. */
  private async auditRefusal(
    caller: Caller,
    refusal: FhirError,
    target?: { type: string; id?: string },
  ): Promise<void> {
    await auditRead(this.deps, caller, {
      status: refusal.status,
      ...(refusal.issues[0]?.rule !== undefined && { reason: refusal.issues[0].rule }),
      ...(target?.id !== undefined &&
        target.id !== '' && { entities: [{ type: target.type, id: target.id }] }),
    });
  }
}

const ATTEMPTS = 5;

/** What another sender created at the same moment is there now, to be matched or updated: try again. */
async function meetingOthers<T>(operations: readonly Operation[], attempt: () => Promise<T>): Promise<T> {
  const meets = {
    identifier: operations.some((operation) => operation.kind === 'create' && operation.matchPerson === true),
    id: operations.some(({ kind }) => kind === 'update'),
  };
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (cause) {
      if (!(cause instanceof DuplicateKey) || !meets[cause.what] || count === ATTEMPTS) {
        throw cause;
      }
    }
  }
}

function toResult(entry: Pending, { writes }: StepState): Result {
  const { type, id, effect, previous, isLate } = entry;
  const write = writes.get(entry);
  if (write !== undefined) {
    const { versionId, lastUpdated, content } = write;
    return {
      effect,
      type,
      id,
      versionId: String(versionId),
      lastUpdated,
      ...(content !== null && { content }),
    };
  }
  const late = isLate === true ? { isLate } : {};
  if (previous === undefined || previous.content === null) {
    return { effect, type, id, ...late };
  }
  const { versionId, lastUpdated, content } = previous;
  return { effect, type, id, versionId: String(versionId), lastUpdated, content, ...late };
}

/** What the database refuses is the caller's to be told, like what the rules before it refuse. */
function asRefusal(cause: unknown): unknown {
  if (cause instanceof DuplicateKey) {
    return duplicate(cause);
  }
  const isForeignRow = errorCode(cause) === '42501' && /row-level security/.test((cause as Error).message);
  return isForeignRow
    ? forbidden('What would be stored belongs to no unit or register of yours.', 'row-security')
    : cause;
}

function duplicate(cause: DuplicateKey): FhirError {
  const text =
    cause.what === 'id'
      ? 'This id was created by someone else at the same time. Read it and repeat the change.'
      : 'Another Patient has this national identity number. Use If-None-Exist, or send the Patient in a transaction, to refer to that person.';
  return new FhirError(409, error('duplicate', text, undefined, `duplicate-${cause.what}`), { cause });
}
