/** NKR's tables over three of its cases: operations of all modules and of each, levels, follow-up and forms. */
import { type Tables, tablesOfCase } from './case-tables.ts';

describe("NKR's tables", () => {
  let back: Tables;
  let neck: Tables;
  let deformity: Tables;

  beforeAll(async () => {
    back = await tablesOfCase('nkr', 'kari-prolaps');
    neck = await tablesOfCase('nkr', 'liv-reoperasjon');
    deformity = await tablesOfCase('nkr', 'ida-skoliose');
  }, 240_000);

  it('have the operation with what is worked out from it.', () => {
    expect(back.get('operasjon')).toMatchObject([
      {
        operation_date: '2026-02-28',
        patient_form_date: '2026-02-24',
        patient_form_days: 4,
        days_postoperative: 1,
        asa: '2',
        asa_group: '1-2',
        stay_group: '1-2',
        ncsp: 'ABC16',
        ncsp_class: 'micro-disc',
        procedure: 'disc-micro',
        consent: 'yes',
      },
    ]);
    expect(back.get('rygg-operasjon')).toMatchObject([
      { main_procedure: 'disc', herniation_operation: 'yes', stenosis_operation: 'no', knife_minutes: 55 },
    ]);
    expect(neck.get('nakke-operasjon')).toMatchObject([
      {
        procedure: 'anterior-herniation',
        operated_levels: 2,
        previous_operation_date: '2026-01-10',
        days_since_previous: 52,
        reoperation_90: 'yes',
      },
    ]);
    expect(deformity.get('deformitet-operasjon')).toMatchObject([
      { curve_before: 62, curve_after: 24, correction: 61.3, blood_loss: 650, current_surgery: 'primary' },
    ]);
  });

  it('have each module in the table of its own only.', () => {
    expect(neck.get('operasjon')).toHaveLength(1);
    expect(neck.get('rygg-operasjon')).toEqual([]);
    expect(neck.get('deformitet-operasjon')).toEqual([]);
  });

  it('have a row for each level, with its sides.', () => {
    expect(neck.get('niva')?.map(({ ncsp, level, sides }) => [ncsp, level, sides])).toEqual([
      ['ABC21', 'c5-c6', 'right'],
      ['ABC21', 'c6-c7', 'right|left'],
    ]);
    expect(back.get('niva')?.map(({ level, sides }) => [level, sides])).toEqual([['l4-l5', 'left']]);
    expect(deformity.get('niva')?.map(({ level }) => level)).toEqual(['th4', 'l1']);
  });

  it('have a row for each follow-up, told apart.', () => {
    expect(
      back
        .get('oppfolging')
        ?.map(({ followup, benefit, complications }) => [followup, benefit, complications])
        .sort(),
    ).toEqual([
      ['followup-12', 'somewhat-better', 'none'],
      ['followup-3', 'much-better', 'superficial-infection'],
    ]);
    expect(
      back
        .get('skjema')
        ?.map(({ planned, status }) => [planned, status])
        .sort(),
    ).toEqual([
      [null, 'completed'],
      [null, 'completed'],
      ['followup-12', 'completed'],
      ['followup-3', 'completed'],
    ]);
  });

  it('have the pathway with its module, and the scores.', () => {
    const scores = (code: string): readonly unknown[] =>
      (back.get('observasjon') ?? [])
        .filter((row) => row['code'] === code)
        .map((row) => row['value_quantity']);

    expect(back.get('forlop')).toMatchObject([{ module: 'rygg' }]);
    expect(deformity.get('forlop')).toMatchObject([{ module: 'deformitet' }]);
    expect(scores('odi').map((value) => Math.round(Number(value)))).toEqual(
      expect.arrayContaining([60, 20, 27]),
    );
  });
});
