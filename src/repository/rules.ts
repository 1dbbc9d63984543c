/**
 * Where a register takes part in a write: the port that registry/ implements and app.ts wires.
 * Rules run inside the transaction, after targets are resolved and before validation, so that what they add is
 * validated, indexed, stored and audited like everything else, or not at all.
 */
import type { Principal } from '../access/principal.ts';
import type { JsonObject } from '../fhir/types.ts';
import type { Issue } from '../fhir/outcome.ts';
import type { Labels, Row, Sql, TypeAndId } from '../storage/store.ts';
import type { ListEntry } from '../storage/pathway-list.ts';
import type { Message } from './message.ts';
import type { Pending } from './operation.ts';

/** The write as rules see it. */
export interface WriteScope {
  readonly principal: Principal;
  readonly now: Date;
  /** What a system has sent, of which this is the write. */
  readonly message: Message | undefined;
  newId(): string;
  /** All writes so far, also those that rules have added. */
  pending(): readonly Pending[];
  /** The resource as it will be after this write: from the batch, else current, else undefined. Sees all rows. */
  get(key: TypeAndId): Promise<JsonObject | undefined>;
  query<T extends object>(sql: Sql): Promise<readonly T[]>;
  /** Current rows of an episode, with the writes of this batch laid over them. */
  rowsOfEpisode(episode: string): Promise<readonly EpisodeRow[]>;
  /** Replace the resource and labels of a pending write. */
  replace(pending: Pending, change: { resource?: JsonObject; labels?: Labels }): void;
  /** Add a write that the caller did not ask for. */
  add(write: DerivedWrite): void;
  /** After storing: move the episode's locked rows in or out of the national store. */
  relabel(episode: string, national: boolean): void;
  /** After storing: how a pathway stands in the work lists; undefined takes it out of them. */
  list(episode: string, entry: ListEntry | undefined): void;
  /** Put a job into the queue if the transaction commits. */
  enqueue(task: string, payload: object, options?: { jobKey?: string; runAt?: Date }): void;
}

export interface EpisodeRow {
  readonly type: string;
  readonly id: string;
  readonly resource: JsonObject;
  readonly row?: Row;
}

export interface DerivedWrite {
  readonly kind: 'create' | 'update' | 'delete';
  readonly type: string;
  readonly id: string;
  readonly resource?: JsonObject;
  readonly labels: Labels;
  /** The current row of an update or delete. */
  readonly previous?: Row;
}

/**
 * One rule. Throws FhirError to refuse the whole write; returns issues to be reported together with the validator's.
 */
export interface WriteRule {
  readonly name: string;
  apply(scope: WriteScope): Promise<readonly Issue[]>;
}
