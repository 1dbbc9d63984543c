import { mayEdit, recalculate } from '../../../src/sdc/calculate.ts';
import {
  coded,
  context,
  form,
  formOf,
  group,
  question,
  response,
  row,
  values,
  withRows,
} from './fixtures/smertetilsyn.ts';
import type { QuestionnaireResponse } from '../../../src/fhir/types.ts';

const calculated = (from: QuestionnaireResponse): Record<string, unknown[]> =>
  values(recalculate(form, from, context));

describe('The calculation', () => {
  it('computes every row with its own drug and dose, and the total.', () => {
    const draft = withRows(row('oksykodon-po', 40), row('morfin-po', 20));

    const result = calculated(draft);

    expect(result).toEqual({
      analgetika: ['opioid'],
      'opioider/rad[0]/legemiddel': ['oksykodon-po'],
      'opioider/rad[0]/dose': [40],
      'opioider/rad[0]/ome': [60],
      'opioider/rad[1]/legemiddel': ['morfin-po'],
      'opioider/rad[1]/dose': [20],
      'opioider/rad[1]/ome': [20],
      'opioider/ome-ufullstendig': [false],
      'opioider/ome-total': [80],
    });
  });

  it.each([
    [128, 960],
    [96, 672],
    [64, 432],
  ])('counts %i mg monthly buprenorphine depot as %i mg oral morphine.', (dose, expected) => {
    const result = calculated(withRows(row('buvidal-manedlig', dose)));

    expect(result['opioider/rad[0]/ome']).toEqual([expected]);
    expect(result['opioider/ome-total']).toEqual([expected]);
  });

  it('leaves the total out and says so when a drug has no factor.', () => {
    const result = calculated(withRows(row('morfin-po', 20), row('metadon-po', 30)));

    expect(result['opioider/rad[1]/ome']).toBeUndefined();
    expect(result['opioider/ome-ufullstendig']).toEqual([true]);
    expect(result['opioider/ome-total']).toBeUndefined();
  });

  it('sums the rows unrounded and rounds only what it stores.', () => {
    const result = calculated(withRows(row('kodein-po', 0.5), row('kodein-po', 0.5), row('kodein-po', 0.5)));

    expect(result['opioider/rad[0]/ome']).toEqual([0.1]);
    expect(result['opioider/ome-total']).toEqual([0.2]);
  });

  it('has no noise of binary arithmetic.', () => {
    expect(calculated(withRows(row('fentanyl-plaster', 3)))['opioider/rad[0]/ome']).toEqual([7.2]);
  });

  it('clears a result whose inputs are gone.', () => {
    const full = recalculate(form, withRows(row('morfin-po', 20)), context);
    const rad = full.item![1]!.item![0]!;
    const emptied = {
      ...full,
      item: [full.item![0]!, group('opioider', { ...rad, item: rad.item!.slice(1) })],
    };

    expect(calculated(emptied)['opioider/rad[0]/ome']).toBeUndefined();
  });

  it('clears the results of a group that has been closed, and keeps what the user typed in it.', () => {
    const full = recalculate(form, withRows(row('morfin-po', 20)), context);
    const closed = { ...full, item: [question('analgetika', coded('analgetika', 'ingen')), full.item![1]!] };

    expect(calculated(closed)).toEqual({
      analgetika: ['ingen'],
      'opioider/rad[0]/legemiddel': ['morfin-po'],
      'opioider/rad[0]/dose': [20],
    });
  });

  it('replaces a result that somebody has changed.', () => {
    const forged = withRows({
      ...row('morfin-po', 20),
      item: [...row('morfin-po', 20).item!, question('ome', { valueDecimal: 1 })],
    });

    expect(calculated(forged)['opioider/rad[0]/ome']).toEqual([20]);
  });

  it('suggests "Nei" for LAR when both abuse questions are "Nei", and takes it back when one changes.', () => {
    const nei = coded('jnu', 'nei');
    const suggested = recalculate(
      form,
      response([question('rus-tidligere', nei), question('rus-na', nei)]),
      context,
    );

    const changed = {
      ...suggested,
      item: [question('rus-tidligere', coded('jnu', 'ja')), ...suggested.item!.slice(1)],
    };

    expect(values(suggested)['lar']).toEqual(['nei']);
    expect(calculated(changed)['lar']).toBeUndefined();
  });

  it('keeps what the user wrote over a suggestion.', () => {
    const nei = coded('jnu', 'nei');
    const draft = response([
      question('rus-tidligere', nei),
      question('rus-na', nei),
      question('lar', coded('jnu', 'ja')),
    ]);

    expect(calculated(draft)['lar']).toEqual(['ja']);
  });

  it('sets the consent that only the system may set, and frees the question when the reason is gone.', () => {
    const base = group(
      'grunnlag',
      question('tilsyn', coded('tilsyn', 'ja')),
      question('norsk', { valueBoolean: false }),
    );
    const set = recalculate(form, response([base, question('samtykke', coded('samtykke', 'ja'))]), context);
    const freed = recalculate(
      form,
      {
        ...set,
        item: [group('grunnlag', base.item![0]!, question('norsk', { valueBoolean: true })), set.item![1]!],
      },
      context,
    );

    expect(values(set)['samtykke']).toEqual(['ikke-aktuelt']);
    expect(mayEdit(form.byLinkId.get('samtykke')!, set.item![1]!.answer!)).toBe(false);
    expect(values(freed)['samtykke']).toBeUndefined();
    expect(mayEdit(form.byLinkId.get('samtykke')!, [])).toBe(true);
  });

  it('computes the age at the start date, the day before and on the birthday.', () => {
    const at = (start: string): unknown[] | undefined =>
      calculated(
        response([
          group(
            'grunnlag',
            question('start', { valueDate: start }),
            question('fodt', { valueDate: '2008-10-30' }),
          ),
        ]),
      )['grunnlag/alder'];

    expect(at('2026-10-29')).toEqual([17]);
    expect(at('2026-10-30')).toEqual([18]);
  });

  it('opens a question that depends on a result, in the same call.', () => {
    const draft = response([
      question('nrs-kan', coded('nrs-kan', 'ja')),
      group('nrs', question('sterkest', coded('nrs', '9')), question('svakest', coded('nrs', '8'))),
    ]);

    expect(calculated(draft)['nrs/nrs-sum']).toEqual([8.5]);
  });

  it('does not touch the response it is given, and returns it when there is nothing to do.', () => {
    const done = recalculate(form, withRows(row('morfin-po', 20)), context);
    const frozen = JSON.stringify(done);

    expect(recalculate(form, done, context)).toBe(done);
    expect(JSON.stringify(done)).toBe(frozen);
  });

  it('leaves a calculation alone whose launch context is not at hand.', () => {
    const withLaunch = formOf(
      [
        {
          linkId: 'kjonn',
          type: 'string',
          readOnly: true,
          extension: [
            {
              url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression',
              valueExpression: { language: 'text/fhirpath', expression: '%patient.gender' },
            },
          ],
        },
      ],
      {
        extension: [
          {
            url: 'http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-launchContext',
            extension: [
              { url: 'name', valueCoding: { code: 'patient' } },
              { url: 'type', valueCode: 'Patient' },
            ],
          },
        ],
      },
    );
    const there = response([question('kjonn', { valueString: 'male' })], withLaunch);
    const launch = { patient: { resourceType: 'Patient', gender: 'female' } };

    expect(values(recalculate(withLaunch, there, context))['kjonn']).toEqual(['male']);
    expect(values(recalculate(withLaunch, there, { ...context, launch }))['kjonn']).toEqual(['female']);
  });
});
