/**
 * Where `oidc-provider` keeps its things: table `oidc`, one row per model and id.
 * Two operations are atomic because the library's own check-then-write is not: registering a used assertion (BS-02), and
 * consuming a code or a refresh token; whoever comes second ends what the first was given (SM-11).
 */
import { errors, type Adapter, type AdapterFactory, type AdapterPayload } from 'oidc-provider';
import type { Clock } from '../fhir/id.ts';
import { revokeGrant } from './app-grants.ts';
import { findClient, toMetadata } from './clients.ts';
import type { SqlClient } from './ports.ts';

/** Adapters over the database, one per model of the library. */
export function oidcAdapter(db: SqlClient, clock: Clock): AdapterFactory {
  const special: Readonly<Record<string, () => Adapter>> = {
    Client: () => clientAdapter(db, clock),
    ReplayDetection: () => replayAdapter(db),
  };
  return (model) => (special[model] ?? (() => rowAdapter(db, model)))();
}

function rowAdapter(db: SqlClient, model: string): Adapter {
  const findBy = async (
    column: 'id' | 'uid' | 'user_code',
    value: string,
  ): Promise<AdapterPayload | undefined> => {
    const { rows } = await db.query(
      `select payload, extract(epoch from consumed_at)::int as consumed
         from oidc
        where model = $1
          and ${column} = $2
          and (expires_at is null or expires_at > now())`,
      [model, value],
    );
    const [row] = rows;
    if (row === undefined) {
      return undefined;
    }
    const payload = row.payload as AdapterPayload;
    return row.consumed === null ? payload : { ...payload, consumed: row.consumed as number };
  };

  const revokeGrantOf = async (id: string): Promise<void> => {
    const { rows } = await db.query('select grant_id from oidc where model = $1 and id = $2', [model, id]);
    const grantId = rows[0]?.grant_id as string | null | undefined;
    if (typeof grantId === 'string') {
      await revokeGrant(db, grantId);
    }
  };

  return {
    find: (id) => findBy('id', id),
    findByUid: (uid) => findBy('uid', uid),
    findByUserCode: (code) => findBy('user_code', code),
    async upsert(id, payload, expiresIn) {
      await db.query(
        `insert into oidc (model, id, payload, grant_id, uid, user_code, expires_at)
         values ($1, $2, $3::jsonb, $4, $5, $6, now() + make_interval(secs => $7))
         on conflict (model, id) do update
            set payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid,
                user_code = excluded.user_code, expires_at = excluded.expires_at`,
        [
          model,
          id,
          JSON.stringify(payload),
          payload.grantId ?? null,
          payload.uid ?? null,
          payload.userCode ?? null,
          expiresIn ?? null,
        ],
      );
    },
    async consume(id) {
      const { rowCount } = await db.query(
        `update oidc
            set consumed_at = now()
          where model = $1
            and id = $2
            and consumed_at is null`,
        [model, id],
      );
      if (rowCount === 0) {
        await revokeGrantOf(id);
        throw new errors.InvalidGrant('it was used already');
      }
    },
    async destroy(id) {
      await db.query('delete from oidc where model = $1 and id = $2', [model, id]);
    },
    revokeByGrantId: (grantId) => revokeGrant(db, grantId),
  };
}

/** Used assertions: whoever inserts the row first has used it; nobody else may (BS-02). */
function replayAdapter(db: SqlClient): Adapter {
  return {
    ...rowAdapter(db, 'ReplayDetection'),
    // the insert below is the check; asking first would only open a gap between the two
    find: () => Promise.resolve(undefined),
    async upsert(id, payload, expiresIn) {
      const { rowCount } = await db.query(
        `insert into oidc (model, id, payload, expires_at)
         values ('ReplayDetection', $1, $2::jsonb, now() + make_interval(secs => $3))
         on conflict (model, id) do nothing`,
        [id, JSON.stringify(payload), expiresIn ?? null],
      );
      if (rowCount === 0) {
        throw new errors.InvalidClientAuth('the client assertion was used before');
      }
    },
  };
}

/** Clients are registered by people, in `oauth_client`; the library only reads them. */
function clientAdapter(db: SqlClient, clock: Clock): Adapter {
  return {
    ...rowAdapter(db, 'Client'),
    async find(id) {
      // no text of a database has a zero; an assertion may name a client with one
      const client = String(id).includes('\0') ? undefined : await findClient(db, id);
      return client === undefined ? undefined : (toMetadata(client, clock.now()) as AdapterPayload);
    },
    upsert: () => Promise.reject(new Error('Clients are not registered through the provider')),
  };
}
