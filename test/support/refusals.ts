/** What every refusal has in common: the status, an OperationOutcome that names rule and element, and nothing stored. */
import { RULE_SYSTEM } from '../../src/fhir/outcome.ts';
import type { JsonObject, OperationOutcome } from '../../src/fhir/types.ts';
import type { TestApp } from './app.ts';
import type { HttpAnswer, HttpClient } from './http-client.ts';
import { sharedValidator } from './validator.ts';

/** A call, the status it must get, and the rule and element that the outcome must name. */
export interface Refusal {
  readonly call: () => Promise<HttpAnswer>;
  readonly status: number;
  readonly rule?: string;
  readonly at?: string;
  /** Header of the answer that must be there. */
  readonly header?: readonly [string, string | RegExp];
}

export type Refusals = Readonly<Record<string, Refusal>>;

const validator = sharedValidator();

/** Make the call and check everything that holds for a refusal. */
export async function expectRefusal(
  server: TestApp,
  { call, status, rule, at, header }: Refusal,
): Promise<void> {
  const before = await countVersions(server);
  const answer = await call();
  const outcome = answer.body as OperationOutcome;

  expect([answer.status, JSON.stringify(outcome)]).toEqual([
    status,
    expect.stringContaining('"OperationOutcome"'),
  ]);
  expect(answer.headers.get('content-type')).toBe('application/fhir+json; charset=utf-8');
  expect(faultsOf(outcome)).toEqual([]);
  expect(outcome.issue[0]?.diagnostics).toMatch(/^[^\0]{15,}\.$/s);
  if (rule !== undefined) {
    expect(ruleOf(outcome)).toBe(rule);
  }
  if (at !== undefined) {
    expect(outcome.issue.flatMap(({ expression }) => expression ?? [])).toContain(at);
  }
  if (header !== undefined) {
    expect(answer.headers.get(header[0])).toMatch(header[1]);
  }
  expect(await countVersions(server)).toBe(before);
}

/** Versions of resources, current and superseded. */
export async function countVersions({ database }: TestApp): Promise<number> {
  const [row] = await database.db.query<{ n: number }>({
    text: 'select (select count(*) from resource)::int + (select count(*) from history)::int as n',
  });
  return row?.n ?? -1;
}

/** What is wrong with an outcome as a FHIR resource. */
export const faultsOf = (outcome: OperationOutcome): readonly unknown[] =>
  validator.validate(outcome as unknown as JsonObject).filter(({ severity }) => severity === 'error');

const ruleOf = (outcome: OperationOutcome): string | undefined =>
  outcome.issue[0]?.details?.coding?.find(({ system }) => system === RULE_SYSTEM)?.code;

/** Two Patients with one identifier, `twin-a` and `twin-b`, and one alone, `known`. */
export async function putPatients(ehr: HttpClient): Promise<void> {
  for (const id of ['known', 'twin-a', 'twin-b']) {
    await ehr.put(`fhir/Patient/${id}`, {
      resourceType: 'Patient',
      id,
      identifier: [{ system: 'urn:test:twins', value: id.startsWith('twin') ? 'twin' : 'one' }],
    });
  }
}

/** A Bundle entry that creates the resource. */
export const creating = (resource: JsonObject, more: JsonObject = {}): JsonObject => ({
  resource,
  request: { method: 'POST', url: resource['resourceType'] as string, ...more },
});

/** Nothing is wrong with it. */
export const GOOD: JsonObject = {
  resourceType: 'Patient',
  identifier: [{ system: 'urn:test', value: 'good' }],
};
