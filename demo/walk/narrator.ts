/**
 * What the walk tells: steps in words, HTTP exchanges in short, and whether things are as expected.
 */

/** One HTTP exchange. */
export interface Exchange {
  readonly method: string;
  /** Path and query, without the server. */
  readonly path: string;
  readonly status: number;
  readonly ms: number;
}

export interface Narrator {
  /** Run a part of the walk under a heading, and tell how long it took. */
  step<T>(title: string, run: () => Promise<T>): Promise<T>;
  say(text: string): void;
  exchange(exchange: Exchange): void;
  /** Tell whether something is as expected; goes on either way. */
  check(text: string, isSo: boolean, found?: unknown): void;
}

export interface Report extends Narrator {
  /** Closing lines; the number of checks that failed. */
  summary(): number;
}

/** Where a walk cannot go on: what was wanted, and what came instead. */
export class WalkError extends Error {
  override readonly name = 'WalkError';
}

const NUMBER = /\d{11}/g;

/** Tells on a terminal. `write` gets one line at a time. */
export function report(write: (line: string) => void): Report {
  const startedAt = performance.now();
  const failed: string[] = [];
  let checks = 0;
  let exchanges = 0;
  return {
    async step(title, run) {
      const begun = performance.now();
      write(`\n${title}`);
      const result = await run();
      write(`  ${'·'.repeat(3)} ${((performance.now() - begun) / 1000).toFixed(2)} s`);
      return result;
    },
    say: (text) => write(`  ${text}`),
    exchange({ method, path, status, ms }) {
      exchanges += 1;
      write(`      ${method.padEnd(4)} ${shorten(path)}  ${status}  ${ms.toFixed(0)} ms`);
    },
    check(text, isSo, found) {
      checks += 1;
      write(`    ${isSo ? '✓' : '✗'} ${text}${isSo || found === undefined ? '' : ` – found ${told(found)}`}`);
      if (!isSo) {
        failed.push(text);
      }
    },
    summary() {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      write(`\n${exchanges} HTTP exchanges, ${checks} checks in ${seconds} s.`);
      failed.forEach((text) => write(`  ✗ ${text}`));
      write(failed.length === 0 ? 'Everything is as it should be.' : `${failed.length} not as expected.`);
      return failed.length;
    },
  };
}

/** A narrator that says nothing and stops at the first check that fails; for tests. */
export const silent: Narrator = {
  step: (_title, run) => run(),
  say: () => undefined,
  exchange: () => undefined,
  check(text, isSo, found) {
    if (!isSo) {
      throw new WalkError(found === undefined ? text : `${text} – found ${told(found)}`);
    }
  },
};

const told = (found: unknown): string => (typeof found === 'string' ? found : JSON.stringify(found));

const MOST = 88;

/** Readable, one line, and never a national identity number. */
function shorten(path: string): string {
  const text = decodeURIComponent(path).replace(NUMBER, '…');
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
}
