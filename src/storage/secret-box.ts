/**
 * Small secrets at rest: AES-256-GCM under a key that lies in a file beside the database, never in it.
 * https://csrc.nist.gov/pubs/sp/800/38/d/final. Used for authenticator secrets and for messages that wait to be sent.
 */
import { createCipheriv, createDecipheriv, createHmac, hash, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface SecretBox {
  /** Encrypt; `place` (table, column, row) is bound to it, so that a text copied to another row does not open. */
  seal(text: string, place: string): string;
  /** The text that was sealed for this place. Throws when it was changed, moved, or sealed under another key. */
  open(sealed: string, place: string): string;
  /** A keyed hash: of texts that are few enough to be guessed from a plain one. */
  mac(text: string): string;
}

/** The key file is missing what it should hold; the message says what to do. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
}

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A box for a key of 32 bytes. Its two uses get keys of their own. */
export function createSecretBox(key: Buffer): SecretBox {
  const encryption = derived(key, 'seal');
  const authentication = derived(key, 'mac');
  const keyId = hash('sha256', key, 'hex').slice(0, 8);
  return {
    seal(text, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', encryption, nonce).setAAD(Buffer.from(place));
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${keyId}.${Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')}`;
    },
    open(sealed, place) {
      const [id, text = ''] = sealed.split('.');
      if (id !== keyId) {
        throw new KeyFileError(
          `A secret was sealed under key ${id ?? '?'}, and the key file holds ${keyId}.`,
        );
      }
      const bytes = Buffer.from(text, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', encryption, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
      const body = bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
    },
    mac: (text) => createHmac('sha256', authentication).update(text).digest('base64url'),
  };
}

/** The box of a key file (32 bytes as base64); made with a new key, readable by its owner alone, when there is none. */
export async function openSecretBox(path: string): Promise<SecretBox> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeFile(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new KeyFileError(`The key file ${path} can neither be read nor made.`, { cause });
    }
  }
  const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64');
  if (key.length !== KEY_BYTES) {
    throw new KeyFileError(`The key file ${path} must hold 32 bytes as base64: openssl rand -base64 32`);
  }
  return createSecretBox(key);
}

const derived = (key: Buffer, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', key, '', `ryggrad ${use}`, KEY_BYTES));
