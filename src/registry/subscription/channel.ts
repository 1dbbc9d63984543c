/**
 * How a notification leaves: the port that adapters/rest-hook.ts implements, what may be sent where, and the signature.
 */
import { createHmac } from 'node:crypto';

export interface Delivery {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutSeconds: number;
}

/** `reason` is short, and safe to show to the subscriber. */
export type Delivered = { readonly isSent: true } | { readonly isSent: false; readonly reason: string };

export interface RestHook {
  /** Why the address can be none, as far as its text tells; undefined when it can. */
  refusal(url: string): string | undefined;
  /** Post it; never throws. */
  send(delivery: Delivery): Promise<Delivered>;
}

export const SIGNATURE_HEADER = 'X-Ryggrad-Signature';

/**
 * `t=<seconds>,v1=<hex>`: HMAC-SHA-256 with the subscription's key over `<seconds>.<body>`. The receiver computes the same,
 * compares in constant time, and refuses what is older than a few minutes.
 */
export function signatureOf(key: string, body: string, now: Date): string {
  const seconds = Math.floor(now.getTime() / 1000);
  const mac = createHmac('sha256', key).update(`${seconds}.`).update(body).digest('hex');
  return `t=${seconds},v1=${mac}`;
}

const NAME = /^(?:authorization|x-[a-z0-9-]{1,60})$/i;
const VALUE = /^[\x20-\x7e]{0,4000}$/;

/** `Name: value` → its parts; undefined for what may not be sent: only Authorization and X- headers of printable text. */
export function parseHeader(line: string): { readonly name: string; readonly value: string } | undefined {
  const colon = line.indexOf(':');
  const name = line.slice(0, colon).trim();
  const value = line.slice(colon + 1).trim();
  const isOurs = name.toLowerCase() === SIGNATURE_HEADER.toLowerCase();
  return colon > 0 && NAME.test(name) && VALUE.test(value) && !isOurs ? { name, value } : undefined;
}
