import { orientation, shownControl } from '../../../src/sdc/control.ts';
import { form, formOf } from './fixtures/smertetilsyn.ts';
import { optionText } from '../../../src/sdc/text.ts';
import { compileForm } from '../../../src/sdc/form.ts';
import { compileOptions, questionnaireOf } from './fixtures/smertetilsyn.ts';
import type { QuestionnaireItem } from '../../../src/fhir/types.ts';

const choice = (count: number, more: Partial<QuestionnaireItem> = {}): QuestionnaireItem => ({
  linkId: 'a',
  type: 'choice',
  text: 'a',
  answerOption: Array.from({ length: count }, (_, index) => ({
    valueCoding: { system: 'http://s', code: String(index), display: String(index) },
  })),
  ...more,
});

describe('The control of a choice', () => {
  it.each([
    [7, false, 'radio-button'],
    [7, true, 'check-box'],
    [8, false, 'drop-down'],
    [20, false, 'drop-down'],
    [21, false, 'autocomplete'],
  ])('with %i options (repeats: %s) is %s.', (count, repeats, expected) => {
    expect(shownControl(formOf([choice(count, { repeats })]).items[0]!)).toBe(expected);
  });

  it('is what the form says, and nothing for other questions.', () => {
    expect(shownControl(form.byLinkId.get('legemiddel')!)).toBe('drop-down');
    expect(shownControl(form.byLinkId.get('kommentar')!)).toBeUndefined();
    expect(orientation(form.byLinkId.get('lar')!)).toBe('vertical');
  });
});

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
