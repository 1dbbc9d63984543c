/**
 * What a passkey must sign, kept with the session or the pending login that it is for; good once, and as long as that lives.
 */
import type { SqlClient } from '../ports.ts';

/** Keep a challenge, in place of an earlier one. `id` is the hash that names the session. */
export async function setChallenge(db: SqlClient, id: string, challenge: string): Promise<void> {
  await db.query('update session set payload = payload || $2::jsonb where id_hash = $1', [
    id,
    JSON.stringify({ challenge }),
  ]);
}

/** The challenge, once: a second signature over it is refused. */
export async function takeChallenge(db: SqlClient, id: string, now: Date): Promise<string | undefined> {
  const { rows } = await db.query(
    `with before as (
       select id_hash, payload ->> 'challenge' as challenge
         from session
        where id_hash = $1 and payload ->> 'challenge' is not null and expires_at > $2
          for update
     )
     update session s
        set payload = s.payload - 'challenge'
       from before b
      where s.id_hash = b.id_hash
     returning b.challenge`,
    [id, now],
  );
  return rows[0]?.challenge as string | undefined;
}
