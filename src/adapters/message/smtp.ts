/**
 * E-mail by SMTP: https://www.rfc-editor.org/rfc/rfc5321. The message's key is its Message-ID, the same at each attempt.
 */
import { createTransport } from 'nodemailer';
import { type Carrier, Undeliverable } from './message.ts';

export interface SmtpOptions {
  /** `smtps://user:password@host:465`, or `smtp://host:587`, which turns to TLS where the server offers it. */
  readonly url: string;
  /** Sender: `Kvalitetsregistre <ikke-svar@register.example.no>`. */
  readonly from: string;
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 15_000;

/** The carrier of e-mail. A 5xx answer of the server is final, everything else is tried again. */
export function smtpCarrier({ url, from, timeoutMs = TIMEOUT_MS }: SmtpOptions): Carrier {
  const transport = createTransport({
    url,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = /@([^>\s]+)/.exec(from)?.[1] ?? 'localhost';
  return async ({ to, subject, text }, key) => {
    try {
      await transport.sendMail({ from, to, subject: subject ?? '', text, messageId: `<${key}@${domain}>` });
    } catch (cause) {
      const { responseCode, code } = cause as { responseCode?: number; code?: string };
      const problem = `SMTP ${responseCode ?? code ?? 'failed'}`;
      throw responseCode !== undefined && responseCode >= 500
        ? new Undeliverable(problem, { cause })
        : new Error(problem, { cause });
    }
  };
}
