/** The hot searches begin at the index that is meant for them. */
import type { Resource } from '../../../src/fhir/types.ts';
import { parseSearch } from '../../../src/search/parse.ts';
import { planSearch } from '../../../src/search/plan.ts';
import { pageSql } from '../../../src/search/print.ts';
import type { PlainCriterion } from '../../../src/search/tree.ts';
import { parameters } from '../../unit/search/definitions.ts';
import { createSearchDatabase, NOW } from './search-database.ts';
import type { SearchDatabase } from './search-database.ts';

const PATIENTS = 400;
const PER_PATIENT = 10;

describe('The database', () => {
  let db: SearchDatabase;

  beforeAll(async () => {
    db = await createSearchDatabase();
    const patients = Array.from({ length: PATIENTS }, (_, n) => ({
      resourceType: 'Patient',
      id: `p${n}`,
      identifier: [{ system: 'http://ids', value: `id-${n}` }],
      name: [{ family: `Familie${n}` }],
    }));
    const observations = patients.flatMap(({ id }, n) =>
      Array.from({ length: PER_PATIENT }, (_, m) => ({
        resourceType: 'Observation',
        id: `o${n}-${m}`,
        status: 'final',
        subject: { reference: `Patient/${id}` },
        code: { coding: [{ system: 'http://loinc.org', code: `code-${m}` }] },
        effectiveDateTime: `2024-01-${String((n % 28) + 1).padStart(2, '0')}`,
      })),
    );
    await db.create([...patients, ...observations] as (Resource & { id: string })[]);
    await db.database.db.query({ text: 'analyze' });
  });

  afterAll(async () => {
    await db[Symbol.asyncDispose]();
  });

  const explain = async (type: string, query: string): Promise<string> => {
    const tree = parseSearch(type, new URLSearchParams(query), parameters);
    const plan = planSearch(tree, tree.criteria as readonly PlainCriterion[], parameters);
    const { text, values } = pageSql(plan, { now: NOW, filter: undefined });
    const rows = await db.database.db.query<{ 'QUERY PLAN': string }>({ text: `explain ${text}`, values });
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  };

  it.each([
    ['Patient', 'identifier=http://ids|id-7', 'idx_token_by_value'],
    ['Patient', 'identifier=id-7', 'idx_token_by_code'],
    ['Patient', 'family=familie77', 'idx_text_by_value'],
    ['Observation', 'patient=p7&code=http://loinc.org|code-3&date=ge2024', 'resource_observation_patient_'],
    ['Observation', 'code=http://loinc.org|code-3&_count=5', 'idx_token_by_value'],
  ])('answers %s?%s from %s.', async (type, query, index) => {
    const plan = await explain(type, query);

    expect(plan).toContain(index);
    expect(plan).not.toMatch(/Seq Scan/);
  });

  it('stops after a page of a common code instead of sorting them all.', async () => {
    const plan = await explain('Observation', 'code=http://loinc.org|code-3&_count=5');

    expect(plan).not.toMatch(/(?<!Incremental )Sort {2}\(/);
    expect(plan).toMatch(/Incremental Sort/);
  });
});
