/**
 * The table of direct identifiers: value → reference for what is written and searched, reference → value for what is read.
 */
import { randomFillSync } from 'node:crypto';
import { type DirectValue, mayHaveMark, refsIn, withoutMarks } from '../fhir/direct-identifiers.ts';
import type { Queryable } from './db.ts';
import { StorageError } from './errors.ts';
import { type KeyRing, openKeyRing } from './key-ring.ts';
import type { KeySource } from './key-source.ts';
import { createRecent } from './recent.ts';
import { type Sealer, SealBroken } from './sealing.ts';

export interface DirectIdentifiers {
  /** Load and check the keys now instead of at first use. Throws `keys`. */
  open(): Promise<void>;
  /** References of values that are known; others are left out. */
  find(values: readonly DirectValue[], within?: Queryable): Promise<ReadonlyMap<DirectValue, string>>;
  /** References of all values; those that are new are stored, in the caller's transaction. */
  keep(tx: Queryable, values: readonly DirectValue[]): Promise<ReadonlyMap<DirectValue, string>>;
  /** JSON texts with their values in place: one look-up for all. Throws `identifiers` when one is gone or was changed. */
  reveal(contents: readonly string[], within?: Queryable): Promise<readonly string[]>;
}

/** Where a value's cipher belongs. */
export const cellOf = (ref: string): string => `direct_identifier|cipher|${ref}`;

/** Values of persons that were met last; files are too large to be kept. */
const KEPT = 5000;
const ATTEMPTS = 5;

/** Keys are loaded at first use, and again when the database has a version that is not among them. */
export function createDirectIdentifiers(
  db: Queryable & { readonly lane: Queryable },
  source: KeySource,
): DirectIdentifiers {
  let opening: Promise<KeyRing> | undefined;
  const ring = (): Promise<KeyRing> => {
    opening ??= openKeyRing(db.lane, source).catch((cause: unknown) => {
      opening = undefined;
      throw cause;
    });
    return opening;
  };
  const reopened = (): Promise<KeyRing> => {
    opening = undefined;
    return ring();
  };
  const refs = createRecent<DirectValue, string>(KEPT);
  const values = createRecent<string, DirectValue>(KEPT);
  const remember = (value: DirectValue, ref: string): void => {
    if (!value.startsWith('f|')) {
      refs.set(value, ref);
      values.set(ref, value);
    }
  };

  async function find(
    asked: readonly DirectValue[],
    within: Queryable = db.lane,
  ): Promise<ReadonlyMap<DirectValue, string>> {
    const { known, unknown } = split(asked, refs);
    if (unknown.length > 0) {
      const found = await findIn(within, unknown, await ring(), reopened);
      found.forEach((ref, value) => {
        known.set(value, ref);
        remember(value, ref);
      });
    }
    return known;
  }

  return {
    open: async () => void (await ring()),
    find,
    async keep(tx, asked) {
      const { known, unknown } = split(asked, refs);
      if (unknown.length > 0) {
        const kept = await keepIn(tx, unknown, await ring(), reopened);
        kept.forEach(({ ref, isNew }, value) => {
          known.set(value, ref);
          if (isNew) {
            // a transaction that fails leaves no row: only its own answer may need the value
            values.set(ref, value);
          } else {
            remember(value, ref);
          }
        });
      }
      return known;
    },
    async reveal(contents, within = db.lane) {
      const marked = contents.filter(mayHaveMark);
      if (marked.length === 0) {
        return contents;
      }
      const { known, unknown } = split([...new Set(marked.flatMap(refsIn))], values);
      if (unknown.length > 0) {
        const read = await readValues(within, unknown, await ring(), reopened);
        read.forEach((value, ref) => {
          known.set(ref, value);
          remember(value, ref);
        });
      }
      return contents.map((text) =>
        mayHaveMark(text) ? withoutMarks(text, (ref) => known.get(ref) as string) : text,
      );
    },
  };
}

function split<K, V>(
  asked: readonly K[],
  kept: { get(key: K): V | undefined },
): { readonly known: Map<K, V>; readonly unknown: readonly K[] } {
  const known = new Map<K, V>();
  const unknown = asked.filter((key) => {
    const value = kept.get(key);
    if (value !== undefined) {
      known.set(key, value);
    }
    return value === undefined;
  });
  return { known, unknown };
}

type Reopen = () => Promise<KeyRing>;

const lookupsOf = (value: DirectValue, { inUse }: KeyRing): readonly string[] =>
  inUse.map((sealer) => sealer.lookup(value).toString('hex'));

/** One index look-up for each; the newest key version comes along, so that nobody asks with old keys alone. */
const FIND = `select k.n, d.ref, (select version from identifier_key_version where state = 'active') as active
  from json_to_recordset($1) k (n int, lookup text)
  left join lateral (
    select ref from direct_identifier d where d.lookup = decode(k.lookup, 'hex') offset 0
  ) d on true`;

async function findIn(
  db: Queryable,
  asked: readonly DirectValue[],
  ring: KeyRing,
  reopen: Reopen,
): Promise<ReadonlyMap<DirectValue, string>> {
  const rows = await db.query<{ n: number; ref: string | null; active: number }>({
    name: 'direct_find',
    text: FIND,
    values: [
      JSON.stringify(asked.flatMap((value, n) => lookupsOf(value, ring).map((lookup) => ({ n, lookup })))),
    ],
  });
  const found = new Map(
    rows.flatMap(({ n, ref }) => (ref === null ? [] : [[asked[n] as string, ref] as const])),
  );
  return rows[0] !== undefined && rows[0].active !== ring.active.version && found.size < asked.length
    ? findIn(db, asked, await reopen(), reopen)
    : found;
}

interface Kept {
  readonly ref: string;
  readonly isNew: boolean;
}

/**
 * In the order of their lookups, so that two writers of the same persons wait for each other instead of deadlocking. A value
 * that another writer stored at the same moment is in neither list: it is found when the statement is run again. Nothing is
 * stored with keys that are not the active ones.
 */
const KEEP = `with k as materialized (
  select n, ref, decode(lookup, 'hex') as lookup, other, version, decode(cipher, 'hex') as cipher
  from json_to_recordset($1) x (n int, ref text, lookup text, other text, version int, cipher text)
),
known as materialized (
  select k.n, d.ref
  from (select n, lookup from k union all select n, decode(other, 'hex') from k where other is not null) k
  cross join lateral (
    select ref from direct_identifier d where d.lookup = k.lookup offset 0
  ) d
),
made as (
  insert into direct_identifier (ref, lookup, key_version, cipher)
  select ref, lookup, version, cipher
  from k
  where not exists (select from known where known.n = k.n)
    and version = (select version from identifier_key_version where state = 'active')
  order by lookup
  on conflict (lookup) do nothing
  returning ref
)
select n, ref, false as new from known
union all
select k.n, k.ref, true from made join k on k.ref = made.ref`;

async function keepIn(
  tx: Queryable,
  asked: readonly DirectValue[],
  ring: KeyRing,
  reopen: Reopen,
  attempt = 1,
): Promise<ReadonlyMap<DirectValue, Kept>> {
  const rows = await tx.query<{ n: number; ref: string; new: boolean }>({
    name: 'direct_keep',
    text: KEEP,
    values: [JSON.stringify(asked.map((value, n) => newRow(value, n, ring)))],
  });
  const kept = new Map(rows.map(({ n, ref, new: isNew }) => [asked[n] as string, { ref, isNew }]));
  const left = asked.filter((value) => !kept.has(value));
  if (left.length === 0) {
    return kept;
  }
  if (attempt === ATTEMPTS) {
    throw new StorageError(
      'unavailable',
      'National identity numbers could not be stored: the keys are being changed.',
    );
  }
  return new Map([...kept, ...(await keepIn(tx, left, await reopen(), reopen, attempt + 1))]);
}

function newRow(value: DirectValue, n: number, ring: KeyRing): object {
  const ref = newRef();
  const [lookup, other] = lookupsOf(value, ring);
  return {
    n,
    ref,
    lookup,
    other,
    version: ring.active.version,
    cipher: ring.active.seal(value, cellOf(ref)).toString('hex'),
  };
}

/** 128 random bits in 22 letters. */
const newRef = (): string => randomFillSync(Buffer.alloc(16)).toString('base64url');

export interface IdentifierRow {
  readonly ref: string;
  readonly version: number;
  readonly cipher: Buffer;
}

async function readValues(
  db: Queryable,
  asked: readonly string[],
  ring: KeyRing,
  reopen: Reopen,
): Promise<ReadonlyMap<string, DirectValue>> {
  const rows = await db.query<IdentifierRow>({
    name: 'direct_read',
    text: `select d.ref, d.key_version as version, d.cipher
      from json_array_elements_text($1) k (ref)
      cross join lateral (select * from direct_identifier d where d.ref = k.ref offset 0) d`,
    values: [JSON.stringify(asked)],
  });
  if (rows.length < asked.length) {
    throw damaged(undefined);
  }
  const isOlder = rows.some(({ version }) => version > ring.active.version);
  const current = isOlder ? await reopen() : ring;
  return new Map(
    rows.map(({ ref, version, cipher }) => [ref, opened(current.of(version), cipher, cellOf(ref))]),
  );
}

function opened(sealer: Sealer, cipher: Buffer, place: string): string {
  try {
    return sealer.open(cipher, place);
  } catch (cause) {
    throw cause instanceof SealBroken ? damaged(cause) : cause;
  }
}

const damaged = (cause: unknown): StorageError =>
  new StorageError(
    'identifiers',
    'A national identity number in the database is gone or was changed outside of the server.',
    {
      cause,
    },
  );
