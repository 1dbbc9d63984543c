/**
 * A new key for direct identifiers, while servers read and write (ID-01). From the moment it is active everything new is
 * written with it, and values are looked up with both keys; then every row is made anew, batch after batch. References stay
 * as they are, so that no resource, no index and no history is touched. An interrupted rotation is taken up where it was.
 */
import type { Db, Queryable } from './db.ts';
import { cellOf, type IdentifierRow } from './direct-identifiers.ts';
import { type KeyRing, openKeyRing, readVersions } from './key-ring.ts';
import type { KeySource } from './key-source.ts';
import { createSealer, type MasterKey } from './sealing.ts';

export interface Rotation {
  readonly version: number;
  readonly done: number;
  readonly total: number;
}

const BATCH = 500;

/** Make a key the active one, and every row anew with it. Answers what was done. Throws `keys` when one is missing. */
export async function rotateKeys(
  db: Db,
  source: KeySource,
  report: (rotation: Rotation) => void = () => undefined,
): Promise<Rotation> {
  await openKeyRing(db, source);
  if (!(await isUnderWay(db))) {
    await activate(db, await nextKey(db, source));
  }
  const ring = await openKeyRing(db, source);
  const { version } = ring.active;
  const total = await countOld(db, version);
  let done = 0;
  for (let count = -1; count !== 0; done += count) {
    count = await db.tx((tx) => renewBatch(tx, ring));
    report({ version, done: done + count, total });
  }
  await db.query({ text: `update identifier_key_version set state = 'retired' where state = 'retiring'` });
  return { version, done, total };
}

const isUnderWay = async (db: Queryable): Promise<boolean> =>
  (await readVersions(db)).some(({ state }) => state === 'retiring');

/** One that was made before and copied to every server, or a new one. */
async function nextKey(db: Queryable, source: KeySource): Promise<MasterKey> {
  const known = Math.max(...(await readVersions(db)).map(({ version }) => version));
  const waiting = (await source.load()).find(({ version }) => version > known);
  return waiting ?? (await source.add());
}

/** Writers under way are waited for: none of them stores with the old key what another one stores with the new. */
async function activate(db: Db, key: MasterKey): Promise<void> {
  const { version, proof } = createSealer(key);
  await db.tx(async (tx) => {
    await tx.query({ text: 'lock table direct_identifier in share row exclusive mode' });
    await tx.query({ text: `update identifier_key_version set state = 'retiring' where state = 'active'` });
    await tx.query({
      text: `insert into identifier_key_version (version, proof, state) values ($1, $2, 'active')`,
      values: [version, proof],
    });
  });
}

async function countOld(db: Queryable, version: number): Promise<number> {
  const [row] = await db.query<{ n: number }>({
    text: 'select count(*)::int as n from direct_identifier where key_version < $1',
    values: [version],
  });
  return row?.n ?? 0;
}

async function renewBatch(tx: Queryable, ring: KeyRing): Promise<number> {
  const { active } = ring;
  const rows = await tx.query<IdentifierRow>({
    text: `select ref, key_version as version, cipher from direct_identifier
      where key_version < $1 order by key_version, ref limit ${BATCH} for update`,
    values: [active.version],
  });
  const renewed = rows.map(({ ref, version, cipher }) => {
    const value = ring.of(version).open(cipher, cellOf(ref));
    const hex = (bytes: Buffer): string => bytes.toString('hex');
    return { ref, lookup: hex(active.lookup(value)), cipher: hex(active.seal(value, cellOf(ref))) };
  });
  await tx.query({
    text: `update direct_identifier d
      set lookup = decode(x.lookup, 'hex'), cipher = decode(x.cipher, 'hex'), key_version = $2
      from json_to_recordset($1) x (ref text, lookup text, cipher text)
      where d.ref = x.ref`,
    values: [JSON.stringify(renewed), active.version],
  });
  return rows.length;
}
