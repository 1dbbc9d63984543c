import { formOf } from './fixtures/smertetilsyn.ts';
import { optionText } from '../../../src/sdc/text.ts';
import { compileForm } from '../../../src/sdc/form.ts';
import { compileOptions, questionnaireOf } from './fixtures/smertetilsyn.ts';
import type { QuestionnaireItem } from '../../../src/fhir/types.ts';

describe('The options of a value set', () => {
  const concepts = [
    {
      system: 'http://s',
      code: 'a',
      display: 'Akutt',
      weight: 2,
      source: { designation: [{ language: 'en', value: 'Acute' }] },
    },
  ];
  const item: QuestionnaireItem = {
    linkId: 'a',
    type: 'choice',
    text: 'a',
    answerValueSet: 'http://vs|1.0.0',
  };

  it('come from the resolver by canonical, with weight and translation.', () => {
    const made = compileForm(questionnaireOf([item]), {
      ...compileOptions,
      resolveValueSet: (canonical) => (canonical === 'http://vs|1.0.0' ? concepts : undefined),
    });

    const [option] = made.items[0]!.options!.list;
    expect(option).toMatchObject({ coding: { system: 'http://s', code: 'a', display: 'Akutt' }, weight: 2 });
    expect(optionText(option!, 'en')).toBe('Acute');
    expect(optionText(option!, 'nn')).toBe('Akutt');
  });

  it('come from a contained value set, expanded or composed.', () => {
    const contained = (body: object): ReturnType<typeof formOf> =>
      formOf([{ ...item, answerValueSet: '#vs' }], {
        contained: [{ resourceType: 'ValueSet', id: 'vs', status: 'active', ...body }],
      });

    const expanded = contained({
      expansion: { timestamp: '2026-01-01', contains: [{ system: 'http://s', code: 'a', display: 'A' }] },
    });
    const composed = contained({
      compose: { include: [{ system: 'http://s', concept: [{ code: 'b', display: 'B' }] }] },
    });

    expect(expanded.items[0]!.options!.list.map(({ coding }) => coding.display)).toEqual(['A']);
    expect(composed.items[0]!.options!.byKey.has('http://s|b')).toBe(true);
  });
});
