/**
 * Our own keys, table `signing_key`: made once by whichever process starts first, and renewed by `signing-keys rotate`.
 * ES256 signs access tokens (63 µs to verify, ES384 takes five times that), RS256 id_tokens, ES384 our assertions as a
 * client of an EHR; the cookie secret signs the authorisation server's cookies.
 * A renewed key is published at once and signs when everybody has had time to see it; the one before it stays published
 * until nothing that it has signed can still be valid.
 */
import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Clock } from '../fhir/id.ts';
import type { SqlClient } from './ports.ts';

export interface SigningKeys {
  readonly accessToken: JWK;
  readonly idToken: JWK;
  readonly ehrClient: JWK;
  readonly cookieSecret: string;
  /** Keys of access tokens that are valid now, private; the one that signs comes first. */
  readonly accessTokens: readonly JWK[];
  /** Everything that the authorisation server signs with or has signed with; of each kind the one that signs comes first. */
  readonly all: readonly JWK[];
}

/** The keys as they are now; the same object until they change. */
export interface KeyRing {
  current(): SigningKeys;
  /** Read again what another process may have renewed. */
  refresh(): Promise<void>;
}

type Purpose = 'accessToken' | 'idToken' | 'ehrClient' | 'cookieSecret';

/** Rows are named by kind and number; the name is the key's `kid`. */
const PREFIX: Readonly<Record<Purpose, string>> = {
  accessToken: 'access-token',
  idToken: 'id-token',
  ehrClient: 'ehr-client',
  cookieSecret: 'cookie',
};

const MAKE: Readonly<Record<Purpose, (kid: string) => Promise<JWK>>> = {
  accessToken: (kid) => makeKey('ES256', kid),
  idToken: (kid) => makeKey('RS256', kid),
  ehrClient: (kid) => makeKey('ES384', kid),
  cookieSecret: (kid) => Promise.resolve({ kty: 'oct', kid, k: randomBytes(32).toString('base64url') }),
};

/** How long a new key is only published, so that every process and client knows it before it signs. */
export const PUBLISHED_FIRST_MS = 10 * 60_000;
/** How long a superseded key stays published. */
export const KEPT_AFTER_MS = 24 * 3_600_000;
const REFRESH_MS = 60_000;

interface StoredKey {
  readonly purpose: Purpose;
  readonly number: number;
  readonly jwk: JWK;
  readonly created: Date;
}

/** Read the keys, and make those that are missing. Processes that start together end up with the same ones. */
export async function loadSigningKeys(db: SqlClient, clock: Clock): Promise<KeyRing> {
  for (const purpose of Object.keys(PREFIX) as Purpose[]) {
    const known = await readKeys(db);
    if (!known.some((key) => key.purpose === purpose)) {
      await createKey(db, purpose, 1, clock.now());
    }
  }
  let keys = chosen(await readKeys(db), clock.now());
  let readAt = clock.now().getTime();
  const refresh = async (): Promise<void> => {
    readAt = clock.now().getTime();
    const next = chosen(await readKeys(db), clock.now());
    keys = namesOf(next) === namesOf(keys) ? keys : next;
  };
  return {
    current() {
      if (Math.abs(clock.now().getTime() - readAt) > REFRESH_MS) {
        void refresh().catch(() => undefined); // the keys that are known go on
      }
      return keys;
    },
    refresh,
  };
}

/** Make the next keys of access tokens and id_tokens, and drop those that are long superseded. Answers the new names. */
export async function rotateSigningKeys(db: SqlClient, now: Date): Promise<readonly string[]> {
  const { made, known } = await makeNext(db, now);
  await dropKeys(
    db,
    known.filter((key) => isSuperseded(key, ofPurpose(known, key.purpose), now)),
  );
  return made;
}

/** New keys that sign at once, for when somebody may have the others: these go, and what they have signed is worth nothing. */
export async function replaceSigningKeys(db: SqlClient, now: Date): Promise<readonly string[]> {
  const { made, known } = await makeNext(db, new Date(now.getTime() - PUBLISHED_FIRST_MS));
  await dropKeys(
    db,
    known.filter(({ purpose }) => OF_TOKENS.includes(purpose)),
  );
  return made;
}

const OF_TOKENS: readonly Purpose[] = ['accessToken', 'idToken'];

async function makeNext(db: SqlClient, created: Date) {
  const known = await readKeys(db);
  const made: string[] = [];
  for (const purpose of OF_TOKENS) {
    const number = Math.max(0, ...ofPurpose(known, purpose).map((key) => key.number)) + 1;
    await createKey(db, purpose, number, created);
    made.push(`${PREFIX[purpose]}-${number}`);
  }
  return { made, known };
}

const ofPurpose = (keys: readonly StoredKey[], purpose: Purpose): readonly StoredKey[] =>
  keys.filter((key) => key.purpose === purpose);

async function dropKeys(db: SqlClient, keys: readonly StoredKey[]): Promise<void> {
  const kids = keys.map(({ jwk }) => jwk.kid);
  await db.query('delete from signing_key where kid = any($1::text[])', [kids]);
}

/** What a key of tokens does: it waits until everybody knows it, signs, is kept for what it has signed, or is done. */
export type KeyState = 'published' | 'signs' | 'kept' | 'superseded';

/** The keys of access tokens and id_tokens, the newest of each kind first; none before a server has made them. */
export async function signingKeyStates(
  db: SqlClient,
  now: Date,
): Promise<readonly { readonly kid: string; readonly state: KeyState; readonly created: Date }[]> {
  const known = await readKeys(db);
  return (['accessToken', 'idToken'] as const).flatMap((purpose) => {
    const own = ofPurpose(known, purpose);
    return own.map((key) => ({
      kid: String(key.jwk.kid),
      state: stateOf(key, own, now),
      created: key.created,
    }));
  });
}

function stateOf(key: StoredKey, own: readonly StoredKey[], now: Date): KeyState {
  if (key === signerOf(own, now)) {
    return 'signs';
  }
  if (isSuperseded(key, own, now)) {
    return 'superseded';
  }
  return isSeen(key, now) ? 'kept' : 'published';
}

const namesOf = ({ all }: SigningKeys): string => all.map(({ kid }) => kid).join(' ');

function chosen(stored: readonly StoredKey[], now: Date): SigningKeys {
  const of = (purpose: Purpose): readonly JWK[] => {
    const own = ofPurpose(stored, purpose);
    const signs = signerOf(own, now);
    const others = liveOf(own, now).filter((key) => key !== signs);
    return [signs, ...others].flatMap((key) => key?.jwk ?? []);
  };
  const first = (purpose: Purpose): JWK => {
    const [key] = of(purpose);
    if (key === undefined) {
      throw new Error(`There is no signing key for ${purpose}`);
    }
    return key;
  };
  return {
    accessToken: first('accessToken'),
    idToken: first('idToken'),
    ehrClient: first('ehrClient'),
    cookieSecret: first('cookieSecret').k as string,
    accessTokens: of('accessToken'),
    all: [...of('accessToken'), ...of('idToken')],
  };
}

const liveOf = (own: readonly StoredKey[], now: Date): readonly StoredKey[] =>
  own.filter((key) => !isSuperseded(key, own, now));

/** The newest that everybody has had time to see; of keys of which none has been seen, the first. */
function signerOf(own: readonly StoredKey[], now: Date): StoredKey | undefined {
  const live = liveOf(own, now);
  return live.find((key) => isSeen(key, now)) ?? live.at(-1);
}

const isSeen = ({ created }: StoredKey, now: Date): boolean =>
  now.getTime() - created.getTime() >= PUBLISHED_FIRST_MS;

/** Has a newer key been signing for so long that nothing of this one is valid any more? */
const isSuperseded = ({ number }: StoredKey, own: readonly StoredKey[], now: Date): boolean =>
  own.some(
    (other) =>
      other.number > number && now.getTime() - other.created.getTime() >= PUBLISHED_FIRST_MS + KEPT_AFTER_MS,
  );

/** The public half, as it is published. */
export function publicJwk({ kty, crv, x, y, n, e, kid, alg, use }: JWK): JWK {
  return Object.fromEntries(
    Object.entries({ kty, crv, x, y, n, e, kid, alg, use }).filter(([, value]) => value !== undefined),
  ) as JWK;
}

async function createKey(db: SqlClient, purpose: Purpose, number: number, now: Date): Promise<void> {
  const kid = `${PREFIX[purpose]}-${number}`;
  await db.query(
    `insert into signing_key (kid, use, private_jwk, created)
     values ($1, $2, $3::jsonb, $4)
     on conflict (kid) do nothing`, // another process may have been first: its key counts
    [kid, purpose, JSON.stringify(await MAKE[purpose](kid)), now],
  );
}

/** All keys, the newest of each kind first. */
async function readKeys(db: SqlClient): Promise<readonly StoredKey[]> {
  const { rows } = await db.query('select kid, use, private_jwk, created from signing_key');
  return rows
    .map((row) => ({
      purpose: row.use as Purpose,
      number: Number(/-(\d+)$/.exec(row.kid as string)?.[1] ?? 0),
      jwk: row.private_jwk as JWK,
      created: new Date(row.created as string),
    }))
    .toSorted((a, b) => b.number - a.number);
}

/** A new private key as JWK. */
export async function makeKey(alg: 'ES256' | 'ES384' | 'RS256' | 'RS384', kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 3072 });
  return { ...(await exportJWK(privateKey)), kid, alg, use: 'sig' };
}
