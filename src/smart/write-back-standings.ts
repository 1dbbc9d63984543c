/** How write-backs stand: table `ehr_write_back`. */
import type { Queryable } from '../storage/db.ts';
import type { Standings, WriteBackState } from './write-back.ts';

interface Row {
  readonly version: string;
  readonly ehr: string;
  readonly state: WriteBackState;
  readonly location: string | null;
  readonly reason: string | null;
  readonly at: string | Date;
}

export const standingsIn = (db: Queryable): Standings => ({
  async read(response) {
    const rows = await db.query<Row>({
      text: `select version::text, ehr, state, location, reason, at from ehr_write_back where response = $1`,
      values: [response],
    });
    const [row] = rows;
    return (
      row && {
        ...row,
        location: row.location ?? undefined,
        reason: row.reason ?? undefined,
        at: new Date(row.at).toISOString(),
      }
    );
  },
  async keep(response, { version, ehr, state, location, reason }, now) {
    await db.query({
      text: `insert into ehr_write_back (response, version, ehr, state, location, reason, at)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (response) do update
          set version = excluded.version, ehr = excluded.ehr, state = excluded.state,
              location = excluded.location, reason = excluded.reason, at = excluded.at`,
      values: [response, version, ehr, state, location ?? null, reason ?? null, now],
    });
  },
});
