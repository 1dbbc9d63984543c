/** One request of the fuzzer, as plain data: it can be sent again, printed, and kept as a regression. */

/** Whose token goes with it. */
export type Sender = 'ehr' | 'staff' | 'analytics' | 'nobody';

export interface Probe {
  /** What was mutated, for the figures. */
  readonly kind: Kind;
  readonly method: string;
  /** Below the FHIR base, without a slash in front; may hold a query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly sender: Sender;
}

export type Kind =
  'resource' | 'json text' | 'xml' | 'bundle' | 'patch' | 'search' | 'path' | 'headers' | 'operation';

/** What came back. `text` is the body, `milliseconds` from the first byte sent to the last one read. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
  readonly milliseconds: number;
}

const PRINTED = 1500;

/** The request in a few lines, for a report. */
export function describeProbe({ kind, method, path, headers, body, sender }: Probe): string {
  const text = typeof body === 'string' ? body : Buffer.from(body ?? []).toString('hex');
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${clip(value)}`);
  return [`[${kind}, ${sender}] ${method} ${clip(path)}`, ...lines, clip(text)].join('\n');
}

const clip = (text: string): string =>
  text.length > PRINTED ? `${text.slice(0, PRINTED)}… (${text.length} characters)` : text;
