/**
 * Values made unreadable, and found again all the same (ID-01): lookup = HMAC-SHA-256, cipher = AES-256-GCM with a random
 * nonce of 96 bits (NIST SP 800-38D 8.2.2). A key is used for one purpose, each derived from the version's master key with
 * HKDF (RFC 5869). A cipher is bound to its table, column, row and key version: moved to another row it does not open.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';

/** A key as it is kept outside of the database. */
export interface MasterKey {
  /** From 1, without gaps; the highest is the newest. */
  readonly version: number;
  /** 256 bits. */
  readonly secret: Buffer;
}

/** What one version of the keys does. */
export interface Sealer {
  readonly version: number;
  /** The same for the same value, and tells nothing of it without the key. */
  lookup(value: string): Buffer;
  /** `place` names table, column and row. */
  seal(value: string, place: string): Buffer;
  /** Throws `SealBroken` when the bytes were made with another key, for another place, or have been changed. */
  open(cipher: Buffer, place: string): string;
  /** Says which key this is without telling it. */
  readonly proof: Buffer;
}

/** A cipher that is not what was written there. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

const NONCE = 12;
const TAG = 16;

export function createSealer({ version, secret }: MasterKey): Sealer {
  // as an object of its own: the same bytes in a Buffer take six times as long, each time
  const derived = (purpose: string): KeyObject =>
    createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `ryggrad ${purpose}`, 32)));
  const lookupKey = derived('direct-identifier lookup');
  const cipherKey = derived('direct-identifier cipher');
  const aad = (place: string): Buffer => Buffer.from(`${place}|${version}`);
  return {
    version,
    lookup: (value) => createHmac('sha256', lookupKey).update(value).digest(),
    seal(value, place) {
      const nonce = randomFillSync(Buffer.alloc(NONCE));
      const cipher = createCipheriv('aes-256-gcm', cipherKey, nonce).setAAD(aad(place));
      return Buffer.concat([nonce, cipher.update(packed(value)), cipher.final(), cipher.getAuthTag()]);
    },
    open(bytes, place) {
      try {
        const decipher = createDecipheriv('aes-256-gcm', cipherKey, bytes.subarray(0, NONCE), {
          authTagLength: TAG,
        })
          .setAAD(aad(place))
          .setAuthTag(bytes.subarray(bytes.length - TAG));
        return unpacked(
          Buffer.concat([decipher.update(bytes.subarray(NONCE, bytes.length - TAG)), decipher.final()]),
        );
      } catch (cause) {
        throw new SealBroken(`What is sealed in ${place} is not what was written there`, { cause });
      }
    },
    proof: createHmac('sha256', derived('key proof')).update('ryggrad').digest(),
  };
}

const TEXT = 0;
const FILE = 1;

/** A file is kept as its bytes where its base64 is the usual one. */
function packed(value: string): Buffer {
  if (value.startsWith('f|')) {
    const bytes = Buffer.from(value.slice(2), 'base64');
    if (bytes.toString('base64') === value.slice(2)) {
      return Buffer.concat([Buffer.of(FILE), bytes]);
    }
  }
  return Buffer.concat([Buffer.of(TEXT), Buffer.from(value)]);
}

const unpacked = (bytes: Buffer): string =>
  bytes[0] === FILE ? `f|${bytes.toString('base64', 1)}` : bytes.toString('utf8', 1);
