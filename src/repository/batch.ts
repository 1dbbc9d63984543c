/**
 * The state of one write while it passes the steps: the pending operations, what rules added, what happens after storing.
 */
import { accessOf } from '../access/filter.ts';
import type { Principal } from '../access/principal.ts';
import { FhirError, error } from '../fhir/outcome.ts';
import type { JsonObject } from '../fhir/types.ts';
import { parseJson } from '../fhir/json.ts';
import type { Labels, Row, Sql, StoreSession, StoreTransaction, TypeAndId } from '../storage/store.ts';
import { type RowRecord, toRow } from '../storage/row.ts';
import type { ListEntry } from '../storage/pathway-list.ts';
import { rowsOfEpisodeSql } from './rows.ts';
import type { Message } from './message.ts';
import type { Operation, Pending } from './operation.ts';
import type { DerivedWrite, EpisodeRow, WriteScope } from './rules.ts';
import type { Visit } from './visit.ts';

export interface BatchContext {
  readonly tx: StoreTransaction;
  readonly principal: Principal;
  readonly now: Date;
  readonly requestId: string;
  /** Name of the request in the audit trail. */
  readonly interaction: string;
  /** What the request has been shown so far, for the event of this write. */
  readonly visit?: Visit;
  readonly purpose?: string;
  readonly newId: () => string;
  readonly message?: Message;
}

export const NO_LABELS: Labels = { register: null, unit: null, episode: null, national: false };

/** Mutable by the steps of repository/steps.ts alone; rules see it as `WriteScope`. */
export class WriteBatch implements WriteScope {
  readonly context: BatchContext;
  readonly relabels = new Map<string, boolean>();
  readonly listed = new Map<string, ListEntry | undefined>();
  readonly jobs: { task: string; payload: object; options?: { jobKey?: string; runAt?: Date } }[] = [];
  private entries: readonly Pending[];
  private caller: StoreSession | undefined;
  private readonly readOnce = new Map<string, Promise<Row | undefined>>();
  private readonly rowsByEpisode = new Map<string, Promise<readonly Row[]>>();
  private time: Date;

  constructor(context: BatchContext, operations: readonly Operation[]) {
    this.context = context;
    this.time = context.now;
    this.entries = operations.map(asPending);
  }

  get principal(): Principal {
    return this.context.principal;
  }

  /** When the write happens; once its versions are made, the time that they have. */
  get now(): Date {
    return this.time;
  }

  /** Its versions are made now, of rows that another writer may have held until a moment ago: never before those. */
  follow(now: Date, rows: readonly Row[]): void {
    const times = rows.map(({ lastUpdated }) => Date.parse(lastUpdated));
    this.time = new Date(Math.max(now.getTime(), ...times));
  }

  get message(): Message | undefined {
    return this.context.message;
  }

  /** The transaction as the caller sees it: for conditions, references and whatever else the caller asks. */
  get own(): StoreSession {
    this.caller ??= this.context.tx.as(accessOf(this.context.principal));
    return this.caller;
  }

  newId(): string {
    return this.context.newId();
  }

  pending(): readonly Pending[] {
    return this.entries;
  }

  /** Replace all entries (steps). */
  set(entries: readonly Pending[]): void {
    this.entries = entries;
  }

  replace(pending: Pending, change: { resource?: JsonObject; labels?: Labels }): void {
    this.entries = this.entries.map((entry) => (entry === pending ? { ...entry, ...change } : entry));
  }

  add(write: DerivedWrite): void {
    const earlier = this.entries.find((entry) => entry.type === write.type && entry.id === write.id);
    if (earlier !== undefined && earlier.effect !== 'matched') {
      this.entries = this.entries.map((entry) => (entry === earlier ? merged(earlier, write) : entry));
      return;
    }
    this.entries = [...this.entries, derived(write)];
  }

  relabel(episode: string, national: boolean): void {
    this.relabels.set(episode, national);
  }

  /** The pathways whose rows are to be moved. What is made now is local already. */
  moved(national: boolean): readonly string[] {
    return [...this.relabels]
      .filter(([episode, to]) => to === national && !(to === false && this.isNew('EpisodeOfCare', episode)))
      .map(([episode]) => episode);
  }

  list(episode: string, entry: ListEntry | undefined): void {
    this.listed.set(episode, entry);
  }

  enqueue(task: string, payload: object, options?: { jobKey?: string; runAt?: Date }): void {
    this.jobs.push(options === undefined ? { task, payload } : { task, payload, options });
  }

  async get(key: TypeAndId): Promise<JsonObject | undefined> {
    const entry = this.entries.find(({ type, id }) => type === key.type && id === key.id);
    if (entry !== undefined && entry.effect !== 'matched') {
      return entry.effect === 'deleted' ? undefined : entry.resource;
    }
    const name = `${key.type}/${key.id}`;
    const row = this.readOnce.get(name) ?? this.context.tx.read(key);
    this.readOnce.set(name, row);
    const { content } = (await row) ?? {};
    return content == null ? undefined : (parseJson(content) as JsonObject);
  }

  /** Is it made by this write, with an id that this write gave it? */
  private isNew(type: string, id: string): boolean {
    const entry = this.entries.find((one) => one.type === type && one.id === id);
    return entry?.effect === 'created' && entry.operation.kind === 'create' && entry.previous === undefined;
  }

  query<T extends object>(sql: Sql): Promise<readonly T[]> {
    return this.context.tx.query<T>(sql);
  }

  async rowsOfEpisode(episode: string): Promise<readonly EpisodeRow[]> {
    const stored = await this.storedRowsOf(episode);
    const pending = this.entries.filter((entry) => entry.labels?.episode === episode);
    const touched = new Set(pending.map(({ type, id }) => `${type}/${id}`));
    const untouched = stored.filter(({ type, id }) => !touched.has(`${type}/${id}`));
    return [
      ...untouched.map((row) => ({
        type: row.type,
        id: row.id,
        resource: parseJson(row.content ?? '{}') as JsonObject,
        row,
      })),
      ...pending.flatMap(toEpisodeRow),
    ];
  }

  /** Read once, however many rules ask. */
  private storedRowsOf(episode: string): Promise<readonly Row[]> {
    const known = this.rowsByEpisode.get(episode);
    const rows = known ?? this.readEpisode(episode);
    this.rowsByEpisode.set(episode, rows);
    return rows;
  }

  /**
   * What follows from a pathway's rows (its end, what is sent, its line in the lists) follows from all of them: whoever else is
   * writing to the pathway is waited for, and what they wrote is seen.
   */
  private async readEpisode(episode: string): Promise<readonly Row[]> {
    const { tx } = this.context;
    if (this.isNew('EpisodeOfCare', episode)) {
      return []; // it got its id in this write: nobody else knows of it
    }
    await tx.lockText(`pathway|${episode}`);
    return (await tx.query<RowRecord>(rowsOfEpisodeSql(episode))).map(toRow);
  }
}

function toEpisodeRow({ type, id, effect, resource, previous }: Pending): readonly EpisodeRow[] {
  if (effect === 'deleted' || resource === undefined) {
    return [];
  }
  return [previous === undefined ? { type, id, resource } : { type, id, resource, row: previous }];
}

function asPending(operation: Operation): Pending {
  const given = 'labels' in operation ? operation.labels : undefined;
  const base = { operation, type: operation.type, id: '', ...(given !== undefined && { labels: given }) };
  if (operation.kind === 'delete') {
    return { ...base, id: operation.id ?? '', effect: 'deleted' };
  }
  if (operation.kind === 'patch') {
    // its resource is made when the current version is locked
    return { ...base, id: operation.id ?? '', effect: 'updated' };
  }
  const { resource } = operation;
  return operation.kind === 'create'
    ? { ...base, effect: 'created', resource }
    : { ...base, id: operation.id ?? '', effect: 'updated', resource };
}

function derived(write: DerivedWrite): Pending {
  const { kind, type, id, resource, labels, previous } = write;
  const known = previous === undefined ? {} : { previous };
  if (kind === 'delete') {
    return { operation: { kind, type, id }, type, id, effect: 'deleted', labels, derived: true, ...known };
  }
  if (resource === undefined) {
    throw new FhirError(500, error('exception', `A rule wrote ${type} without a resource.`));
  }
  return {
    operation: kind === 'create' ? { kind, type, resource, labels } : { kind, type, id, resource, labels },
    type,
    id,
    effect: kind === 'create' ? 'created' : 'updated',
    resource,
    labels,
    derived: true,
    ...known,
  };
}

/** A rule changes what is pending already: the later content wins, the effect stays. */
function merged(earlier: Pending, { kind, resource, labels }: DerivedWrite): Pending {
  if (kind === 'delete' || resource === undefined) {
    return { ...earlier, effect: 'deleted', labels };
  }
  // what the caller sent is as it was; what the rule makes of it is not
  const effect = earlier.effect === 'unchanged' ? 'updated' : earlier.effect;
  return { ...earlier, effect, resource, labels };
}
