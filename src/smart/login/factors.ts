/**
 * What an account can show beside the password, table `account_factor`: authenticator apps and passkeys.
 */
import type { SecretBox } from '../../storage/secret-box.ts';
import type { SqlClient } from '../ports.ts';
import { totpStep } from './totp.ts';

export interface Factor {
  readonly id: string;
  readonly kind: 'totp' | 'passkey';
  /** The person's own name for it: «Telefonen min». */
  readonly label: string;
  readonly created: string;
  readonly lastUsed: string | undefined;
}

/** A passkey as it is verified with. */
export interface Passkey {
  readonly id: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: number;
  readonly transports: readonly string[];
}

/** The factors of an account, oldest first. */
export async function factorsOf(db: SqlClient, username: string): Promise<readonly Factor[]> {
  const { rows } = await db.query(
    'select id, kind, label, created, last_used from account_factor where username = $1 order by created, id',
    [username],
  );
  return rows.map((row) => ({
    id: row.id as string,
    kind: row.kind as Factor['kind'],
    label: row.label as string,
    created: row.created as string,
    lastUsed: (row.last_used as string | null) ?? undefined,
  }));
}

export async function passkeysOf(db: SqlClient, username: string): Promise<readonly Passkey[]> {
  const { rows } = await db.query(
    `select id, public_key, counter::float8 as counter, transports
       from account_factor
      where username = $1
        and kind = 'passkey'`,
    [username],
  );
  return rows.map((row) => ({
    id: row.id as string,
    publicKey: new Uint8Array(row.public_key as Uint8Array),
    counter: row.counter as number,
    transports: row.transports as string[],
  }));
}

interface NewFactor {
  readonly id: string;
  readonly username: string;
  readonly label: string;
  readonly now: Date;
}

/** Keep an authenticator app; `step` is that of the code which proved it. */
export async function addTotp(
  db: SqlClient,
  box: SecretBox,
  { id, username, label, now, secret, step }: NewFactor & { readonly secret: string; readonly step: number },
): Promise<void> {
  await db.query(
    `insert into account_factor (id, username, kind, label, created, secret, last_step)
     values ($1, $2, 'totp', $3, $4, $5, $6)`,
    [id, username, label, now, box.seal(secret, placeOf(id)), step],
  );
}

export async function addPasskey(
  db: SqlClient,
  { username, label, now, ...key }: NewFactor & Passkey,
): Promise<void> {
  await db.query(
    `insert into account_factor (id, username, kind, label, created, public_key, counter, transports)
     values ($1, $2, 'passkey', $3, $4, $5, $6, $7)`,
    [key.id, username, label, now, Buffer.from(key.publicKey), key.counter, key.transports],
  );
}

/** Try a code on each app of the account. The step of a right one is spent, whoever else tries it at the same moment. */
export async function useTotp(
  db: SqlClient,
  box: SecretBox,
  { username, code, now }: { readonly username: string; readonly code: string; readonly now: Date },
): Promise<boolean> {
  const { rows } = await db.query(
    `select id, secret, last_step::float8 as last_step from account_factor where username = $1 and kind = 'totp'`,
    [username],
  );
  for (const { id, secret, last_step: lastStep } of rows) {
    const opened = box.open(secret as string, placeOf(id as string));
    const step = totpStep(opened, code, now, lastStep as number);
    if (step !== undefined) {
      const spent = await db.query(
        'update account_factor set last_step = $2, last_used = $3 where id = $1 and last_step < $2 returning 1',
        [id, step, now],
      );
      return spent.rows.length === 1;
    }
  }
  return false;
}

/** Note a signature; false when the authenticator's counter went backwards, as a copied key's would. */
export async function usePasskey(db: SqlClient, id: string, counter: number, now: Date): Promise<boolean> {
  const { rows } = await db.query(
    `update account_factor
        set counter = $2, last_used = $3
      where id = $1
        and (counter < $2 or (counter = 0 and $2 = 0))
     returning 1`,
    [id, counter, now],
  );
  return rows.length === 1;
}

/** Remove one; its label, or undefined when the account has none of that id. */
export async function removeFactor(
  db: SqlClient,
  username: string,
  id: string,
): Promise<Factor['kind'] | undefined> {
  const { rows } = await db.query(
    'delete from account_factor where username = $1 and id = $2 returning kind',
    [username, id],
  );
  return rows[0]?.kind as Factor['kind'] | undefined;
}

const placeOf = (id: string): string => `account_factor/secret/${id}`;
