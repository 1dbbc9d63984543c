/**
 * Writes a whole code system into tables: rows in batches into a partition of its own, indexes, then one switch.
 * Until the switch no reader sees anything of it; a load that breaks off leaves nothing that is read.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type pg from 'pg';
import type { Db } from '../storage/db.ts';
import { nameOf, type Concept } from './concept.ts';
import { Hierarchy } from './hierarchy.ts';
import { vectorOf } from './keys.ts';
import type { ConceptDetail, SystemMeta } from './tables.ts';
import { foldCode, foldText } from './words.ts';

/** A file (or several) that can be read as a code system. */
export interface SystemFiles {
  readonly url: string;
  readonly version: string;
  readonly title: string;
  readonly kind: string;
  readonly meta: SystemMeta;
  /** Everything that is read; its bytes make the checksum. */
  readonly files: readonly string[];
  /** How it is read (columns and the like), as far as it changes the outcome. */
  readonly reading: string;
  /** The concepts, in the system's order; may be called twice. */
  concepts(): AsyncIterable<Concept> | Iterable<Concept>;
}

/** What came of a load. */
export interface LoadResult {
  readonly state: 'loaded' | 'unchanged';
  readonly count: number;
  readonly sid: number;
}

export interface LoadOptions {
  readonly now: Date;
  /** Told now and then how many concepts are written. */
  readonly progress: (line: string) => void;
}

/** Thrown for files that cannot be a code system; the message says what is wrong and where. */
export class LoadError extends Error {
  override readonly name = 'LoadError';
}

const BATCH = 2000;
const REPORT_EVERY = 50_000;
const LOCK = 7_471_908; // one load at a time

/** Load, or do nothing when the same files were loaded already. Throws LoadError; then nothing has changed. */
export async function loadSystem(db: Db, source: SystemFiles, options: LoadOptions): Promise<LoadResult> {
  const checksum = await checksumOf(source);
  const client = await db.pool.connect();
  try {
    await client.query('set statement_timeout = 0; set lock_timeout = 60000');
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    return (await unchanged(client, source, checksum)) ?? (await load(client, source, checksum, options));
  } finally {
    await client.query('select pg_advisory_unlock_all()').catch(() => undefined);
    client.release(true);
  }
}

/** Take a version away. Answers whether it was there. */
export async function removeSystem(db: Db, url: string, version: string): Promise<boolean> {
  return await db.tx(
    async (client) => {
      const rows = await client.query<{ sid: number }>({
        text: 'delete from term_system where url = $1 and version = $2 returning sid',
        values: [url, version],
      });
      for (const { sid } of rows) {
        await client.query({ text: `drop table if exists term_concept_${sid}` });
      }
      return rows.length > 0;
    },
    { setup: 'set local statement_timeout = 0' },
  );
}

async function checksumOf({ files, reading, url, version }: SystemFiles): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([url, version, reading]));
  for (const file of files) {
    for await (const chunk of createReadStream(file)) {
      hash.update(chunk as Buffer);
    }
  }
  return hash.digest('hex');
}

async function unchanged(
  client: pg.PoolClient,
  { url, version }: SystemFiles,
  checksum: string,
): Promise<LoadResult | undefined> {
  const { rows } = await client.query<{ sid: number; count: number }>(
    'select sid, count from term_system where ready and url = $1 and version = $2 and checksum = $3',
    [url, version, checksum],
  );
  return rows[0] && { state: 'unchanged', ...rows[0] };
}

async function load(
  client: pg.PoolClient,
  source: SystemFiles,
  checksum: string,
  { now, progress }: LoadOptions,
): Promise<LoadResult> {
  await dropUnfinished(client);
  const hierarchy = await readHierarchy(source);
  const sid = await begin(client, source, checksum, now);
  const count = await writeConcepts(client, sid, source, hierarchy, progress);
  if (count === 0) {
    throw new LoadError('The files hold no concepts: is it the right format, and are the columns named?');
  }
  progress(`${count} concepts written; building indexes`);
  await index(client, sid);
  await publish(client, sid, source, { ...source.meta, hasHierarchy: hierarchy.size > 0 }, count);
  return { state: 'loaded', count, sid };
}

/** What an earlier load left behind when it broke off; under the lock, so none is under way. */
async function dropUnfinished(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ sid: number }>(
    'delete from term_system where not ready returning sid',
  );
  for (const { sid } of rows) {
    await client.query(`drop table if exists term_concept_${sid}`);
  }
}

async function readHierarchy(source: SystemFiles): Promise<Hierarchy> {
  const hierarchy = new Hierarchy();
  for await (const { code, parents } of source.concepts()) {
    hierarchy.add(code, parents);
  }
  return hierarchy;
}

async function begin(
  client: pg.PoolClient,
  { url, version, title, kind }: SystemFiles,
  checksum: string,
  now: Date,
): Promise<number> {
  const { rows } = await client.query<{ sid: number }>(
    `insert into term_system (url, version, place, dated, title, kind, checksum, loaded, count)
      values ($1, $2, $3, $4, $5, $6, $7, $8, 0)
      returning sid`,
    [url, version, placeOf(version), dateOf(version), title, kind, checksum, now.toISOString()],
  );
  const sid = rows[0]?.sid ?? 0;
  await client.query(
    `create table term_concept_${sid} (like term_concept including defaults, check (sid = ${sid}))`,
  );
  return sid;
}

/** `2.9` before `2.78`: numbers compare as numbers. */
const placeOf = (version: string): string => version.replace(/\d+/g, (digits) => digits.padStart(10, '0'));

/** The day that a version names: `2026-01-01`, `20260101`, `…/version/20260101`, `2026`. */
function dateOf(version: string): string | null {
  const [, year, month = '01', day = '01'] =
    /(?:^|\/)((?:19|20)\d\d)(?:-?(0[1-9]|1[0-2])(?:-?(0[1-9]|[12]\d|3[01]))?)?$/.exec(version) ?? [];
  return year === undefined ? null : `${year}-${month}-${day}`;
}

async function writeConcepts(
  client: pg.PoolClient,
  sid: number,
  source: SystemFiles,
  hierarchy: Hierarchy,
  progress: (line: string) => void,
): Promise<number> {
  const seen = new Set<string>();
  let batch: Concept[] = [];
  let written = 0;
  let writing = Promise.resolve();
  // the next batch is read while this one is written
  const flush = async (): Promise<void> => {
    await writing;
    writing = writeBatch(client, sid, written + 1, batch, hierarchy);
    writing.catch(() => undefined); // reported when it is awaited
    written += batch.length;
    batch = [];
    if (written % REPORT_EVERY === 0) {
      progress(`${written} concepts`);
    }
  };
  for await (const concept of source.concepts()) {
    if (seen.has(concept.code)) {
      throw new LoadError(`The code "${concept.code}" stands twice in the files.`);
    }
    seen.add(concept.code);
    batch.push(concept);
    if (batch.length === BATCH) {
      await flush();
    }
  }
  if (batch.length > 0) {
    await flush();
  }
  await writing;
  return written;
}

async function writeBatch(
  client: pg.PoolClient,
  sid: number,
  first: number,
  concepts: readonly Concept[],
  hierarchy: Hierarchy,
): Promise<void> {
  await client.query({
    name: `term-write-${sid}`,
    text: `insert into term_concept_${sid} (sid, cid, code, folded, term, display, active, starts, ends, keys, detail)
      select ${sid}, $1::int + o - 1, code, folded, term, display, active, starts, ends, keys::tsvector, detail
      from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[], $7::date[], $8::date[], $9::text[], $10::text[])
        with ordinality x(code, folded, term, display, active, starts, ends, keys, detail, o)`,
    values: [
      first,
      concepts.map(({ code }) => code),
      concepts.map(({ code }) => foldCode(code)),
      concepts.map((concept) => foldText(nameOf(concept))),
      concepts.map(nameOf),
      concepts.map(({ isActive }) => isActive),
      concepts.map(({ starts }) => starts ?? null),
      concepts.map(({ ends }) => ends ?? null),
      concepts.map((concept) => vectorOf(concept, hierarchy.lineOf(concept.code))),
      concepts.map(detailOf),
    ],
  });
}

function detailOf({ definition, designations, properties, parents, isAbstract }: Concept): string | null {
  const detail: ConceptDetail = {
    ...(definition !== undefined && { definition }),
    ...(designations.length > 0 && { designations }),
    ...(properties.length > 0 && { properties }),
    ...(parents.length > 0 && { parents }),
    ...(isAbstract && { isAbstract }),
  };
  return Object.keys(detail).length === 0 ? null : JSON.stringify(detail);
}

/** The same indexes as the parent table has: attaching takes them over instead of building them. */
async function index(client: pg.PoolClient, sid: number): Promise<void> {
  const table = `term_concept_${sid}`;
  await client.query(`set maintenance_work_mem = '256MB'`);
  await client.query(`alter table ${table} add primary key (sid, cid)`);
  await client.query(`create unique index on ${table} (sid, code)`);
  await client.query(`create index on ${table} (sid, folded)`);
  await client.query(`create index on ${table} (sid, term)`);
  await client.query(`create index on ${table} using gin (keys) with (fastupdate = off)`);
  await client.query(`analyze ${table}`);
}

/** In one transaction the new rows appear and those of an earlier load of this version go. */
async function publish(
  client: pg.PoolClient,
  sid: number,
  { url, version }: SystemFiles,
  meta: SystemMeta,
  count: number,
): Promise<void> {
  await client.query('begin');
  try {
    const { rows } = await client.query<{ sid: number }>(
      'delete from term_system where ready and url = $1 and version = $2 returning sid',
      [url, version],
    );
    for (const earlier of rows) {
      await client.query(`drop table if exists term_concept_${earlier.sid}`);
    }
    await client.query(
      `alter table term_concept attach partition term_concept_${sid} for values in (${sid})`,
    );
    await client.query('update term_system set ready = true, count = $2, meta = $3 where sid = $1', [
      sid,
      count,
      JSON.stringify(meta),
    ]);
    await client.query('commit');
  } catch (cause) {
    await client.query('rollback');
    throw cause;
  }
}
