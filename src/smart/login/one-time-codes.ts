/**
 * Six digits that are sent to somebody: ten minutes, five tries, one use, and only where they were asked for (ASVS 5.0 6.5,
 * 6.6). Kept under the key file's key, since six digits are guessed from any plain hash.
 */
import { randomInt, timingSafeEqual } from 'node:crypto';
import type { SecretBox } from '../../storage/secret-box.ts';
import type { SqlClient } from '../ports.ts';

export const CODE_MINUTES = 10;
const MOST_TRIES = 5;

/** Make a code for a key (`login:<pending login>`), in place of an earlier one. The caller sends it, in its transaction. */
export async function issueCode(
  db: SqlClient,
  box: SecretBox,
  { key, target, now }: { readonly key: string; readonly target?: string; readonly now: Date },
): Promise<string> {
  const code = String(randomInt(1_000_000)).padStart(6, '0');
  await db.query(
    `insert into one_time_code (key, code_mac, target, expires_at)
     values ($1, $2, $3, $4)
     on conflict (key) do update
        set code_mac = excluded.code_mac, target = excluded.target, expires_at = excluded.expires_at, tries = 0`,
    [key, macOf(box, key, code), target ?? null, new Date(now.getTime() + CODE_MINUTES * 60_000)],
  );
  return code;
}

/** Try a code. The address it was sent to when it is right (and now spent); undefined otherwise, also after five tries. */
export async function redeemCode(
  db: SqlClient,
  box: SecretBox,
  { key, code, now }: { readonly key: string; readonly code: string; readonly now: Date },
): Promise<{ readonly target: string | undefined } | undefined> {
  const { rows } = await db.query(
    `update one_time_code
        set tries = tries + 1
      where key = $1
        and expires_at > $2
        and tries < $3
     returning code_mac, target`,
    [key, now, MOST_TRIES],
  );
  const [row] = rows;
  const given = macOf(box, key, code.replaceAll(/\s/g, ''));
  const isRight =
    row !== undefined && timingSafeEqual(Buffer.from(row.code_mac as string), Buffer.from(given));
  if (!isRight) {
    return undefined;
  }
  const spent = await db.query('delete from one_time_code where key = $1 and code_mac = $2 returning 1', [
    key,
    row.code_mac,
  ]);
  return spent.rows.length === 1 ? { target: (row.target as string | null) ?? undefined } : undefined;
}

const macOf = (box: SecretBox, key: string, code: string): string =>
  box.mac(`one-time-code\n${key}\n${code}`);
