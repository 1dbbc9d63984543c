/**
 * Launches under way and their results, in table `oidc` with an end date; the browser holds a random key only.
 * A key is stored as its hash, so that reading the table does not open anything.
 */
import { hash, randomBytes } from 'node:crypto';
import type { LaunchContext } from './launch-context.ts';
import type { SecretBox } from '../storage/secret-box.ts';
import type { SqlClient } from './ports.ts';

/** What must come back unchanged from the EHR's authorisation server. */
export interface PendingLaunch {
  readonly fhirBase: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export interface LaunchStore {
  /** Keep a launch that goes to the EHR; returns the key for the browser. */
  begin(pending: PendingLaunch): Promise<string>;
  /** The launch of a key, once: a second call gives nothing. */
  take(key: string): Promise<PendingLaunch | undefined>;
  /** Keep a finished launch; returns its key. */
  finish(context: LaunchContext): Promise<string>;
  read(key: string): Promise<LaunchContext | undefined>;
  /** The same key if a finished launch has it: for a login that comes after the launch. */
  claim(key: string): Promise<string | undefined>;
  forget(key: string | undefined): Promise<void>;
}

const PENDING_SECONDS = 600;
const CONTEXT_SECONDS = 10 * 3600;

/** `box` seals what an EHR says of a person: it is here for a few hours, and in no resource. */
export function launchStore(db: SqlClient, box: Pick<SecretBox, 'seal' | 'open'>): LaunchStore {
  const put = async (model: string, payload: object, lifetime: number): Promise<string> => {
    const key = randomBytes(32).toString('base64url');
    await db.query(
      `insert into oidc (model, id, payload, expires_at)
       values ($1, $2, $3::jsonb, now() + make_interval(secs => $4))`,
      [
        model,
        rowId(key),
        JSON.stringify({ sealed: box.seal(JSON.stringify(payload), place(key)) }),
        lifetime,
      ],
    );
    return key;
  };
  const opened = (payload: unknown, key: string): unknown => {
    const { sealed } = (payload ?? {}) as { readonly sealed?: string };
    return sealed === undefined ? undefined : JSON.parse(box.open(sealed, place(key)));
  };
  const read = async (key: string): Promise<LaunchContext | undefined> => {
    const { rows } = await db.query(
      `select payload
         from oidc
        where model = 'LaunchContext'
          and id = $1
          and expires_at > now()`,
      [rowId(key)],
    );
    return opened(rows[0]?.payload, key) as LaunchContext | undefined;
  };
  return {
    begin: (pending) => put('PendingLaunch', pending, PENDING_SECONDS),
    async take(key) {
      const { rows } = await db.query(
        `delete from oidc
          where model = 'PendingLaunch'
            and id = $1
            and expires_at > now()
         returning payload`,
        [rowId(key)],
      );
      return opened(rows[0]?.payload, key) as PendingLaunch | undefined;
    },
    finish: (context) => put('LaunchContext', context, CONTEXT_SECONDS),
    read,
    claim: async (key) => ((await read(key)) === undefined ? undefined : key),
    async forget(key) {
      if (key !== undefined) {
        await db.query(`delete from oidc where model = 'LaunchContext' and id = $1`, [rowId(key)]);
      }
    },
  };
}

const place = (key: string): string => `oidc|payload|${rowId(key)}`;
const rowId = (key: string): string => hash('sha256', key, 'base64url');
