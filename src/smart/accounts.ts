/**
 * People who may log in, table `account`.
 */
import { hasCurrentCost, hashPassword, verifyPassword } from './passwords.ts';
import type { SqlClient } from './ports.ts';

export interface Account extends Contact {
  /** Name to log in with: `lu-ane`. */
  readonly username: string;
  readonly name: string;
  /** PractitionerRole ids that the account may act in. */
  readonly practitionerRoles: readonly string[];
  /** The password was sent to the person: nothing is open before another is chosen. */
  readonly mustChangePassword: boolean;
  /** Practitioner id. */
  readonly practitioner: string | undefined;
}

/** How to reach a person. */
export interface Contact {
  /** E.164: `+4740000000`. Codes go there. */
  readonly mobile?: string | undefined;
  readonly email?: string | undefined;
  /** The person has read a code that was sent to the address. */
  readonly emailVerified?: boolean | undefined;
  readonly position?: string | undefined;
}

/** What an account is made from. */
export type NewAccount = Pick<Account, 'username' | 'name' | 'practitionerRoles'> &
  Contact & {
    readonly practitioner?: string;
    /** The password is one that was sent: to be changed at the first login, worthless after this instant. */
    readonly firstPasswordUntil?: Date;
  };

const COLUMNS = `username, name, practitioner_role_ids, mobile, email, email_verified is not null as email_verified,
  position, practitioner, must_change_password`;

/** A hash of no one's password, so that an unknown name takes as long as a wrong password. */
const NOBODY =
  '$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/**
 * The account, when the password is right; undefined in every other case, after the same amount of work. `late`: the
 * password is right, but was sent so long ago that it opens nothing.
 */
export async function checkPassword(
  db: SqlClient,
  username: string,
  password: string,
  now: Date,
): Promise<Account | 'late' | undefined> {
  const { rows } = await db.query(
    `select ${COLUMNS}, password_hash, first_password_until is not null and first_password_until < $2 as is_late
       from account
      where username = $1
        and not disabled`,
    [username, now],
  );
  const [row] = rows;
  const phc = (row?.password_hash as string | undefined) ?? NOBODY;
  const isRight = await verifyPassword(password, phc);
  if (row === undefined || !isRight) {
    return undefined;
  }
  if (row.is_late === true) {
    return 'late';
  }
  if (!hasCurrentCost(phc)) {
    await rehash(db, username, password);
  }
  return toAccount(row);
}

async function rehash(db: SqlClient, username: string, password: string): Promise<void> {
  await db.query('update account set password_hash = $2 where username = $1', [
    username,
    await hashPassword(password),
  ]);
}

/** The open account of that name, or undefined. */
export async function findAccount(db: SqlClient, username: string): Promise<Account | undefined> {
  const { rows } = await db.query(
    `select ${COLUMNS}
       from account
      where username = $1
        and not disabled`,
    [username],
  );
  return rows[0] === undefined ? undefined : toAccount(rows[0]);
}

/** Names of people by account, also of those who have left. */
export async function namesOf(
  db: SqlClient,
  usernames: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await db.query('select username, name from account where username = any($1)', [usernames]);
  return new Map(rows.map(({ username, name }) => [username as string, name as string]));
}

/** The PractitionerRole ids of an account, also of a closed one; none for an unknown name. */
export async function roleIdsOf(db: SqlClient, username: string): Promise<readonly string[]> {
  const { rows } = await db.query('select practitioner_role_ids from account where username = $1', [
    username,
  ]);
  return (rows[0]?.practitioner_role_ids as string[] | undefined) ?? [];
}

/** The one open account that may act in any of these roles; undefined when there is none, or more than one. */
export async function findAccountByRoles(
  db: SqlClient,
  roleIds: readonly string[],
): Promise<Account | undefined> {
  const { rows } = await db.query(
    `select ${COLUMNS}
       from account
      where practitioner_role_ids && $1::text[]
        and not disabled
      limit 2`,
    [roleIds],
  );
  return rows.length === 1 && rows[0] !== undefined ? toAccount(rows[0]) : undefined;
}

/** A password that the person has chosen: a sent one is forgotten, and nothing more needs to be changed. */
export async function setPassword(db: SqlClient, username: string, password: string): Promise<void> {
  await db.query(
    `update account
        set password_hash = $2, must_change_password = false, first_password_until = null
      where username = $1`,
    [username, await hashPassword(password)],
  );
}

/** Create an account, or bring everything of it up to date; contact data that are not given stay. */
export async function saveAccount(db: SqlClient, account: NewAccount, password: string): Promise<void> {
  await db.query(
    `insert into account (username, name, practitioner_role_ids, password_hash, mobile, email, position, practitioner,
       must_change_password, first_password_until)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
     on conflict (username) do update
        set name = excluded.name, practitioner_role_ids = excluded.practitioner_role_ids,
            password_hash = excluded.password_hash, mobile = coalesce(excluded.mobile, account.mobile),
            email = coalesce(excluded.email, account.email), position = coalesce(excluded.position, account.position),
            practitioner = coalesce(excluded.practitioner, account.practitioner),
            must_change_password = excluded.must_change_password,
            first_password_until = excluded.first_password_until`,
    [
      account.username,
      account.name,
      account.practitionerRoles,
      await hashPassword(password),
      account.mobile ?? null,
      account.email ?? null,
      account.position ?? null,
      account.practitioner ?? null,
      account.firstPasswordUntil !== undefined,
      account.firstPasswordUntil ?? null,
    ],
  );
}

/** Add a role to an account; roles that it has stay. */
export async function addRole(db: SqlClient, username: string, role: string): Promise<void> {
  await db.query(
    `update account
        set practitioner_role_ids = array_append(practitioner_role_ids, $2)
      where username = $1
        and not $2 = any(practitioner_role_ids)`,
    [username, role],
  );
}

/** Is there an account of this name, open or closed? */
export async function isTaken(db: SqlClient, username: string): Promise<boolean> {
  const { rows } = await db.query('select 1 from account where username = $1', [username]);
  return rows.length > 0;
}

/** Every open account. */
export async function openAccounts(db: SqlClient): Promise<readonly Account[]> {
  const { rows } = await db.query(
    `select ${COLUMNS} from account where not disabled order by name, username`,
  );
  return rows.map(toAccount);
}

/** Change the number that codes go to, or the e-mail address; both have been proven by a code. */
export async function setContact(
  db: SqlClient,
  username: string,
  field: 'mobile' | 'email',
  value: string,
  now: Date,
): Promise<void> {
  await db.query(
    field === 'mobile'
      ? 'update account set mobile = $2 where username = $1 and $3::timestamptz is not null'
      : 'update account set email = $2, email_verified = $3 where username = $1',
    [username, value, now],
  );
}

/** Close an account: nobody logs in with it, and its sessions are dead from the next request on. */
export async function disableAccount(db: SqlClient, username: string): Promise<void> {
  await db.query('update account set disabled = true where username = $1', [username]);
}

/** Open a closed account. */
export async function openAccount(db: SqlClient, username: string): Promise<void> {
  await db.query('update account set disabled = false where username = $1', [username]);
}

function toAccount(row: Readonly<Record<string, unknown>>): Account {
  return {
    username: row.username as string,
    name: row.name as string,
    practitionerRoles: row.practitioner_role_ids as string[],
    mobile: (row.mobile as string | null) ?? undefined,
    email: (row.email as string | null) ?? undefined,
    emailVerified: row.email_verified === true,
    position: (row.position as string | null) ?? undefined,
    practitioner: (row.practitioner as string | null) ?? undefined,
    mustChangePassword: row.must_change_password === true,
  };
}
