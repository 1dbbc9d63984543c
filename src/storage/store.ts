/**
 * The `ResourceStore` port: rows in, rows out. It knows no FHIR rule; the repository decides, the store keeps.
 * Implemented by postgres-store.ts.
 */
import type { DirectValue } from '../fhir/direct-identifiers.ts';
import type { RowAccess, WriteAccess } from './row-access.ts';

/** Who owns a row and where it may be seen; kept beside the content, never in it. */
export interface Labels {
  /** Register id, or null for what belongs to no register (raw messages, shared directories). */
  readonly register: string | null;
  /** Organization id of the owning department or sender; null = shared by all (units, questionnaires, value sets). */
  readonly unit: string | null;
  /** EpisodeOfCare id that the row belongs to. */
  readonly episode: string | null;
  /** Visible to national users, indicators and exports. */
  readonly national: boolean;
}

/** Index rows of one resource, made by search/indexer.ts (pure). Times are ISO instants; hashes are bigint as text. */
export interface IndexEntry {
  readonly hot: HotColumns;
  readonly tokens: readonly { readonly param: number; readonly h: string; readonly hv: string | null }[];
  readonly dates: readonly { readonly param: number; readonly lo: string; readonly hi: string }[];
  readonly texts: readonly { readonly param: number; readonly val: string; readonly exact: string }[];
  readonly numbers: readonly {
    readonly param: number;
    readonly lo: number;
    readonly hi: number;
    readonly unit: string | null;
  }[];
}

/** Single-valued search values that live in the main row. */
export interface HotColumns {
  readonly patient: string | null;
  readonly org: string | null;
  readonly canon: string | null;
  readonly status: string | null;
  readonly dLo: string | null;
  readonly dHi: string | null;
}

/** A current version as stored. `content` is the resource's JSON text with references in
 * place of direct identifiers (`reveal` gives the whole text), or null when the version is a deletion. */
export interface Row {
  readonly type: string;
  readonly id: string;
  readonly versionId: number;
  readonly lastUpdated: string;
  readonly rid: string;
  readonly content: string | null;
  readonly labels: Labels;
}

/** One version to store. `previous` is the locked current row of an update or delete. */
export interface Write {
  readonly type: string;
  readonly id: string;
  readonly versionId: number;
  readonly lastUpdated: string;
  readonly content: string | null;
  readonly labels: Labels;
  readonly index: IndexEntry | null;
  /** hash64('system|value') of identifiers that may exist once per type. */
  readonly uniqueKeys: readonly string[];
  readonly previous: Row | null;
  readonly op: 'C' | 'U' | 'D';
}

/** One entry of a history bundle. */
export interface HistoryRow {
  readonly type: string;
  readonly id: string;
  readonly versionId: number;
  readonly lastUpdated: string;
  readonly op: 'C' | 'U' | 'D';
  readonly content: string | null;
  /** Position of this entry, for `HistoryQuery.cursor` of the next page. */
  readonly cursor: string;
}

export interface TypeAndId {
  readonly type: string;
  readonly id: string;
}

/** A parameterised SQL text, as built by search/print.ts and access filters. */
export interface Sql {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Makes it a prepared statement: for texts that run all the time and whose plan does not depend on the values. */
  readonly name?: string;
}

export interface HistoryQuery {
  readonly type?: string;
  readonly id?: string;
  /** Versions made at or after this instant. */
  readonly since?: string;
  /** Versions that were current at this instant. */
  readonly at?: string;
  readonly count: number;
  /** Opaque position after which to go on. */
  readonly cursor?: string;
  /** Restricts to rows whose *current* version satisfies it; refers to the resource row as `r`. */
  readonly filter?: Sql;
}

/** Reads and writes inside one database transaction, or reads outside of any. */
export interface StoreSession {
  /** Current row (also when deleted); undefined when the id was never used. */
  read(key: TypeAndId): Promise<Row | undefined>;
  /** Current rows of many ids in one statement, in any order; unknown ids are left out. */
  readMany(keys: readonly TypeAndId[]): Promise<readonly Row[]>;
  readVersion(key: TypeAndId, versionId: number): Promise<HistoryRow | undefined>;
  history(query: HistoryQuery): Promise<readonly HistoryRow[]>;
  /** Run a search statement; each output row is passed through untouched. */
  query<T extends object>(sql: Sql): Promise<readonly T[]>;
  /** References of direct identifiers that are stored (fhir/direct-identifiers.ts); unknown ones are left out. */
  findDirect(values: readonly DirectValue[]): Promise<ReadonlyMap<DirectValue, string>>;
  /** The same for a prepared look-up by key, which takes well under a millisecond: many share a connection. */
  lookUp<T extends object>(sql: Sql): Promise<readonly T[]>;
}

/** Outside of any transaction. */
export interface StoreReader extends StoreSession {
  /** Stream the raw contents of a query's first column (JSON texts) in a repeatable-read snapshot. */
  stream(sql: Sql): AsyncIterable<string>;
}

/** Inside a write transaction. */
export interface StoreTransaction extends StoreSession {
  /** Lock and read the rows that will be updated or deleted, in a fixed order so that writers do not deadlock. */
  lockMany(keys: readonly TypeAndId[]): Promise<readonly Row[]>;
  /** Advisory lock on a text until the transaction ends (conditional creates on arbitrary criteria). */
  lockText(text: string): Promise<void>;
  /** Owners of unique identifier keys: key → type/id. One statement for all keys. */
  findUnique(type: string, keys: readonly string[]): Promise<ReadonlyMap<string, TypeAndId>>;
  /**
   * Store all versions with their index rows and history: a fixed number of statements whatever the number of writes.
   * New resources are only sent: the transaction throws `DuplicateKey` at its end when an id or a unique identifier is
   * taken by a concurrent writer. With a scope the database takes rows of that scope alone (42501 for a new one).
   */
  write(writes: readonly Write[], scope?: WriteAccess): Promise<void>;
  /** The same transaction as a caller sees it, for what the caller asks; without it, it sees what the server sees. */
  as(access: RowAccess): StoreSession;
  /** The same as the store's. */
  reveal: ResourceStore['reveal'];
  /** References of direct identifiers; those that are new exist when this transaction commits. */
  keepDirect(values: readonly DirectValue[]): Promise<ReadonlyMap<DirectValue, string>>;
  /** Run a statement whose answer nobody waits for; the transaction fails with it. */
  send(sql: Sql): void;
  /** Change labels of rows without making a new version: episodes move between local and national store, at that time. */
  relabel(episodes: readonly string[], national: boolean, at: Date): Promise<number>;
  /** Put a job into the queue; it exists only if this transaction commits. */
  enqueue(
    task: string,
    payload: object,
    options?: { jobKey?: string; queue?: string; runAt?: Date },
  ): Promise<void>;
}

export interface ResourceStore {
  /** Reads for nobody: what lies beside the resources. It sees no row of a person. */
  readonly session: StoreSession;
  /** Reads for somebody. The one place where it is said for whom (RL-02). */
  as(access: RowAccess): StoreReader;
  /** Run `work` in one transaction, as the server; retries it on serialisation failures and deadlocks (so it must be repeatable). */
  transaction<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>;
  /** Contents with their direct identifiers in place: one look-up for all, and none for contents that have none. */
  reveal(contents: readonly string[]): Promise<readonly string[]>;
  /** Be told after each commit of this process that left events in the outbox (storage/outbox.ts). */
  onEvents(listener: () => void): void;
}

/** A unique key was taken by someone else. */
export class DuplicateKey extends Error {
  /** 'id' when (type, id) exists already, 'identifier' when a unique identifier does. */
  readonly what: 'id' | 'identifier';
  constructor(what: 'id' | 'identifier', options?: ErrorOptions) {
    super(`Duplicate ${what}`, options);
    this.name = 'DuplicateKey';
    this.what = what;
  }
}
