/** Capabilities are promises (SM-04): each is kept by tests that test/conformance/rows/smart.json names. */
import { readFileSync } from 'node:fs';
import { CAPABILITIES } from '../../../src/smart/smart-configuration.ts';

interface Row {
  readonly capabilities?: readonly string[];
  readonly tests: readonly { readonly file: string; readonly title: string }[];
}

const root = new URL('../../../', import.meta.url);
const rows = JSON.parse(
  readFileSync(new URL('test/conformance/rows/smart.json', root), 'utf8'),
) as readonly Row[];

describe('The capabilities', () => {
  it('are exactly those that have a test (SM-04).', () => {
    const kept = rows
      .filter(({ tests }) => tests.length > 0)
      .flatMap(({ capabilities = [] }) => capabilities);

    expect([...new Set(kept)].toSorted()).toEqual([...CAPABILITIES].toSorted());
  });

  it.each(rows.flatMap(({ tests }) => tests))('have the test "$title" (SM-04).', ({ file, title }) => {
    const source = readFileSync(new URL(file, root), 'utf8');
    const titles = [...source.matchAll(/'([^'\n]{20,})'/g)].map(([, text = '']) => text.split('%s'));

    // a title of `it`, or of `it.each` with a gap
    const isThere = titles.some(([before = '', after]) =>
      after === undefined ? title.endsWith(before) : title.includes(before) && title.endsWith(after),
    );
    expect(isThere).toBe(true);
  });
});
