/**
 * Which account a person of an external issuer has here: by (`iss`, `sub`) from the second login on, at the first by
 * national identity number or HPR number (ASVS 6.8.1, 10.3.3). Our directory decides; an issuer never makes an account.
 */
import type { SecretBox } from '../../storage/secret-box.ts';
import { type Account, findAccount, findAccountByRoles } from '../accounts.ts';
import type { FindRolesOfHpr, SqlClient } from '../ports.ts';
import { claimText, type Claims, type Issuer } from './issuer.ts';

export interface Identities {
  /** The open account that this person is linked to. */
  linked(issuer: Issuer, claims: Claims): Promise<Account | undefined>;
  /** The open account that belongs to this person by number, when it is not linked to anybody else at the issuer. */
  match(issuer: Issuer, claims: Claims): Promise<Account | undefined>;
  /** Link the person to the account. False when the person or the account is linked otherwise already. */
  link(issuer: Issuer, claims: Claims, username: string): Promise<boolean>;
}

export interface IdentitiesDeps {
  readonly db: SqlClient;
  readonly box: Pick<SecretBox, 'mac'>;
  readonly findRolesOfHpr: FindRolesOfHpr;
}

export function identities({ db, box, findRolesOfHpr }: IdentitiesDeps): Identities {
  async function usernameOf(text: string, values: unknown[]): Promise<string | undefined> {
    const { rows } = await db.query(text, values);
    return rows[0]?.username as string | undefined;
  }
  const accountOf = async (username: string | undefined): Promise<Account | undefined> =>
    username === undefined ? undefined : findAccount(db, username);

  async function byNumbers({ claims: names }: Issuer, claims: Claims): Promise<Account | undefined> {
    const pid = claimText(claims, names.pid);
    const username =
      pid === undefined
        ? undefined
        : await usernameOf('select username from account_person where pid_mac = $1', [pidMac(box, pid)]);
    if (username !== undefined) {
      return accountOf(username);
    }
    const hpr = claimText(claims, names.hpr);
    const roles = hpr === undefined ? [] : await findRolesOfHpr(hpr);
    return roles.length === 0
      ? undefined
      : findAccountByRoles(
          db,
          roles.map(({ id }) => id),
        );
  }

  return {
    linked: async ({ issuer }, { sub }) =>
      accountOf(
        await usernameOf('select username from account_identity where issuer = $1 and subject = $2', [
          issuer,
          String(sub),
        ]),
      ),
    async match(issuer, claims) {
      const account = await byNumbers(issuer, claims);
      const taken =
        account &&
        (await usernameOf('select username from account_identity where issuer = $1 and username = $2', [
          issuer.issuer,
          account.username,
        ]));
      return taken === undefined ? account : undefined;
    },
    async link({ issuer, claims: names }, claims, username) {
      const pid = claimText(claims, names.pid);
      if (pid !== undefined && !(await rememberPerson({ db, box }, username, pid))) {
        return false;
      }
      const { rowCount } = await db.query(
        `insert into account_identity (issuer, subject, username)
         values ($1, $2, $3)
         on conflict do nothing`,
        [issuer, String(claims['sub']), username],
      );
      return rowCount === 1;
    },
  };
}

/** Keep whose account it is, as a keyed hash. False when the number belongs to another account, or the account to another. */
export async function rememberPerson(
  { db, box }: Pick<IdentitiesDeps, 'db' | 'box'>,
  username: string,
  pid: string,
): Promise<boolean> {
  const mac = pidMac(box, pid);
  await db.query(
    `insert into account_person (pid_mac, username)
     values ($1, $2)
     on conflict do nothing`,
    [mac, username],
  );
  const { rows } = await db.query('select 1 from account_person where pid_mac = $1 and username = $2', [
    mac,
    username,
  ]);
  return rows.length === 1;
}

/** Bound to its use: the same number elsewhere has another hash (ID-01). */
const pidMac = (box: Pick<SecretBox, 'mac'>, pid: string): string => box.mac(`account_person.pid\n${pid}`);
