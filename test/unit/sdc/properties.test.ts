import fc from 'fast-check';
import { difference } from '../../../src/sdc/difference.ts';
import { extract } from '../../../src/sdc/extract.ts';
import { finalise } from '../../../src/sdc/clean.ts';
import { buildTree } from '../../../src/sdc/tree.ts';
import { recalculate } from '../../../src/sdc/calculate.ts';
import { writeAnswers } from '../../../src/sdc/rewrite-response.ts';
import { validateResponse } from '../../../src/sdc/validate-response.ts';
import { viewForm } from '../../../src/sdc/visibility.ts';
import { context, form, response } from './fixtures/smertetilsyn.ts';
import type { Answer } from '../../../src/sdc/answer.ts';
import type { FormItem } from '../../../src/sdc/form-types.ts';
import type { QuestionnaireResponse, QuestionnaireResponseItem } from '../../../src/fhir/types.ts';

/** Answers that a user may give to a question, good and bad. */
function answerTo(item: FormItem): fc.Arbitrary<Answer> {
  const options = item.options?.list.map(({ coding }): Answer => ({ valueCoding: coding })) ?? [];
  const byType: Partial<Record<FormItem['type'], fc.Arbitrary<Answer>>> = {
    boolean: fc.boolean().map((valueBoolean) => ({ valueBoolean })),
    integer: fc.integer().map((valueInteger) => ({ valueInteger })),
    decimal: fc
      .oneof(fc.integer({ min: 0, max: 5000 }), fc.double({ noNaN: true, noDefaultInfinity: true }))
      .map((valueDecimal) => ({ valueDecimal })),
    date: fc
      .constantFrom('2026-10-01', '2026-10-30', '2027-01-01', '2000-02-29')
      .map((valueDate) => ({ valueDate })),
    quantity: fc
      .integer({ min: 0, max: 400 })
      .map((value) => ({ valueQuantity: { value, system: 'http://unitsofmeasure.org', code: 'kg' } })),
  };
  return options.length > 0
    ? fc.constantFrom(...options)
    : (byType[item.type] ?? fc.string().map((valueString) => ({ valueString })));
}

function itemsFor(items: readonly FormItem[]): fc.Arbitrary<QuestionnaireResponseItem[]> {
  const each = items.map((item): fc.Arbitrary<QuestionnaireResponseItem[]> => {
    if (item.type !== 'group') {
      const one = fc.array(answerTo(item), { minLength: 1, maxLength: item.isRepeating ? 3 : 1 });
      return fc.oneof(
        { weight: 1, arbitrary: fc.constant<QuestionnaireResponseItem[]>([]) },
        { weight: 2, arbitrary: one.map((answer) => [{ linkId: item.linkId, answer }]) },
      );
    }
    const group = itemsFor(item.children).map((children) => ({ linkId: item.linkId, item: children }));
    return fc.array(group, { maxLength: item.isRepeating ? 4 : 1 });
  });
  return fc.tuple(...each).map((lists) => lists.flat());
}

const responses: fc.Arbitrary<QuestionnaireResponse> = itemsFor(form.items).map((items) => response(items));

/** JSON that has the right keys in wrong places. */
const nonsense = fc.letrec((tie) => ({
  item: fc.record(
    {
      linkId: fc.oneof(fc.constantFrom(...form.byLinkId.keys(), '__proto__', 'constructor'), fc.anything()),
      answer: fc.oneof(
        fc.anything(),
        fc.array(
          fc.oneof(
            fc.anything(),
            fc.record(
              {
                valueCoding: fc.anything(),
                valueDecimal: fc.anything(),
                valueDate: fc.anything(),
                extension: fc.anything(),
                item: fc.anything(),
              },
              { requiredKeys: [] },
            ),
          ),
        ),
      ),
      item: fc.oneof({ maxDepth: 4 }, fc.anything(), fc.array(tie('item'))),
      text: fc.anything(),
    },
    { requiredKeys: [] },
  ),
  response: fc.record(
    {
      resourceType: fc.constant('QuestionnaireResponse'),
      questionnaire: fc.anything(),
      status: fc.anything(),
      item: fc.oneof(fc.anything(), fc.array(tie('item'))),
    },
    { requiredKeys: ['resourceType'] },
  ),
})).response as fc.Arbitrary<QuestionnaireResponse>;

const runs = { numRuns: 60 };

describe('Any response', () => {
  it('is the same after a second recalculation.', () => {
    fc.assert(
      fc.property(responses, (any) => {
        const once = recalculate(form, any, context);

        expect(recalculate(form, once, context)).toEqual(once);
      }),
      runs,
    );
  });

  it('is the same after a second finalising, and then has no fault of structure, visibility or calculation.', () => {
    fc.assert(
      fc.property(responses, (any) => {
        const once = finalise(form, any, context);
        const rules = validateResponse(form, once, 'final', context).map(({ rule }) => rule);

        expect(finalise(form, once, context)).toEqual(once);
        expect(rules).not.toEqual(expect.arrayContaining(['disabled-answer']));
        expect(rules).not.toEqual(expect.arrayContaining(['calculated']));
        expect(rules).not.toEqual(expect.arrayContaining(['item-order']));
      }),
      runs,
    );
  });

  it('keeps its own answers when it is recalculated.', () => {
    fc.assert(
      fc.property(responses, (any) => {
        const own = difference(form, any, recalculate(form, any, context), 'nb').filter(
          ({ linkId }) => form.byLinkId.get(linkId)!.calculation === undefined,
        );

        expect(own).toEqual([]);
      }),
      runs,
    );
  });

  it('gives each extracted resource a key of its own.', () => {
    fc.assert(
      fc.property(responses, (any) => {
        const keys = extract(form, finalise(form, any, context), { ...context, newId: (key) => key }).map(
          ({ key }) => key,
        );

        expect(new Set(keys).size).toBe(keys.length);
      }),
      runs,
    );
  });
});

describe('Rows', () => {
  it('are not touched by an answer in another row or elsewhere.', () => {
    fc.assert(
      fc.property(responses, fc.nat(3), fc.integer({ min: 1, max: 500 }), (any, at, valueDecimal) => {
        const before = recalculate(form, any, context);
        const path = `opioider/rad[${at}]`;

        const after = recalculate(
          form,
          writeAnswers(before, buildTree(form, before), new Map([[`${path}/dose`, [{ valueDecimal }]]])),
          context,
        );

        const touched = difference(form, before, after, 'nb').map((entry) => entry.path);
        const allowed = [`${path}/dose`, `${path}/ome`, 'opioider/ome-total', 'opioider/ome-ufullstendig'];
        expect(touched.filter((entry) => !allowed.includes(entry))).toEqual([]);
      }),
      runs,
    );
  });
});

describe('Nonsense', () => {
  it('never makes the engine throw, and never passes the check.', () => {
    fc.assert(
      fc.property(nonsense, (any) => {
        expect(
          validateResponse(form, any, 'final', context).some(({ severity }) => severity === 'error'),
        ).toBe(true);
        recalculate(form, any, context);
        finalise(form, any, context);
        viewForm(form, any, context);
        difference(form, any, response([]), 'nb');
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    null,
    undefined,
    5,
    'x',
    [],
    { resourceType: 'QuestionnaireResponse', item: [null, [], 7, { linkId: 3 }] },
  ])('such as %j is refused.', (json) => {
    expect(validateResponse(form, json, 'draft', context)[0]).toMatchObject({ severity: 'error' });
  });
});
