/** https://hl7.org/fhir/R4/terminologies.html#strength: codes of loaded systems in what is validated and written */
import { loadR4 } from '../../../src/content/r4.ts';
import type { OperationOutcome, ValueSet } from '../../../src/fhir/types.ts';
import { createCodeChecker } from '../../../src/terminology/deferred.ts';
import { createTerminology } from '../../../src/terminology/terminology.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { clockAt } from '../../support/clock.ts';
import type { HttpClient } from '../../support/http-client.ts';
import { ICD10, loadAll, NCSP } from './loading.ts';

describe('Codes of loaded systems', () => {
  let app: TestApp;
  let ehr: HttpClient;
  const condition = (...coding: readonly object[]) => ({
    resourceType: 'Condition',
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Rygg</div>' },
    clinicalStatus: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
    },
    subject: { display: 'Ukjent' },
    code: { coding },
  });
  const rulesFor = async (...coding: readonly object[]) => {
    const { body } = await ehr.post('fhir/Condition/$validate', condition(...coding));
    return (body as OperationOutcome).issue.flatMap(({ severity, details }) => {
      const rule = details?.coding?.[0]?.code;
      return rule === undefined ? [] : [`${severity ?? ''} ${rule}`];
    });
  };

  beforeAll(async () => {
    let ahead = 0;
    app = await startTestApp({}, { now: () => new Date(Date.now() + ahead) });
    await loadAll(app.database.db);
    ahead = 6000; // a load is seen by the validator within five seconds
    ehr = await app.client('ehr');
  });
  afterAll(async () => {
    await app[Symbol.asyncDispose]();
  });

  it('are checked by $validate, with and without dot, and their texts are.', async () => {
    expect(await rulesFor({ system: ICD10, code: 'M51.1' })).toEqual([]);
    expect(await rulesFor({ system: ICD10, code: 'M511' })).toEqual([]);
    expect(await rulesFor({ system: ICD10, code: 'M77.7' })).toEqual(['warning unknown-code']);
    expect(await rulesFor({ system: ICD10, code: 'Z99', display: 'Noe annet' })).toEqual(['warning display']);
    expect(await rulesFor({ system: NCSP, code: 'NAB94', display: 'Oppdikta skruefiksering' })).toEqual([]);
  });

  it('are known by their other names.', async () => {
    expect(await rulesFor({ system: 'http://hl7.org/fhir/sid/icd-10-no', code: 'M77.7' })).toEqual([
      'warning unknown-code',
    ]);
  });

  it('tell once that a system is not here.', async () => {
    const unknown = { system: 'https://example.org/system' };

    expect(await rulesFor({ ...unknown, code: 'a' }, { ...unknown, code: 'b' })).toEqual([
      'information code-not-checked',
    ]);
  });

  describe('in a value set that is required', () => {
    const BACK = 'https://example.org/fhir/ValueSet/back';
    const set: ValueSet = {
      resourceType: 'ValueSet',
      url: BACK,
      status: 'active',
      compose: { include: [{ system: ICD10, filter: [{ property: 'concept', op: 'is-a', value: 'M51' }] }] },
    };
    const checker = createCodeChecker({
      terminology: createTerminology({ r4: loadR4(), valueSets: [set] }),
      clock: clockAt('2026-11-20T08:00:00.000Z'),
    });
    const question = (system: string, ...codes: readonly string[]) => ({
      expression: 'Condition.code',
      codings: codes.map((code) => ({ system, code })),
      valueSet: BACK,
      strength: 'required' as const,
    });

    it('are refused when none of them is in it, and left alone where nobody can say.', async () => {
      const found = await checker.check(app.database.db, [
        question(ICD10, 'M51.0'),
        question(ICD10, 'Z99', 'M511'),
        question(ICD10, 'Z99'),
        question('https://example.org/system', 'x'),
        { ...question(ICD10, 'Z99'), valueSet: 'https://example.org/fhir/ValueSet/none' },
      ]);

      expect(found.map((issues) => issues.map(({ severity, rule }) => `${severity} ${rule ?? ''}`))).toEqual([
        [],
        [],
        ['error required-binding'],
        [],
        [],
      ]);
    });

    it('cost one statement for all questions together, and none without questions.', async () => {
      const texts: string[] = [];
      const counting = {
        query: <T extends object>(statement: Parameters<typeof app.database.db.query>[0]) => {
          texts.push(statement.text);
          return app.database.db.query<T>(statement);
        },
      };

      await checker.check(counting, [
        question(ICD10, 'M51.0'),
        question(ICD10, 'Z99'),
        question(NCSP, 'NAB'),
      ]);
      await checker.check(counting, []);

      expect(texts.filter((text) => text.includes('term_concept'))).toHaveLength(1);
    });
  });
});
