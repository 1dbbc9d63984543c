/** Sends probes as they are, over kept connections: Node's own client repairs less than fetch does. */
import { Agent, request } from 'node:http';
import type { Answer, Probe, Sender } from './probe.ts';

export type Send = (probe: Probe) => Promise<Answer>;

export interface Target {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  token(sender: Exclude<Sender, 'nobody'>): Promise<string>;
}

/** Well below the life of an access token. */
const TOKEN_MS = 120_000;
const GIVE_UP_MS = 60_000;

/** A sender with `connections` connections. `status` 0: the connection ended without an answer. */
export function createSender({ url, token }: Target, connections: number): Send & Disposable {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(url);
  const tokens = new Map<Sender, { readonly text: Promise<string>; readonly until: number }>();
  const tokenOf = (sender: Exclude<Sender, 'nobody'>): Promise<string> => {
    const known = tokens.get(sender);
    if (known !== undefined && known.until > Date.now()) {
      return known.text;
    }
    const text = token(sender);
    tokens.set(sender, { text, until: Date.now() + TOKEN_MS });
    return text;
  };
  const send = async (probe: Probe): Promise<Answer> => {
    const { headers, body, sender } = probe;
    const own = {
      ...(sender !== 'nobody' && { authorization: `Bearer ${await tokenOf(sender)}` }),
      ...(body !== undefined && {
        'content-type': 'application/fhir+json',
        'content-length': String(Buffer.byteLength(body)),
      }),
    };
    const all = merged(own, headers);
    const answer = await attempt(probe, all, agent);
    // a kept connection may be closed by the server just as it is taken up again; a new one is never
    return answer === 'stale' ? ((await attempt(probe, all, false)) as Answer) : answer;
  };
  const attempt = (
    { method, path, body }: Probe,
    all: Readonly<Record<string, string>>,
    agent: Agent | false,
  ): Promise<Answer | 'stale'> => {
    const begun = performance.now();
    return new Promise((resolve) => {
      const none = (cause: Error): void =>
        resolve(
          call.reusedSocket && agent !== false
            ? 'stale'
            : { status: 0, headers: {}, text: String(cause), milliseconds: performance.now() - begun },
        );
      const call = request(
        { agent, hostname, port, method, path: `/fhir/${path}`, headers: all, timeout: GIVE_UP_MS },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', none);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: Buffer.concat(chunks).toString('utf8'),
              milliseconds: performance.now() - begun,
            }),
          );
        },
      );
      call.on('timeout', () => call.destroy(new Error('no answer')));
      call.on('error', none);
      call.end(body);
    });
  };
  return Object.assign(send, { [Symbol.dispose]: () => agent.destroy() });
}

/** A header of the probe takes the place of ours, however its name is spelt; values go as one byte a character. */
function merged(
  own: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  return Object.fromEntries([
    ...Object.entries(own).filter(([name]) => !given.has(name)),
    ...Object.entries(headers).map(
      ([name, value]) => [name, value.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '?')] as const,
    ),
  ]);
}
