/**
 * Launches under way and their results, in table `oidc` with an end date; the browser holds a random key only.
 * A key is stored as its hash, so that reading the table does not open anything.
 */
import { hash, randomBytes } from 'node:crypto';
import type { LaunchContext } from './launch-context.ts';
import type { SecretBox } from '../storage/secret-box.ts';
import type { EhrGrant } from './ehr-grant.ts';
import type { SqlClient } from './ports.ts';

/** What must come back unchanged from the EHR's authorisation server, and what the launch was about to do. */
export interface PendingLaunch {
  readonly fhirBase: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** It began in the EHR's frame. */
  readonly isFramed?: boolean;
}

/** What an EHR can be asked with later, for as long as it lets us. */
export type EhrAccess = Pick<EhrGrant, 'accessToken' | 'refreshToken' | 'expiresAt'>;

export interface LaunchStore {
  /** Keep a launch that goes to the EHR; returns the key for the browser. */
  begin(pending: PendingLaunch): Promise<string>;
  /** The launch of a key, once: a second call gives nothing. */
  take(key: string): Promise<PendingLaunch | undefined>;
  /** Keep a finished launch; returns its key. `access`: where something is to be written back to the EHR. */
  finish(context: LaunchContext, access?: EhrAccess): Promise<string>;
  read(key: string): Promise<LaunchContext | undefined>;
  /** The two by `launchId`: for jobs, which hold no key. */
  contextOf(id: string): Promise<LaunchContext | undefined>;
  accessOf(id: string): Promise<EhrAccess | undefined>;
  /** What an access was renewed to. */
  renew(id: string, access: EhrAccess): Promise<void>;
  /** The same key if a finished launch has it: for a login that comes after the launch. */
  claim(key: string): Promise<string | undefined>;
  forget(key: string | undefined): Promise<void>;
}

const PENDING_SECONDS = 600;
const CONTEXT_SECONDS = 10 * 3600;

/** `box` seals what an EHR says of a person: it is here for a few hours, and in no resource. */
export function launchStore(db: SqlClient, box: Pick<SecretBox, 'seal' | 'open'>): LaunchStore {
  const put = async (model: string, key: string, payload: object, lifetime: number): Promise<string> => {
    const sealed = box.seal(JSON.stringify(payload), place(model, launchId(key)));
    await db.query(
      `insert into oidc (model, id, payload, expires_at)
       values ($1, $2, $3::jsonb, now() + make_interval(secs => $4))`,
      [model, launchId(key), JSON.stringify({ sealed }), lifetime],
    );
    return key;
  };
  const opened = (model: string, id: string, payload: unknown): unknown => {
    const { sealed } = (payload ?? {}) as { readonly sealed?: string };
    return sealed === undefined ? undefined : JSON.parse(box.open(sealed, place(model, id)));
  };
  const read = async (model: string, id: string): Promise<unknown> => {
    const { rows } = await db.query(
      `select payload
         from oidc
        where model = $1
          and id = $2
          and expires_at > now()`,
      [model, id],
    );
    return opened(model, id, rows[0]?.payload);
  };
  const contextOf = async (id: string): Promise<LaunchContext | undefined> =>
    (await read('LaunchContext', id)) as LaunchContext | undefined;
  const readContext = (key: string): Promise<LaunchContext | undefined> => contextOf(launchId(key));
  return {
    begin: (pending) => put('PendingLaunch', newKey(), pending, PENDING_SECONDS),
    async take(key) {
      const { rows } = await db.query(
        `delete from oidc
          where model = 'PendingLaunch'
            and id = $1
            and expires_at > now()
         returning payload`,
        [launchId(key)],
      );
      return opened('PendingLaunch', launchId(key), rows[0]?.payload) as PendingLaunch | undefined;
    },
    async finish(context, access) {
      const key = await put('LaunchContext', newKey(), context, CONTEXT_SECONDS);
      return access === undefined ? key : put('LaunchAccess', key, access, CONTEXT_SECONDS);
    },
    read: readContext,
    contextOf,
    accessOf: async (id) => (await read('LaunchAccess', id)) as EhrAccess | undefined,
    async renew(id, access) {
      const sealed = box.seal(JSON.stringify(access), place('LaunchAccess', id));
      await db.query(`update oidc set payload = $2::jsonb where model = 'LaunchAccess' and id = $1`, [
        id,
        JSON.stringify({ sealed }),
      ]);
    },
    claim: async (key) => ((await readContext(key)) === undefined ? undefined : key),
    async forget(key) {
      if (key !== undefined) {
        await db.query(`delete from oidc where model in ('LaunchContext', 'LaunchAccess') and id = $1`, [
          launchId(key),
        ]);
      }
    },
  };
}

const newKey = (): string => randomBytes(32).toString('base64url');
const place = (model: string, id: string): string => `oidc|${model}|${id}`;

/** What the database calls a launch: the hash of its key. */
export const launchId = (key: string): string => hash('sha256', key, 'base64url');
