/**
 * Storing versions: one statement for new resources, one for new versions of known ones, whatever their number.
 * The rows travel as JSON documents, one parameter per table, so there is no limit on their number either.
 */
import { hash32, hash64 } from '../fhir/id.ts';
import { typeCode } from '../fhir/resource-types.ts';
import type { Asking } from './db.ts';
import { errorCode } from './errors.ts';
import type { PlacedRow } from './row.ts';
import type { RowNumbers } from './row-numbers.ts';
import { DuplicateKey, type IndexEntry, type Write } from './store.ts';
import { CREATE, UPDATE } from './write-statements.ts';

/** See `StoreTransaction.write`. `onEvents` is told how many of the versions became events of the outbox. */
export async function writeVersions(
  client: Asking,
  numbers: RowNumbers,
  writes: readonly Write[],
  onEvents: (count: number) => void,
): Promise<void> {
  const sorted = inFixedOrder(writes);
  const creates = sorted.filter(({ previous }) => previous === null);
  const updates = sorted.filter(({ previous }) => previous !== null);
  if (updates.length > 0) {
    onEvents(
      await update(client, updates).catch((error: unknown) => {
        throw takenKey(error);
      }),
    );
  }
  if (creates.length > 0) {
    const rids = await numbers.take(client, creates.length);
    const given = new Map(
      writes.filter(({ previous }) => previous === null).map((write, at) => [write, rids[at] ?? '']),
    ); // rows are numbered in the order in which they were given: lists and dumps keep it
    const own = creates.map((write) => given.get(write) ?? '');
    client.send<{ events: number }>(
      { name: 'create', text: CREATE, values: parameters(creates, own) },
      ([result]) => {
        onEvents(result?.events ?? 0);
      },
    );
  }
}

/** All writers take locks in the same order, so that they wait for each other instead of deadlocking. */
function inFixedOrder(writes: readonly Write[]): readonly Write[] {
  const sorted = writes.toSorted((a, b) => compare(a.type, b.type) || compare(a.id, b.id));
  const twice = sorted.find(
    ({ type, id }, index) => sorted[index + 1]?.type === type && sorted[index + 1]?.id === id,
  );
  if (twice !== undefined) {
    throw new Error(`${twice.type}/${twice.id} is written twice at once`);
  }
  return sorted;
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

/** Another writer stored a version since the row was read; the transaction is run again (code of a serialisation failure). */
class RowChanged extends Error {
  readonly code = '40001';
}

async function update(client: Asking, updates: readonly Write[]): Promise<number> {
  const rids = updates.map(({ previous }) => (previous as PlacedRow).rid);
  const [result] = await client.query<{ count: number; events: number }>({
    name: 'update',
    text: UPDATE,
    values: parameters(updates, rids),
  });
  if (result?.count !== updates.length) {
    throw new RowChanged(
      `${updates.length - (result?.count ?? 0)} of ${updates.length} rows changed since they were read`,
    );
  }
  return result.events;
}

/** What a unique key that is taken means: someone else made the id or the person, or the next version, first. */
export function takenKey(error: unknown): unknown {
  if (errorCode(error) !== '23505') {
    return error;
  }
  const { constraint } = error as { constraint?: string };
  if (constraint === 'history_pkey') {
    return new RowChanged('A row changed since it was read', { cause: error });
  }
  return new DuplicateKey(constraint === 'identifier_key_pkey' ? 'identifier' : 'id', { cause: error });
}

/** The JSON documents of write-statements.ts, in the order of its parameters. */
function parameters(writes: readonly Write[], rids: readonly string[]): readonly string[] {
  const placed = writes.map((write, index) => place(write, rids[index] as string));
  const each = <T extends object>(rows: (index: IndexEntry) => readonly T[]): string =>
    JSON.stringify(
      placed.flatMap(({ key, write }) =>
        (write.index === null ? [] : rows(write.index)).map((row) => ({ ...key, ...row })),
      ),
    );
  return [
    JSON.stringify(placed.map(resourceRow)),
    JSON.stringify(placed.flatMap(({ key, write }) => write.uniqueKeys.map((h) => ({ ...key, h })))),
    each(({ tokens, hot }) => tokens.map((row) => ({ ...row, d: hot.dLo }))),
    each(({ dates }) => dates),
    each(({ texts }) => texts),
    each(({ numbers }) => numbers),
  ];
}

interface Placed {
  readonly key: { readonly cmp: number | null; readonly type: number; readonly rid: string };
  readonly write: Write;
}

function place(write: Write, rid: string): Placed {
  const type = typeCode(write.type);
  if (type === undefined) {
    throw new Error(`${write.type} is not a resource type`);
  }
  return { key: { cmp: distribution(write), type, rid }, write };
}

/** Rows of one patient lie together. The key never changes: an update has the one that its row was created with. */
function distribution({ type, id, index, previous }: Write): number | null {
  if (previous !== null) {
    return (previous as Partial<PlacedRow>).cmp ?? null;
  }
  const patient = index?.hot.patient ?? (type === 'Patient' ? id : null);
  return hash32(patient === null ? `${type}/${id}` : `Patient/${patient}`);
}

function resourceRow({ key, write }: Placed): object {
  const { labels, index } = write;
  return {
    ...key,
    id: write.id,
    ver: write.versionId,
    prev: write.previous?.versionId,
    lu: write.lastUpdated,
    op: write.op,
    ihash: index === null ? null : indexHash(index),
    natl: labels.national,
    reg: labels.register,
    unit: labels.unit,
    episode: labels.episode,
    patient: index?.hot.patient,
    org: index?.hot.org,
    canon: index?.hot.canon,
    status: index?.hot.status,
    d_lo: index?.hot.dLo,
    d_hi: index?.hot.dHi,
    content: write.content,
  };
}

export const indexHash = ({ hot, tokens, dates, texts, numbers }: IndexEntry): string =>
  hash64(JSON.stringify([hot.dLo, tokens, dates, texts, numbers]));
