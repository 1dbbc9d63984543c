/** The whole server as a target of the kill test: real process, real HTTP, its own database. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readPostmasterFile } from '../../src/storage/postmaster.ts';
import { requestToken, type RunningServer, startServer } from '../server.ts';
import { startEarlyProxy } from './early-proxy.ts';
import type { Target } from './harness.ts';
import { SYSTEM, write } from './http-writers.ts';
import { createLedger, type Ledger, type Stored } from './ledger.ts';

/** `early`: acknowledgements are given before the server has seen the write, to show that this is caught. */
export type Honesty = 'honest' | 'early';

/** A target whose rounds all use the same data folder. */
export function fullStackTarget(dataDir: string, honesty: Honesty): Target {
  let ledger: Ledger;
  let writing: Promise<void>;
  let proxy: AsyncDisposable | undefined;
  return {
    async start(acksFile) {
      await mkdir(dataDir, { recursive: true, mode: 0o711 });
      const server = await startServer({ dataDir });
      const token = await requestToken(dataDir, 'ehr');
      const front = honesty === 'early' ? await startEarlyProxy(server.url) : undefined;
      proxy = front;
      ledger = createLedger(acksFile);
      const kinds = honesty === 'early' ? 'creates-only' : 'all';
      writing = write({ url: front?.url ?? server.url, token, ledger, round: `r${Date.now()}`, kinds });
      writing.catch(() => undefined); // looked at in verify()
      const databasePid = (await readPostmasterFile(join(dataDir, 'postgres')))?.pid;
      if (databasePid === undefined) {
        throw new Error(`No database runs in ${dataDir}/postgres`);
      }
      return { nodePid: server.pid, databasePid, ended: server.ended };
    },
    async verify() {
      await proxy?.[Symbol.asyncDispose]();
      await writing;
      await using server = await startServer({ dataDir });
      return ledger.compare(await readBack(server, await requestToken(dataDir, 'ehr'), ledger.keys()));
    },
  };
}

const KEYS_AT_ONCE = 40;

/** What the server now has under the keys, asked over HTTP. */
async function readBack(server: RunningServer, token: string, keys: readonly string[]): Promise<Stored> {
  const stored = new Map<string, readonly number[]>();
  for (let from = 0; from < keys.length; from += KEYS_AT_ONCE) {
    const wanted = keys.slice(from, from + KEYS_AT_ONCE).map((key) => `${SYSTEM}|${key}`);
    const response = await fetch(`${server.url}/fhir/Observation/_search`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: new URLSearchParams({ identifier: wanted.join(','), _count: String(KEYS_AT_ONCE * 2) }),
    });
    if (!response.ok) {
      throw new Error(`The search for what was written: ${response.status} ${await response.text()}`);
    }
    for (const { identifier, valueInteger } of resourcesOf((await response.json()) as SearchSet)) {
      const key = identifier[0]?.value ?? '';
      stored.set(key, [...(stored.get(key) ?? []), valueInteger]);
    }
  }
  return stored;
}

interface Written {
  readonly identifier: readonly { readonly value: string }[];
  readonly valueInteger: number;
}

interface SearchSet {
  readonly entry?: readonly { readonly resource: Written }[];
}

const resourcesOf = ({ entry = [] }: SearchSet): readonly Written[] => entry.map(({ resource }) => resource);
