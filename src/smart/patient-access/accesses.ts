/** Table `patient_access`: ways in to one form of one person each. */
import type { Sql } from '../../storage/store.ts';
import type { SqlClient } from '../ports.ts';

export interface PatientAccessRow {
  readonly id: string;
  readonly kind: 'code' | 'link';
  readonly task: string;
  readonly patient: string;
  readonly episode: string;
  readonly questionnaire: string;
  readonly register: string;
  readonly unit: string;
  readonly expiresAt: Date;
  /** Of a link: the number that its code goes to, sealed (mobile.ts); undefined: the register's own. */
  readonly mobile?: string;
}

export interface NewAccess extends PatientAccessRow {
  readonly secretHash: string;
  readonly created: Date;
  readonly createdBy: string;
}

/** Tasks with a code or a link that was made since then. */
export const madeSinceSql = (since: readonly { readonly task: string; readonly at: Date }[]): Sql => ({
  text: `select distinct a.task
    from json_to_recordset($1) as x (task text, at timestamptz)
    join patient_access a on a.task = x.task and a.created > x.at`,
  values: [JSON.stringify(since)],
});

const MOST_TRIES = 5;
const COLUMNS = 'id, kind, task, patient, episode, questionnaire, register, unit, expires_at, mobile';

/** Make one, and end those of its kind that the form had. */
export async function insertAccess(db: SqlClient, access: NewAccess): Promise<void> {
  await db.query(
    `update patient_access
        set revoked_at = $3
      where task = $1
        and kind = $2
        and revoked_at is null
        and used_at is null`,
    [access.task, access.kind, access.created],
  );
  await db.query(
    `insert into patient_access (${COLUMNS}, secret_hash, created, created_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
    [
      access.id,
      access.kind,
      access.task,
      access.patient,
      access.episode,
      access.questionnaire,
      access.register,
      access.unit,
      access.expiresAt,
      access.mobile ?? null,
      access.secretHash,
      access.created,
      access.createdBy,
    ],
  );
}

/** The unspent code; each time counts as a try, and after five it is no good any more. */
export async function tryCode(
  db: SqlClient,
  secretHash: string,
  now: Date,
): Promise<PatientAccessRow | undefined> {
  const { rows } = await db.query(
    `update patient_access
        set tries = tries + 1
      where secret_hash = $1
        and kind = 'code'
        and used_at is null
        and revoked_at is null
        and expires_at > $2
        and tries < $3
     returning ${COLUMNS}`,
    [secretHash, now, MOST_TRIES],
  );
  return rows[0] === undefined ? undefined : toRow(rows[0]);
}

/** True for the one who spends it. */
export async function spendCode(db: SqlClient, id: string, now: Date): Promise<boolean> {
  const { rows } = await db.query(
    `update patient_access
        set used_at = $2
      where id = $1
        and used_at is null
     returning id`,
    [id, now],
  );
  return rows.length === 1;
}

export async function findLink(
  db: SqlClient,
  secretHash: string,
  now: Date,
): Promise<PatientAccessRow | undefined> {
  const { rows } = await db.query(
    `select ${COLUMNS}
       from patient_access
      where secret_hash = $1
        and kind = 'link'
        and revoked_at is null
        and expires_at > $2`,
    [secretHash, now],
  );
  return rows[0] === undefined ? undefined : toRow(rows[0]);
}

/** One that a session or a pending login stands on; undefined once it is revoked. */
export async function findAccess(db: SqlClient, id: string): Promise<PatientAccessRow | undefined> {
  const { rows } = await db.query(
    `select ${COLUMNS} from patient_access where id = $1 and revoked_at is null`,
    [id],
  );
  return rows[0] === undefined ? undefined : toRow(rows[0]);
}

/** Ends every way in to these forms, and every session that came by one; gives the forms that had any. */
export const revokeSql = (tasks: readonly string[], now: Date): Sql => ({
  text: `update patient_access
      set revoked_at = $2
    where task = any($1)
      and revoked_at is null
    returning task`,
  values: [tasks, now],
});

function toRow(row: Readonly<Record<string, unknown>>): PatientAccessRow {
  return {
    id: row.id as string,
    kind: row.kind as PatientAccessRow['kind'],
    task: row.task as string,
    patient: row.patient as string,
    episode: row.episode as string,
    questionnaire: row.questionnaire as string,
    register: row.register as string,
    unit: row.unit as string,
    expiresAt: new Date(row.expires_at as string),
    ...(row.mobile !== null && { mobile: row.mobile as string }),
  };
}
