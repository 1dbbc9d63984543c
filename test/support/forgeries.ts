/**
 * Ways to spoil or forge a signed token (JWS in compact form, RFC 7515) without its key, as arbitraries of fast-check. Made
 * with node:crypto alone: none of the code that has to find them out takes part. RFC 8725 has most of them.
 */
import { createHmac, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import fc from 'fast-check';
import type { JWK } from 'jose';

export interface Forgery {
  /** What was done, for the message of a test that fails. */
  readonly how: string;
  readonly token: string;
}

/** What a forger has: genuine tokens, everything public, and a key pair of their own. */
export interface ForgersDesk {
  readonly token: string;
  /** Another genuine one, whose parts may be mixed in. */
  readonly other: string;
  /** The keys that signatures are checked with. */
  readonly publicKeys: readonly JWK[];
  /** Private key of the forger's, of the kind that the genuine one has; its `alg` too. */
  readonly ownKey: JWK;
  /** Claims that the forger would like to have. */
  readonly wishes: readonly Readonly<Record<string, unknown>>[];
}

type Json = Readonly<Record<string, unknown>>;

/** Any forgery, never the genuine token itself. */
export function forgeries(desk: ForgersDesk): fc.Arbitrary<Forgery> {
  return fc
    .oneof(
      changedText(desk),
      movedParts(desk),
      otherHeaders(desk),
      secretOfPublicKey(desk),
      ownSignature(desk),
    )
    .filter(({ token }) => token !== desk.token && token !== desk.other);
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** One character or bit is another, something is cut off or put in. */
function changedText({ token }: ForgersDesk): fc.Arbitrary<Forgery> {
  const place = fc.nat({ max: token.length - 1 });
  const part = fc.nat({ max: 2 });
  return fc.oneof(
    fc
      .tuple(place, fc.constantFrom(...ALPHABET, '.', '=', '+', '/', ' ', '\n', '%', 'é'))
      .map(([at, sign]) =>
        made(`${at} is ${JSON.stringify(sign)}`, token.slice(0, at) + sign + token.slice(at + 1)),
      ),
    fc
      .tuple(place, fc.constantFrom('A', '.', '=', ' ', '\n', '\t', '\0'))
      .map(([at, sign]) =>
        made(`${JSON.stringify(sign)} put in at ${at}`, token.slice(0, at) + sign + token.slice(at)),
      ),
    place.map((end) => made(`cut off at ${end}`, token.slice(0, end))),
    place.map((start) => made(`begins at ${start + 1}`, token.slice(start + 1))),
    fc.tuple(part, fc.nat(), fc.nat({ max: 7 })).map(([index, at, bit]) => {
      const parts = partsOf(token);
      const bytes = Buffer.from(parts[index] ?? '', 'base64url');
      const place = at % bytes.length;
      bytes[place] = (bytes[place] ?? 0) ^ (1 << bit);
      return made(
        `bit ${bit} of byte ${place} in part ${index}`,
        withPart(parts, index, bytes.toString('base64url')),
      );
    }),
    fc.tuple(part, fc.constantFrom('=', '==', '\n', ' ')).map(([index, end]) => {
      const parts = partsOf(token);
      return made(
        `part ${index} ends with ${JSON.stringify(end)}`,
        withPart(parts, index, (parts[index] ?? '') + end),
      );
    }),
  );
}

/** Parts in another order, too many or too few, or of two tokens. */
function movedParts({ token, other }: ForgersDesk): fc.Arbitrary<Forgery> {
  const own = partsOf(token);
  const foreign = partsOf(other);
  const part = fc.constantFrom(...own, ...foreign, '');
  const mixed = fc.subarray([0, 1, 2], { minLength: 1, maxLength: 2 }).map((indexes) => {
    const parts = own.map((text, index) => (indexes.includes(index) ? (foreign[index] ?? '') : text));
    return made(`parts ${indexes.join()} of another token`, parts.join('.'));
  });
  const anyhow = fc
    .array(part, { minLength: 1, maxLength: 6 })
    .map((parts) => made('parts in any order', parts.join('.')));
  // mixing header alone may give the token back: headers of one issuer are equal
  return fc.oneof(mixed, anyhow).filter(({ token: text }) => !isPairOf(text, [own, foreign]));
}

/** Both tokens have the same header: then a text of one's other parts is that one. */
const isPairOf = (text: string, tokens: readonly (readonly string[])[]): boolean =>
  tokens.some(
    ([, payload, signature]) => text.split('.').length === 3 && text.endsWith(`.${payload}.${signature}`),
  ) && tokens.some(([header]) => text.startsWith(`${header}.`));

const ALGORITHMS = [
  'none',
  'NONE',
  'nOnE',
  '',
  'HS256',
  'HS384',
  'HS512',
  'ES256',
  'ES384',
  'ES512',
  'RS256',
  'RS384',
  'PS256',
  'EdDSA',
];
const KIDS = [
  '',
  '../../../dev/null',
  '/dev/null',
  "' or 1=1 --",
  'nobody',
  '0',
  '__proto__',
  'access-token-2',
];

/** Another header over the genuine payload and signature. */
function otherHeaders({ token, ownKey }: ForgersDesk): fc.Arbitrary<Forgery> {
  const [header = '', payload = '', signature = ''] = partsOf(token);
  const genuine = decoded(header);
  const signatures = fc.constantFrom(
    signature,
    '',
    Buffer.alloc(64).toString('base64url'),
    Buffer.alloc(96).toString('base64url'),
    Buffer.from([0x30, 6, 2, 1, 0, 2, 1, 0]).toString('base64url'),
  );
  return fc
    .tuple(headerChange(publicHalf(ownKey)), signatures)
    .map(([change, end]) =>
      made(`header ${JSON.stringify(change)}`, `${encoded({ ...genuine, ...change })}.${payload}.${end}`),
    )
    .filter(({ token: text }) => text !== token);
}

const headerChange = (jwk: JWK): fc.Arbitrary<Json> =>
  fc.oneof(
    fc.constantFrom(...ALGORITHMS).map((alg) => ({ alg })),
    fc.constantFrom(...KIDS, undefined, null, 7, ['a']).map((kid) => ({ kid })),
    fc.constantFrom('JWT', 'dpop+jwt', 'id+jwt', 'secevent+jwt', '', undefined, 7).map((typ) => ({ typ })),
    fc.constantFrom('jku', 'x5u').map((name) => ({ [name]: 'https://evil.example/keys' })),
    fc.constant({ jwk }),
    fc.constantFrom(
      { crit: ['b64'], b64: false },
      { b64: false },
      { crit: ['exp'], exp: 0 },
      { crit: [] },
      { zip: 'DEF' },
    ),
  );

/** RFC 8725 section 2.1: a public key taken for a shared secret, in every form that somebody may keep it in. */
function secretOfPublicKey({ token, publicKeys, wishes }: ForgersDesk): fc.Arbitrary<Forgery> {
  const [header = '', payload = ''] = partsOf(token);
  const secrets = publicKeys.flatMap((jwk) => {
    const key = createPublicKey({ key: jwk as never, format: 'jwk' });
    const pem = key.export({ type: 'spki', format: 'pem' }) as string;
    return [
      pem,
      pem.trim(),
      key.export({ type: 'spki', format: 'der' }),
      JSON.stringify(jwk),
      String(jwk.x ?? jwk.n),
      Buffer.from(String(jwk.x ?? jwk.n), 'base64url'),
      String(jwk.kid),
      '',
    ];
  });
  return fc
    .tuple(
      fc.constantFrom(...secrets),
      fc.constantFrom('256', '384', '512'),
      fc.constantFrom({}, ...wishes),
      fc.boolean(),
    )
    .map(([secret, bits, wish, isNamed]) => {
      const head = encoded({ ...decoded(header), ...(isNamed && { alg: `HS${bits}` }) });
      const text = `${head}.${encoded({ ...decoded(payload), ...wish })}`;
      return made(
        `HS${bits} with a public key, ${JSON.stringify(wish)}`,
        `${text}.${createHmac(`sha${bits}`, secret).update(text).digest('base64url')}`,
      );
    });
}

/** Signed, and rightly so, by the forger's own key: with the claims wished for, once and twice. */
function ownSignature({ token, publicKeys, ownKey, wishes }: ForgersDesk): fc.Arbitrary<Forgery> {
  const [header = '', payload = ''] = partsOf(token);
  const key = createPrivateKey({ key: ownKey as never, format: 'jwk' });
  const jwk = publicHalf(ownKey);
  const kids = [String(ownKey.kid), ...publicKeys.map(({ kid }) => String(kid))];
  return fc
    .tuple(
      fc.oneof(fc.constant({}), headerChange(jwk)),
      fc.constantFrom({ jwk }, {}),
      fc.constantFrom(...kids),
      fc.constantFrom({}, ...wishes),
      fc.boolean(),
    )
    .map(([change, carried, kid, wish, isTwice]) => {
      const head = encoded({ ...decoded(header), alg: ownKey.alg, ...carried, kid, ...change });
      const text = `${head}.${isTwice ? doubled(payload, wish) : encoded({ ...decoded(payload), ...wish })}`;
      return made(
        `own key, header ${JSON.stringify({ kid, ...change })}, claims ${JSON.stringify(wish)}${isTwice ? ' twice' : ''}`,
        `${text}.${signed(text, key, ownKey.alg)}`,
      );
    });
}

/** The claims wished for stand after the genuine ones of the same names (RFC 7519 section 4). */
const doubled = (payload: string, wish: Json): string =>
  Buffer.from(
    `${JSON.stringify(decoded(payload)).slice(0, -1)},${JSON.stringify({ x: 1, ...wish }).slice(1)}`,
  ).toString('base64url');

const HASHES: Readonly<Record<string, string>> = {
  ES256: 'sha256',
  ES384: 'sha384',
  RS256: 'sha256',
  RS384: 'sha384',
};

/** The signature of JWS; for algorithms of the table alone. */
export const signed = (text: string, key: KeyObject, alg = 'ES256'): string =>
  sign(HASHES[alg], Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url');

/** A token with any header and claims, signed by a private JWK. */
export function signedToken(header: Json, claims: Json, jwk: JWK): string {
  const text = `${encoded(header)}.${encoded(claims)}`;
  return `${text}.${signed(text, createPrivateKey({ key: jwk as never, format: 'jwk' }), jwk.alg)}`;
}

const made = (how: string, token: string): Forgery => ({ how, token });
const partsOf = (token: string): readonly string[] => token.split('.');
const withPart = (parts: readonly string[], index: number, text: string): string =>
  parts.map((part, at) => (at === index ? text : part)).join('.');
const decoded = (part: string): Json => JSON.parse(Buffer.from(part, 'base64url').toString()) as Json;
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const publicHalf = ({ kty, crv, x, y, n, e, kid, alg }: JWK): JWK =>
  JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, kid, alg })) as JWK;
