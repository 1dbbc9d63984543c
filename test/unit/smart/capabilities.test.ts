/** Capabilities are promises (SM-04): each is kept by tests that test/conformance/rows/smart.json names. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CAPABILITIES, smartConfiguration } from '../../../src/smart/smart-configuration.ts';
import { hasTitle, readTitles } from '../../conformance/test-titles.ts';

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
    expect(smartConfiguration('https://ryggrad.example')['capabilities']).toEqual([...CAPABILITIES]);
  });

  it.each(rows.filter(({ capabilities }) => capabilities !== undefined).flatMap(({ tests }) => tests))(
    'have the test "$title" (SM-04).',
    ({ file, title }) => {
      expect(hasTitle(readTitles(fileURLToPath(new URL(file, root))), title)).toBe(true);
    },
  );
});
