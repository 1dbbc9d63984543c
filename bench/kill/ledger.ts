/** What HTTP clients sent and what was acknowledged to them: the truth that a restarted server is compared with. */
import { appendFileSync } from 'node:fs';
import type { Verdict } from './harness.ts';

/** One resource, found again by `key`; `n` counts its versions and stands in its content. */
export interface Entry {
  readonly key: string;
  readonly n: number;
}

/** What the restarted server has: the `n` of each resource with that key. */
export type Stored = ReadonlyMap<string, readonly number[]>;

export interface Ledger {
  /** Before the request goes out; entries of one call are one transaction. */
  sent(entries: readonly Entry[]): void;
  /** After the 2xx came back. */
  acknowledged(entries: readonly Entry[]): void;
  /** An answer that no client should have got, in words. */
  surprise(text: string): void;
  keys(): readonly string[];
  compare(stored: Stored): Verdict;
}

/** Keeps the books of one round. Each acknowledged entry is a line of `acksFile`. */
export function createLedger(acksFile: string): Ledger {
  const sentUpTo = new Map<string, number>();
  const acknowledgedUpTo = new Map<string, number>();
  const transactions: (readonly Entry[])[] = [];
  const surprises: string[] = [];
  return {
    sent(entries) {
      entries.forEach(({ key, n }) => sentUpTo.set(key, n));
      transactions.push(entries);
    },
    acknowledged(entries) {
      entries.forEach(({ key, n }) => acknowledgedUpTo.set(key, n));
      appendFileSync(acksFile, entries.map(({ key, n }) => `${key} ${n}\n`).join(''));
    },
    surprise: (text) => void surprises.push(text),
    keys: () => [...sentUpTo.keys()],
    compare(stored) {
      const lost = [...acknowledgedUpTo].filter(([key, n]) => latest(stored, key) < n).map(([key]) => key);
      const invented = [...sentUpTo]
        .filter(([key, n]) => latest(stored, key) > n)
        .map(([key]) => `${key} was never sent like that`);
      const twice = [...stored].filter(([, all]) => all.length > 1).map(([key]) => `${key} is stored twice`);
      const halves = transactions
        .filter((entries) => isHalf(entries, stored))
        .map(([first]) => `the transaction of ${first?.key} is half stored`);
      return { lost, broken: [...surprises, ...invented, ...twice, ...halves] };
    },
  };
}

function latest(stored: Stored, key: string): number {
  return Math.max(0, ...(stored.get(key) ?? []));
}

/** Later requests may have moved a resource on, so "there" means: at least as far as this transaction took it. */
function isHalf(entries: readonly Entry[], stored: Stored): boolean {
  const there = entries.filter(({ key, n }) => latest(stored, key) >= n).length;
  return there > 0 && there < entries.length;
}
