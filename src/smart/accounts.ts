/**
 * People who may log in, table `account`.
 */
import { hasCurrentCost, hashPassword, verifyPassword } from './passwords.ts';
import type { SqlClient } from './ports.ts';

export interface Account {
  /** Name to log in with: `lu-ane`. */
  readonly username: string;
  readonly name: string;
  /** PractitionerRole ids that the account may act in. */
  readonly practitionerRoles: readonly string[];
}

/** A hash of no one's password, so that an unknown name takes as long as a wrong password. */
const NOBODY =
  '$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** The account, when the password is right; undefined in every other case, after the same amount of work. */
export async function checkPassword(
  db: SqlClient,
  username: string,
  password: string,
): Promise<Account | undefined> {
  const { rows } = await db.query(
    `select username, name, practitioner_role_ids, password_hash
       from account
      where username = $1
        and not disabled`,
    [username],
  );
  const [row] = rows;
  const phc = (row?.password_hash as string | undefined) ?? NOBODY;
  const isRight = await verifyPassword(password, phc);
  if (row === undefined || !isRight) {
    return undefined;
  }
  if (!hasCurrentCost(phc)) {
    await setPassword(db, username, password);
  }
  return toAccount(row);
}

/** The open account of that name, or undefined. */
export async function findAccount(db: SqlClient, username: string): Promise<Account | undefined> {
  const { rows } = await db.query(
    `select username, name, practitioner_role_ids
       from account
      where username = $1
        and not disabled`,
    [username],
  );
  return rows[0] === undefined ? undefined : toAccount(rows[0]);
}

/** The one open account that may act in any of these roles; undefined when there is none, or more than one. */
export async function findAccountByRoles(
  db: SqlClient,
  roleIds: readonly string[],
): Promise<Account | undefined> {
  const { rows } = await db.query(
    `select username, name, practitioner_role_ids
       from account
      where practitioner_role_ids && $1::text[]
        and not disabled
      limit 2`,
    [roleIds],
  );
  return rows.length === 1 && rows[0] !== undefined ? toAccount(rows[0]) : undefined;
}

export async function setPassword(db: SqlClient, username: string, password: string): Promise<void> {
  await db.query('update account set password_hash = $2 where username = $1', [
    username,
    await hashPassword(password),
  ]);
}

/** Create an account, or bring everything of it up to date. */
export async function saveAccount(db: SqlClient, account: Account, password: string): Promise<void> {
  await db.query(
    `insert into account (username, name, practitioner_role_ids, password_hash)
     values ($1, $2, $3, $4)
     on conflict (username) do update
        set name = excluded.name, practitioner_role_ids = excluded.practitioner_role_ids,
            password_hash = excluded.password_hash`,
    [account.username, account.name, account.practitionerRoles, await hashPassword(password)],
  );
}

/** Close an account: nobody logs in with it, and its sessions are dead from the next request on. */
export async function disableAccount(db: SqlClient, username: string): Promise<void> {
  await db.query('update account set disabled = true where username = $1', [username]);
}

function toAccount(row: Readonly<Record<string, unknown>>): Account {
  return {
    username: row.username as string,
    name: row.name as string,
    practitionerRoles: row.practitioner_role_ids as string[],
  };
}
