/**
 * RE-01: before serving, make sure that the database keeps what it has answered.
 */
import type { Queryable } from './db.ts';
import { StorageError } from './errors.ts';

export interface Durability {
  readonly version: string;
  /** Whether damaged pages would be noticed; reported, not required. */
  readonly dataChecksums: boolean;
}

const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  fsync: ['on'],
  full_page_writes: ['on'],
  synchronous_commit: ['on', 'remote_apply'],
  wal_level: ['replica', 'logical'],
};

/** Read the settings as they hold for our own session. Throws `not-durable` naming each wrong one. */
export async function checkDurability(db: Queryable): Promise<Durability> {
  const names = [...Object.keys(REQUIRED), 'data_checksums', 'server_version'];
  const rows = await db.query<{ name: string; setting: string }>({
    text: 'select name, setting from pg_settings where name = any($1)',
    values: [names],
  });
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
  const wrong = Object.entries(REQUIRED).filter(
    ([name, allowed]) => !allowed.includes(settings.get(name) ?? ''),
  );
  if (wrong.length > 0) {
    const list = wrong.map(
      ([name, allowed]) => `${name} is ${settings.get(name) ?? 'unknown'}, must be ${allowed.join(' or ')}`,
    );
    throw new StorageError(
      'not-durable',
      `The database could lose what it has confirmed: ${list.join('; ')}. Change it in the server's settings and start again.`,
    );
  }
  return {
    version: settings.get('server_version') ?? '',
    dataChecksums: settings.get('data_checksums') === 'on',
  };
}
