/** docs/security-tests.md names tests that are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../support/source-files.ts';
import { hasTitle, readTitles } from './test-titles.ts';

const page = readFileSync(join(repositoryRoot, 'docs/security-tests.md'), 'utf8');
const rows = page.split('\n').filter((line) => /^\| \d+ \|/.test(line));
const named = [...page.matchAll(/\]\(\.\.\/(test\/[^ )]+) "((?:[^"\\]|\\.)+)"\)/g)].map(
  ([, file = '', title = '']) => ({ file, title: title.replaceAll('\\"', '"') }),
);

describe('The tests that were seen to fail', () => {
  it('are numbered, and each has a test and its defect.', () => {
    expect(rows.map((row) => Number(row.split('|')[1]))).toEqual(rows.map((_, index) => index + 1));
    expect(rows.length).toBeGreaterThanOrEqual(12);
    expect(rows.filter((row) => !row.includes('](../test/') || row.split(' | ').length !== 4)).toEqual([]);
  });

  it('are there, by their titles.', () => {
    const missing = named.filter(({ file, title }) => {
      const path = join(repositoryRoot, file);
      return !existsSync(path) || !hasTitle(readTitles(path), title);
    });

    expect(missing).toEqual([]);
  });
});
