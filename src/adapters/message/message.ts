/**
 * A text message or an e-mail on its way: what is said to whom, and the port that carries it.
 */

/** The job that sends one. */
export const SEND_MESSAGE = 'send-message';

export type Channel = 'sms' | 'email';

export interface Message {
  readonly channel: Channel;
  /** E.164 number (`+4740000000`), or e-mail address. */
  readonly to: string;
  /** Of an e-mail. */
  readonly subject?: string;
  readonly text: string;
  /** What it is about, for lists and logs: `login-code`, `application-approved`. */
  readonly purpose: string;
}

/**
 * Carries one message. `key` is the same at every attempt of the same message, so that the receiver's side can see that it
 * has it already (OB-02). Throws `Undeliverable` when no attempt will ever succeed, anything else when a later one may.
 */
export type Carrier = (message: Message, key: string) => Promise<void>;

/** Nothing to be gained by trying again: a refused address, a refused login at the gateway. */
export class Undeliverable extends Error {
  override readonly name = 'Undeliverable';
}
