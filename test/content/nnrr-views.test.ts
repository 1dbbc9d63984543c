/** NNRR's tables over two of its cases: a whole course, and one that stays at the clinic. */
import { type Tables, tablesOfCase } from './case-tables.ts';

describe("NNRR's tables", () => {
  let whole: Tables;
  let local: Tables;

  beforeAll(async () => {
    whole = await tablesOfCase('nnrr', 'astrid-whole-course');
    local = await tablesOfCase('nnrr', 'bjarne-says-no');
  }, 240_000);

  it('have the visit with its waiting time, treatment and consent.', () => {
    expect(whole.get('besok')).toMatchObject([
      {
        visit_date: '2026-03-03',
        waiting_days_visit: 47,
        waiting_days_offer: 64,
        back_surgery: 'yes',
        individual_interdisciplinary: '1-3',
        group_interdisciplinary: '4-6',
        consent: 'yes',
        consent_research: 'yes',
        missing_consent: null,
      },
    ]);
  });

  it('have each diagnosis and each measure on a row of its own.', () => {
    expect(whole.get('diagnose')).toMatchObject([
      { row: 0, location: 'back', diagnosis_group: 'back-radiculopathy', icd10: 'M51.1', icd10_typed: null },
    ]);
    expect(whole.get('tiltak')).toMatchObject([{ row: 0, measure: 'training' }]);
  });

  it('have the answers before and after treatment, and which time the second form is.', () => {
    expect(whole.get('for')).toMatchObject([{ pain_rest: 6, pain_activity: 8, pain_region_count: 1 }]);
    expect(
      whole.get('etter')?.toSorted((a, b) => Number(b['pain_rest']) - Number(a['pain_rest'])),
    ).toMatchObject([
      { follow_up: '2-6', use_of_treatment: 'much-better', pain_rest: 3 },
      { follow_up: '2-12', use_of_treatment: 'fully-recovered', pain_rest: 1 },
    ]);
  });

  it('have the scores with what they are worked out of, by which algorithm, and why one is missing.', () => {
    const scores = whole.get('skar') ?? [];
    const ofOdi = scores.filter(({ code }) => code === 'odi');
    const ofNdi = scores.filter(({ code }) => code === 'ndi');
    const answers = [...(whole.get('for') ?? []), ...(whole.get('etter') ?? [])];

    expect(ofOdi.map(({ value_quantity: value }) => value).toSorted()).toEqual([16, 24, 50]);
    expect(new Set(ofOdi.map(({ response_id: id }) => id))).toEqual(
      new Set(answers.map(({ response_id: id }) => id)),
    );
    expect(ofOdi).toMatchObject([1, 2, 3].map(() => ({ algorithm: 'sum-percent-1', absent: null })));
    expect(ofNdi.map(({ value_quantity: value, absent }) => [value, absent])).toEqual(
      [1, 2, 3].map(() => [null, 'unknown']),
    );
  });

  it('have each form to fill, with how its sending stands.', () => {
    const forms = whole.get('skjema') ?? [];

    expect(forms.map(({ follow_up: time, status }) => [time, status]).toSorted()).toEqual(
      [
        [null, 'completed'],
        [null, 'completed'],
        ['2-6', 'completed'],
        ['2-12', 'completed'],
      ].toSorted(),
    );
    expect(forms.find(({ follow_up: time }) => time === '2-12')).toMatchObject({
      sent: expect.stringContaining('2027-03-03') as unknown,
    });
  });

  it('have nothing of who has said no, but the forms of the clinic.', () => {
    const rows = [...local].flatMap(([name, table]) => (name === 'skjema' ? [] : table));

    expect(rows).toEqual([]);
    expect(local.get('skjema')).toHaveLength(4);
  });
});
