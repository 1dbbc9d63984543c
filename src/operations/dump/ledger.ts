/** What was read in from dumps, by key: the table `import_pathway`. */
import type { Sql } from '../../storage/store.ts';

export interface Imported {
  readonly key: string;
  readonly episode: string;
  /** Hash of the pathway's rows by table. */
  readonly rows: Readonly<Record<string, string>>;
}

export const importedSql = (register: string, keys: readonly string[]): Sql => ({
  text: 'select key, episode, rows from import_pathway where register = $1 and key = any ($2)',
  values: [register, keys],
});

export const keepImportedSql = (register: string, imported: readonly Imported[], now: Date): Sql => ({
  text: `insert into import_pathway (register, key, episode, rows, imported_at)
    select $1, x.key, x.episode, x.rows, $3
    from json_to_recordset($2) as x (key text, episode text, rows jsonb)`,
  values: [register, JSON.stringify(imported), now],
});
