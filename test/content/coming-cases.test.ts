/** The cases of forms that no schedule has taken in yet, through the form engine. */
import { join } from 'node:path';
import { readCases } from './case.ts';
import { content } from './fill-form.ts';
import { runCase } from './run-case.ts';

const cases = await Promise.all(
  readCases(join(import.meta.dirname, 'coming')).map(async (each) => ({
    ...each,
    results: await runCase(content, each),
  })),
);

describe.each(cases)('The case to come $register/$name: $title', ({ steps, results }) => {
  it.each(steps.map((step, index) => [step.what, step, results[index]!] as const))(
    '%s.',
    (_what, step, { prefilled, calculated, issues, extracted }) => {
      expect({ prefilled, issues }).toEqual({ prefilled: step.prefilled, issues: step.issues });
      expect(
        Object.fromEntries(Object.entries(calculated).map(([path, value]) => [path, value ?? null])),
      ).toEqual(step.calculated);
      // a form that is refused becomes no facts
      const isRefused = issues.some(({ severity }) => severity === 'error');
      expect(isRefused ? [] : extracted).toMatchObject(step.extracted ?? []);
    },
  );
});
