/**
 * Text messages by an HTTP gateway: one POST a message, as JSON or as form fields, with the names that the gateway uses.
 * The key travels in the header `Idempotency-Key` and, where the gateway has a field for it, in that field.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
import { guardedFetch } from '../guarded-fetch.ts';
import { type Carrier, type Message, Undeliverable } from './message.ts';

export interface SmsGatewayOptions {
  readonly url: string;
  readonly format: 'json' | 'form';
  /** Our name for a value → the gateway's name for its field. `to` and `text` are needed. */
  readonly fields: Readonly<Partial<Record<SmsField, string>>>;
  /** Sender that the receiver sees. */
  readonly from: string;
  /** Value of the `Authorization` header. */
  readonly authorization?: string;
  readonly timeoutMs?: number;
}

export type SmsField = 'to' | 'text' | 'from' | 'id';

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** Answers after which a later attempt may succeed although they are 4xx. */
const PASSING = new Set([408, 425, 429]);

/** The carrier of text messages. A 4xx answer is final (but 408, 425, 429), everything else is tried again. */
export function smsGateway(options: SmsGatewayOptions): Carrier {
  const { url, format, authorization, timeoutMs = TIMEOUT_MS } = options;
  const ask = guardedFetch({ reach: 'configured', timeoutMs, maxBytes: MAX_ANSWER_BYTES });
  return async (message, key) => {
    const fields = fieldsOf(options, message, key);
    const { ok, status } = await ask(url, {
      method: 'POST',
      headers: {
        'Idempotency-Key': key,
        ...(authorization !== undefined && { Authorization: authorization }),
        ...(format === 'json' && { 'Content-Type': 'application/json' }),
      },
      body: format === 'json' ? JSON.stringify(fields) : new URLSearchParams(fields),
    });
    if (status >= 400 && status < 500 && !PASSING.has(status)) {
      throw new Undeliverable(`The SMS gateway answered ${status}`);
    }
    if (!ok) {
      throw new Error(`The SMS gateway answered ${status}`);
    }
  };
}

function fieldsOf(
  { fields, from }: SmsGatewayOptions,
  { to, text }: Message,
  id: string,
): Readonly<Record<string, string>> {
  const values: Readonly<Record<SmsField, string>> = { to, text, from, id };
  return Object.fromEntries(
    Object.entries(fields).map(([ours, theirs]) => [theirs, values[ours as SmsField]]),
  );
}
