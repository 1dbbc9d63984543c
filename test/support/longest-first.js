/**
 * The order of suites: the kinds that take long first, so that no long one runs alone at the end. A clean clone knows no times of
 * earlier runs; within a kind the order is jest's own, by those times or by size.
 */
import { relative, sep } from 'node:path';
import DefaultSequencer from '@jest/test-sequencer';

/** Paths begin with one of these; what begins with none comes before the last. */
const KINDS = [
  ['test/content/server-cases', 'test/fuzz', 'test/conformance/public-data', 'test/content/nkr-dump'],
  ['test/browser'],
  ['test/integration', 'test/access', 'test/clients'],
  ['test/content', 'test/conformance'],
];
const UNIT = 'test/unit';

export default class LongestFirst extends DefaultSequencer {
  /**
   * @param {Iterable<{ path: string, context: { config: { rootDir: string } } }>} tests
   */
  sort(tests) {
    const inOwnOrder = super.sort([...tests]);
    return inOwnOrder.toSorted((a, b) => rankOf(a) - rankOf(b));
  }
}

function rankOf({ path, context }) {
  const place = relative(context.config.rootDir, path).split(sep).join('/');
  const kind = KINDS.findIndex((beginnings) => beginnings.some((beginning) => place.startsWith(beginning)));
  const last = place.startsWith(UNIT) ? KINDS.length + 1 : KINDS.length;
  return kind === -1 ? last : kind;
}
