/** Every register's cases: a register author writes JSON only. */
import { join } from 'node:path';
import { loadContent } from '../../src/content/load.ts';
import { isOfServer, readCases } from './case.ts';
import { runCase } from './run-case.ts';

const ROOT = join(import.meta.dirname, '../..');
const content = await loadContent([ROOT]);
const cases = await Promise.all(
  readCases(ROOT)
    .filter((each) => !isOfServer(each))
    .map(async (each) => ({ ...each, results: await runCase(content, each) })),
);

describe.each(cases)('The case $register/$name: $title', ({ steps, results }) => {
  it.each(steps.map((step, index) => [step.what, step, results[index]!] as const))(
    '%s.',
    (_what, step, result) => {
      const { prefilled, calculated, issues, extracted, tasks, national } = result;

      expect({ prefilled, calculated: withNulls(calculated), issues, tasks, national }).toEqual({
        prefilled: step.prefilled,
        calculated: step.calculated ?? {},
        issues: step.issues ?? issues,
        tasks: step.tasks ?? tasks,
        national: step.national ?? national,
      });
      expect(extracted).toMatchObject(step.extracted ?? extracted);
    },
  );
});

/** What has no value is null in a case: JSON has no other word for it. */
const withNulls = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(values).map(([path, value]) => [path, value ?? null]));
