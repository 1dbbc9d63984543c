/**
 * The keys that the database's rows need, in memory. What the database says of key versions is compared with the keys at
 * hand at start: a server without the right ones must not serve, since it would take known persons for new ones.
 */
import type { Queryable } from './db.ts';
import { StorageError } from './errors.ts';
import type { KeySource } from './key-source.ts';
import { createSealer, type Sealer } from './sealing.ts';

export interface KeyRing {
  /** What new values are written with. */
  readonly active: Sealer;
  /** All whose lookups rows may have: two while keys are being rotated. The active one first. */
  readonly inUse: readonly Sealer[];
  /** Throws `keys` for a version that is not at hand. */
  of(version: number): Sealer;
}

export interface VersionRow {
  readonly version: number;
  readonly proof: Buffer;
  readonly state: 'active' | 'retiring' | 'retired';
}

export const readVersions = (db: Queryable): Promise<readonly VersionRow[]> =>
  db.query<VersionRow>({ text: 'select version, proof, state from identifier_key_version order by version' });

/** The ring for this database; the first key of a new database is made now. Throws `keys` with what to do. */
export async function openKeyRing(db: Queryable, source: KeySource): Promise<KeyRing> {
  const found = await readVersions(db);
  return found.length === 0 ? await firstRing(db, source) : await ringOf(found, source);
}

async function firstRing(db: Queryable, source: KeySource): Promise<KeyRing> {
  const [known] = (await source.load()).toReversed();
  const first = createSealer(known ?? (await source.add()));
  await db.query({
    text: `insert into identifier_key_version (version, proof, state) values ($1, $2, 'active') on conflict do nothing`,
    values: [first.version, first.proof],
  });
  return await ringOf(await readVersions(db), source); // of another server, when it was first
}

async function ringOf(rows: readonly VersionRow[], source: KeySource): Promise<KeyRing> {
  const keys = new Map((await source.load()).map((key) => [key.version, createSealer(key)]));
  const needed = rows.filter(({ state }) => state !== 'retired');
  for (const { version, proof } of needed) {
    requireKey(keys.get(version), version, proof, source.place);
  }
  const inUse = needed
    .toSorted((a, b) => Number(b.state === 'active') - Number(a.state === 'active') || b.version - a.version)
    .flatMap(({ version }) => keys.get(version) ?? []);
  return {
    active: inUse[0] as Sealer,
    inUse,
    of(version) {
      const sealer = keys.get(version);
      if (sealer === undefined) {
        throw missing(version, source.place);
      }
      return sealer;
    },
  };
}

function requireKey(sealer: Sealer | undefined, version: number, proof: Buffer, place: string): void {
  if (sealer === undefined) {
    throw missing(version, place);
  }
  if (!sealer.proof.equals(proof)) {
    throw new StorageError(
      'keys',
      `Key ${version} in ${place} is not the one that this database's national identity numbers were encrypted with. ` +
        `Put back the key file that belongs to this database (IDENTIFIER_KEYS_FILE).`,
    );
  }
}

const missing = (version: number, place: string): StorageError =>
  new StorageError(
    'keys',
    `This database's national identity numbers are encrypted with key ${version}, which is not in ${place}. ` +
      `Put back the key file that belongs to this database (IDENTIFIER_KEYS_FILE); without it they cannot be read.`,
  );
