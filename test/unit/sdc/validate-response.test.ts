import { finalise } from '../../../src/sdc/clean.ts';
import { recalculate } from '../../../src/sdc/calculate.ts';
import { validateResponse } from '../../../src/sdc/validate-response.ts';
import { coded, context, form, group, question, response, row, withRows } from './fixtures/smertetilsyn.ts';
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../../../src/fhir/types.ts';
import type { Strictness } from '../../../src/sdc/validate-response.ts';

const rules = (from: unknown, strictness: Strictness = 'draft'): string[] =>
  validateResponse(form, from, strictness, context).map(({ rule, severity }) => `${severity} ${rule}`);

/** A response in which everything required is answered. */
const complete = (...more: QuestionnaireResponseItem[]): QuestionnaireResponse =>
  recalculate(
    form,
    response([
      group(
        'grunnlag',
        question('henvist', { valueDate: '2026-10-28' }),
        question('start', { valueDate: '2026-10-29' }),
        question('tilsyn', coded('tilsyn', 'ja')),
      ),
      question('analgetika', coded('analgetika', 'ingen')),
      question('nrs-kan', coded('nrs-kan', 'nei')),
      ...more,
    ]),
    context,
  );

describe('The response check', () => {
  it('finds nothing wrong with a complete response.', () => {
    expect(rules(complete(), 'final')).toEqual([]);
  });

  it('lets a draft be empty, and names every required question when it is to be locked.', () => {
    const empty = response([]);

    const found = validateResponse(form, empty, 'final', context);

    expect(rules(empty)).toEqual([]);
    expect(found.map(({ path }) => path)).toEqual([
      'grunnlag/henvist',
      'grunnlag/start',
      'grunnlag/tilsyn',
      'analgetika',
      'nrs-kan',
    ]);
    expect(found[3]).toEqual({
      severity: 'error',
      code: 'required',
      rule: 'required',
      diagnostics: '«Analgetika»: Må besvares.',
      expression: 'QuestionnaireResponse',
      linkId: 'analgetika',
      path: 'analgetika',
    });
  });

  it('places an issue by index and names the row.', () => {
    const draft = recalculate(form, withRows(row('morfin-po', 20), row('oksykodon-po', 4000)), context);

    const [found] = validateResponse(form, draft, 'draft', context);

    expect(found).toMatchObject({
      rule: 'max-value',
      diagnostics: '«Døgndose (rad 2)»: Verdien kan ikke være over 3\u00a0000.',
      expression: 'QuestionnaireResponse.item[1].item[1].item[1].answer[0]',
      path: 'opioider/rad[1]/dose',
    });
  });

  it('asks about an unusual dose until it is confirmed.', () => {
    const dose = (extension?: object[]): QuestionnaireResponse =>
      recalculate(
        form,
        withRows(
          group(
            'rad',
            question('legemiddel', coded('opioid', 'morfin-po')),
            question('dose', { valueDecimal: 500, ...(extension && { extension }) } as object),
          ),
        ),
        context,
      );
    const confirmed = {
      url: 'https://ryggrad.no/fhir/StructureDefinition/confirmed-unusual',
      valueBoolean: true,
    };

    expect(rules(dose())).toEqual(['warning usual-range']);
    expect(rules(dose([confirmed]))).toEqual([]);
  });

  it.each<[string, QuestionnaireResponseItem, string]>([
    ['a wrong type', question('kommentar', { valueInteger: 5 }), 'error answer-type'],
    [
      'a date that is none',
      group('grunnlag', question('start', { valueDate: '2026-02-30' })),
      'error answer-type',
    ],
    [
      'a date after today',
      group('grunnlag', question('start', { valueDate: '2026-10-31' })),
      'error not-after-now',
    ],
    [
      'a moment without offset',
      question('innlagt', { valueDateTime: '2026-10-30T10:00' }),
      'error answer-type',
    ],
    [
      'a moment after now',
      question('innlagt', { valueDateTime: '2026-10-30T12:00:00+01:00' }),
      'error not-after-now',
    ],
    ['two values', question('kommentar', { valueString: 'a', valueInteger: 1 }), 'error answer-value'],
    ['no value', question('kommentar', {}), 'error answer-value'],
    ['a blank text', question('kommentar', { valueString: '  ' }), 'error answer-type'],
    ['a text that is too long', question('kommentar', { valueString: 'x'.repeat(201) }), 'error max-length'],
    ['a text of the wrong form', question('telefon', { valueString: '1234567' }), 'error regex'],
    ['a code that is no option', question('nrs-kan', coded('nrs-kan', 'kanskje')), 'error option'],
    ['a code of another system', question('nrs-kan', coded('tilsyn', 'ja')), 'error option'],
    [
      'two answers to one question',
      question('nrs-kan', coded('nrs-kan', 'nei'), coded('nrs-kan', 'ikke-spurt')),
      'error max-answers',
    ],
    [
      'an exclusive answer with another',
      question('analgetika', coded('analgetika', 'ingen'), coded('analgetika', 'non-opioid')),
      'error exclusive',
    ],
    [
      'the same answer twice',
      question('analgetika', coded('analgetika', 'non-opioid'), coded('analgetika', 'non-opioid')),
      'error doubled-answer',
    ],
    [
      'a quantity in another unit',
      question('vekt', { valueQuantity: { value: 80, system: 'http://unitsofmeasure.org', code: 'g' } }),
      'error unit',
    ],
    [
      'a quantity below the limit',
      question('vekt', { valueQuantity: { value: 8, system: 'http://unitsofmeasure.org', code: 'kg' } }),
      'error min-value',
    ],
    ['an unknown item', question('finnes-ikke', { valueString: 'x' }), 'error unknown-link-id'],
    ['a misplaced item', question('dose', { valueDecimal: 5 }), 'error misplaced-item'],
    ['an answer on a group', { linkId: 'nrs', answer: [{ valueString: 'x' }] }, 'error answer-on-group'],
    [
      'an item below a question',
      { linkId: 'kommentar', answer: [{ valueString: 'x', item: [{ linkId: 'dose' }] }] },
      'error nested-item',
    ],
    ['a forged result', group('grunnlag', question('alder', { valueInteger: 50 })), 'error calculated'],
  ])('refuses %s, in drafts too.', (_what, item, expected) => {
    expect(rules(response([item]))).toContain(expected);
  });

  it('refuses too many decimals.', () => {
    expect(rules(recalculate(form, withRows(row('morfin-po', 7.125)), context))).toEqual(['error decimals']);
  });

  it('refuses an option that only the system may set.', () => {
    const draft = response([
      group('grunnlag', question('tilsyn', coded('tilsyn', 'ja'))),
      question('samtykke', coded('samtykke', 'ikke-aktuelt')),
    ]);

    expect(rules(draft)).toContain('error option-system-only');
  });

  it('refuses a mark of the system that the calculation does not confirm.', () => {
    const forged = {
      ...coded('samtykke', 'ikke-aktuelt'),
      extension: [{ url: 'https://ryggrad.no/fhir/StructureDefinition/calculated', valueBoolean: true }],
    };
    const draft = response([
      group('grunnlag', question('tilsyn', coded('tilsyn', 'ja'))),
      question('samtykke', forged),
    ]);

    expect(rules(draft)).toContain('error calculated');
  });

  it('refuses items out of order and items that stand twice.', () => {
    const text = (linkId: string): QuestionnaireResponseItem => question(linkId, { valueString: '12345678' });

    expect(rules(response([text('kommentar'), text('telefon')]))).toEqual(['error item-order']);
    expect(rules(response([text('telefon'), text('telefon')]))).toEqual(['error doubled-item']);
  });

  it('warns of a broken rule in a draft and stops the locking.', () => {
    const weaker = (svakest: string): QuestionnaireResponse =>
      recalculate(
        form,
        response([
          question('nrs-kan', coded('nrs-kan', 'ja')),
          group('nrs', question('sterkest', coded('nrs', '5')), question('svakest', coded('nrs', svakest))),
        ]),
        context,
      );

    expect(rules(weaker('5'))).toEqual([]);
    expect(rules(weaker('6'))).toEqual(['warning nrs-ro']);
    expect(
      validateResponse(form, weaker('10'), 'final', context).find(({ rule }) => rule === 'nrs-ro'),
    ).toMatchObject({
      severity: 'error',
      diagnostics: 'Svakeste smerte kan ikke være høyere enn sterkeste.',
      expression: 'QuestionnaireResponse.item[1].item[1]',
      path: 'nrs/svakest',
    });
  });

  it('checks a rule of the whole form.', () => {
    const dates = complete();
    const late = {
      ...dates,
      item: [
        group(
          'grunnlag',
          question('henvist', { valueDate: '2026-10-30' }),
          ...dates.item![0]!.item!.slice(1),
        ),
        ...dates.item!.slice(1),
      ],
    };

    expect(rules(late, 'final')).toEqual(['error datoer']);
  });

  it('refuses answers of disabled questions when locking, and finalising removes them.', () => {
    const draft = complete(group('nrs', question('sterkest', coded('nrs', '5'))));

    expect(rules(draft)).toEqual([]);
    expect(rules(draft, 'final')).toEqual(['error disabled-answer']);
    expect(rules(finalise(form, draft, context), 'final')).toEqual([]);
  });

  it('warns of a recommended question without an answer.', () => {
    const high = complete();
    const items = [
      ...high.item!.filter(({ linkId }) => linkId !== 'nrs-kan'),
      question('nrs-kan', coded('nrs-kan', 'ja')),
      group('nrs', question('sterkest', coded('nrs', '9')), question('svakest', coded('nrs', '8'))),
    ];

    expect(rules(recalculate(form, { ...high, item: items }, context), 'final')).toEqual([
      'warning recommended',
    ]);
  });

  it('refuses another version of the form.', () => {
    expect(rules({ ...response([]), questionnaire: form.canonical.replace('1.0.0', '0.9.0') })).toEqual([
      'error questionnaire-version',
    ]);
  });

  it.each([null, 5, 'x', [], {}, { resourceType: 'Patient' }])('refuses %j without throwing.', (json) => {
    expect(rules(json)).toEqual(['error response-json']);
  });
});

describe('Finalising', () => {
  it('drops empty rows and groups, trims texts and sorts the items.', () => {
    const draft = response([
      question('kommentar', { valueString: ' Rolig natt. ' }),
      question('telefon', { valueString: ' ' }),
      question('analgetika', coded('analgetika', 'opioid')),
      group('opioider', row(), row('morfin-po', 20), group('rad')),
      group('grunnlag'),
    ]);

    const final = finalise(form, draft, context);

    expect(final.item!.map(({ linkId }) => linkId)).toEqual(['analgetika', 'opioider', 'kommentar']);
    expect(final.item![1]!.item!.map(({ linkId }) => linkId)).toEqual([
      'rad',
      'ome-ufullstendig',
      'ome-total',
    ]);
    expect(final.item![2]!.answer).toEqual([{ valueString: 'Rolig natt.' }]);
  });

  it('keeps unknown items, so that they are refused and not lost.', () => {
    const final = finalise(form, response([question('finnes-ikke', { valueString: 'x' })]), context);

    expect(rules(final)).toEqual(['error unknown-link-id']);
  });
});
