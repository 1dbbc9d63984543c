/** That what is refused leaves nothing behind: refused probes are sent again by one client, between two fingerprints. */
import { changedTables, fingerprint, type Query } from './fingerprint.ts';
import type { Probe } from './probe.ts';
import type { Send } from './sender.ts';

/** A refused probe after which the tables were not as before. */
export interface Trace {
  readonly probe: Probe;
  readonly tables: readonly string[];
}

/** Every refused probe that changes something, found by halving. What is accepted this time is left out, and the rest sent again. */
export async function tracesOf(
  probes: readonly Probe[],
  send: Send,
  query: Query,
): Promise<readonly Trace[]> {
  const before = await fingerprint(query);
  const refused: Probe[] = [];
  for (const probe of probes) {
    const { status } = await send(probe);
    if (status >= 400 || isSafe(probe)) {
      refused.push(probe);
    }
  }
  const tables = changedTables(before, await fingerprint(query));
  if (tables.length === 0 || refused.length === 0) {
    return [];
  }
  if (refused.length < probes.length) {
    return tracesOf(refused, send, query);
  }
  if (probes.length === 1) {
    return [{ probe: probes[0] as Probe, tables }];
  }
  const middle = Math.ceil(probes.length / 2);
  return [
    ...(await tracesOf(probes.slice(0, middle), send, query)),
    ...(await tracesOf(probes.slice(middle), send, query)),
  ];
}

/** Methods that change nothing, whatever comes of them. */
export const isSafe = ({ method }: Probe): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || method === 'TRACE';
