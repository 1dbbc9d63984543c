/** docs/conformance.md says what is so: its rows, their tests, and that nothing which must be told is left out. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { conformancePage, readRows } from '../../scripts/conformance.mjs';
import { repositoryRoot } from '../support/source-files.ts';
import { hasTitle, readTitles } from './test-titles.ts';

/** What must be told, by the feature that tells it. */
const required = JSON.parse(readFileSync(new URL('required.json', import.meta.url), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, string>>>
>;
const rows = readRows();
const nameOf = ({ area, feature }: { readonly area: string; readonly feature: string }): string =>
  `${area}: ${feature}`;

describe('The page of what conforms', () => {
  it('is what its generator writes.', () => {
    const written = readFileSync(join(repositoryRoot, 'docs/conformance.md'), 'utf8');
    const isCurrent = written === conformancePage(rows);

    expect(isCurrent ? 'current' : 'Run: node scripts/conformance.mjs').toBe('current');
  });

  it('has no feature twice.', () => {
    const names = rows.map(nameOf);

    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it.each(Object.entries(required))('has a row for each of what must be told of %s.', (_section, items) => {
    const features = new Set(rows.map(({ feature }) => feature));

    expect(Object.entries(items).filter(([, feature]) => !features.has(feature))).toEqual([]);
  });

  it('says of each row a state that there is, and of what is not done in full, what is missing.', () => {
    expect(rows.filter(({ state }) => !['yes', 'partly', 'no'].includes(state)).map(nameOf)).toEqual([]);
    expect(rows.filter(({ state, note }) => state === 'partly' && note === undefined).map(nameOf)).toEqual(
      [],
    );
  });

  it('names tests for all that is done.', () => {
    expect(rows.filter(({ state, tests }) => state !== 'no' && tests.length === 0).map(nameOf)).toEqual([]);
  });

  it('names tests that are there, by their titles.', () => {
    const named = rows.flatMap((row) => row.tests.map((test) => ({ row, ...test })));
    const missing = named.filter(({ file, title }) => {
      const path = join(repositoryRoot, file);
      return !existsSync(path) || !hasTitle(readTitles(path), title);
    });

    expect(missing.map(({ row, file, title }) => `${nameOf(row)}: ${file}: ${title}`)).toEqual([]);
  });
});
