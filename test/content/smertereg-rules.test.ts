/** docs/smertereg-rules.md names for every rule of the register the tests that show it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRules, rulesIn, rulesPage } from '../../scripts/smertereg-rules.mjs';

const ROOT = join(import.meta.dirname, '../..');

describe('The table of rules', () => {
  it('is as the tests are now.', () => {
    const isCurrent = readFileSync(join(ROOT, 'docs/smertereg-rules.md'), 'utf8') === rulesPage();

    expect(isCurrent ? 'current' : 'Run: node scripts/smertereg-rules.mjs').toBe('current');
  });

  it('has 28 rules, and none without a test.', () => {
    const rows = readRules();

    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 28 }, (_, index) => index + 1));
    expect(rows.filter(({ tests }) => tests.size === 0).map(({ number }) => number)).toEqual([]);
  });

  it.each([
    ['rule 3: what is printed', [3]],
    ['the treatment (rules 16 and 20).', [16, 20]],
    ['rules 18, 19 and 21', [18, 19, 21]],
    ['rules 12-14 and 22', [12, 13, 14, 22]],
    ['follows the ruler 7', []],
  ])('reads the numbers of “%s”.', (title, numbers) => {
    expect(rulesIn(title)).toEqual(numbers);
  });
});
