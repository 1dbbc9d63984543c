/** A receiver of notifications over real HTTP: it remembers what came, and answers as it is told to. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: Notification;
}

export interface Notification {
  readonly resourceType: string;
  readonly type: string;
  readonly entry: readonly {
    readonly fullUrl: string;
    readonly resource?: {
      readonly resourceType: string;
      readonly id: string;
      readonly [key: string]: unknown;
    };
    readonly request: { readonly method: string; readonly url: string };
    readonly response: { readonly status: string };
  }[];
}

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** Answer with this status from now on; 0 cuts the connection without an answer. */
  answer(status: number, headers?: Readonly<Record<string, string>>, body?: string): void;
  forget(): void;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let reply: { status: number; headers: Readonly<Record<string, string>>; body: string } = {
    status: 200,
    headers: {},
    body: '',
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      received.push({
        path: request.url ?? '',
        headers: request.headers,
        text,
        body: JSON.parse(text) as Notification,
      });
      if (reply.status === 0) {
        request.socket.destroy();
        return;
      }
      response.writeHead(reply.status, reply.headers).end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer(status, headers = {}, body = '') {
      reply = { status, headers, body };
    },
    forget() {
      received.length = 0;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Parameter {
  readonly name: string;
  readonly valueCode?: string;
  readonly valueString?: string;
  readonly valueCanonical?: string;
  readonly part?: readonly {
    readonly name: string;
    readonly valueString?: string;
    readonly valueReference?: { readonly reference: string };
  }[];
}

const parametersOf = ({ entry }: Notification): readonly Parameter[] =>
  (entry[0]?.resource?.['parameter'] ?? []) as readonly Parameter[];

/** `handshake`, `heartbeat`, `event-notification`. */
export const kindOf = ({ body }: Received): string | undefined =>
  parametersOf(body).find(({ name }) => name === 'type')?.valueCode;

export interface Told {
  readonly number: string | undefined;
  readonly focus: string | undefined;
}

/** Event numbers and what they are about, as `Type/id`. */
export function eventsIn(body: Notification): readonly Told[] {
  return parametersOf(body)
    .filter(({ name }) => name === 'notification-event')
    .map(({ part = [] }) => ({
      number: part.find(({ name }) => name === 'event-number')?.valueString,
      focus: part
        .find(({ name }) => name === 'focus')
        ?.valueReference?.reference.split('/')
        .slice(-2)
        .join('/'),
    }));
}

/** All events that came, in the order in which they came. */
export const eventsOf = (received: readonly Received[]): readonly Told[] =>
  received.flatMap(({ body }) => eventsIn(body));

/** Checks a signature the way the documentation tells receivers to. */
export function isSigned({ headers, text }: Received, key: string): boolean {
  const [, seconds = '', mac = ''] =
    /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-ryggrad-signature'])) ?? [];
  const expected = createHmac('sha256', key).update(`${seconds}.${text}`).digest();
  return mac !== '' && timingSafeEqual(Buffer.from(mac, 'hex'), expected);
}
