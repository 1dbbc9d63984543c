/** Every register's cases through the whole server: a register author writes JSON only. */
import { join } from 'node:path';
import type { Resource } from '../../src/fhir/types.ts';
import { readCases, type CaseStep } from './case.ts';
import { runOnServer, type ServerStep } from './server-case.ts';

describe.each(readCases(join(import.meta.dirname, '../..')))(
  'The case $register/$name on the server: $title',
  (each) => {
    let results: readonly ServerStep[];

    beforeAll(async () => {
      results = await runOnServer(each);
    });

    it.each(each.steps.map((step, index) => [step.what, step, index] as const))(
      '%s.',
      (_what, step, index) => {
        const result = results[index]!;

        expect({ ...result, extracted: undefined }).toEqual({
          prefilled: step.prefilled,
          calculated: refusalsOf(step).length > 0 ? {} : (step.calculated ?? {}),
          refused: refusalsOf(step),
          tasks: step.tasks ?? result.tasks,
          sent: step.sent,
          national: step.national ?? result.national,
          forms: step.forms,
          pathways: step.pathways,
          extracted: undefined,
        });
        expect(missing(step.extracted, result.extracted)).toEqual([]);
        expect(result.extracted).toHaveLength(step.extracted?.length ?? result.extracted.length);
      },
    );
  },
);

const refusalsOf = ({ issues = [] }: CaseStep): readonly string[] =>
  issues.filter(({ severity }) => severity === 'error').map(({ rule }) => rule);

/** The expected facts that no extracted resource fits; ids are the server's own. */
const missing = (expected: readonly object[] = [], facts: readonly Resource[]): readonly object[] =>
  expected.filter((one) => !facts.some((fact) => fits(fact, withoutReferences(one))));

const withoutReferences = (value: object): object =>
  JSON.parse(
    JSON.stringify(value, (key, member: unknown) => (key === 'reference' ? undefined : member)),
  ) as object;

function fits(fact: Resource, expected: object): boolean {
  try {
    expect(fact).toMatchObject(expected);
    return true;
  } catch {
    return false;
  }
}
