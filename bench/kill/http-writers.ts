/** Four clients that write over HTTP until the server is gone: creates, updates of one resource, transactions of both. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Entry, Ledger } from './ledger.ts';

const CLIENTS = 4;
export const SYSTEM = 'http://example.org/kill-test';

export interface WriterOptions {
  /** Where to write: the server itself, or something in front of it. */
  readonly url: string;
  readonly token: string;
  readonly ledger: Ledger;
  /** New in every round, so that keys are never used twice. */
  readonly round: string;
  /** Without updates the clients need nothing from the answers. */
  readonly kinds: 'all' | 'creates-only';
}

type Json = Readonly<Record<string, unknown>>;

/** Starts the clients; fulfilled when all have met a connection that is refused or cut. */
export async function write(options: WriterOptions): Promise<void> {
  await Promise.all(
    Array.from({ length: CLIENTS }, (_, index) => client(options, `${options.round}-${index}`)),
  );
}

async function client(options: WriterOptions, name: string): Promise<void> {
  try {
    const counter = { key: `${name}-counter`, n: 1, id: '' };
    counter.id = await createCounter(options, counter);
    for (let step = 1; ; step++) {
      await [single, options.kinds === 'all' ? update : single, together][step % 3]?.(
        options,
        counter,
        `${name}-${step}`,
      );
    }
  } catch (error) {
    if (!isGone(error)) {
      throw error;
    }
  }
}

interface Counter {
  readonly key: string;
  n: number;
  id: string;
}

async function createCounter(options: WriterOptions, { key, n }: Counter): Promise<string> {
  const answer = await send(options, 'POST', 'Observation', observation({ key, n }), [{ key, n }]);
  return (answer as { readonly id?: string } | undefined)?.id ?? '';
}

async function single(options: WriterOptions, _counter: Counter, key: string): Promise<void> {
  await send(options, 'POST', 'Observation', observation({ key, n: 1 }), [{ key, n: 1 }]);
}

async function update(options: WriterOptions, counter: Counter): Promise<void> {
  const entry = { key: counter.key, n: ++counter.n };
  await send(options, 'PUT', `Observation/${counter.id}`, { ...observation(entry), id: counter.id }, [entry]);
}

/** Four new resources and, with updates, the counter one further: all or nothing. */
async function together(options: WriterOptions, counter: Counter, key: string): Promise<void> {
  const created = Array.from({ length: 4 }, (_, index) => ({ key: `${key}-${index}`, n: 1 }));
  const moved = options.kinds === 'all' ? [{ key: counter.key, n: ++counter.n }] : [];
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: [
      ...created.map((entry) => ({
        resource: observation(entry),
        request: { method: 'POST', url: 'Observation' },
      })),
      ...moved.map((entry) => ({
        resource: { ...observation(entry), id: counter.id },
        request: { method: 'PUT', url: `Observation/${counter.id}` },
      })),
    ],
  };
  await send(options, 'POST', '', bundle, [...created, ...moved]);
}

async function send(
  { url, token, ledger }: WriterOptions,
  method: string,
  path: string,
  body: Json,
  entries: readonly Entry[],
): Promise<unknown> {
  ledger.sent(entries);
  const response = await fetch(`${url}/fhir/${path}`.replace(/\/$/, ''), {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/fhir+json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (response.ok) {
    ledger.acknowledged(entries);
    return text === '' ? undefined : JSON.parse(text);
  }
  if (response.status < 500) {
    ledger.surprise(`${method} ${path} was answered ${response.status}: ${text.slice(0, 500)}`);
  }
  await delay(50); // the database is gone; so are we, soon
  return undefined;
}

function observation({ key, n }: Entry): Json {
  return {
    resourceType: 'Observation',
    status: 'final',
    identifier: [{ system: SYSTEM, value: key }],
    code: { text: 'Smerte, NRS' },
    valueInteger: n,
  };
}

/** `fetch failed`, or a body cut off: the other side has died. */
function isGone(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && error.name === 'AbortError');
}
