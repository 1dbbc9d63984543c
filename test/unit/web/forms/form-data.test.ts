import fc from 'fast-check';
import type { QuestionnaireResponse } from '../../../../src/fhir/types.ts';
import { readForm } from '../../../../src/web/forms/form-data.ts';
import { answersAt } from '../../../../src/web/forms/response-tree.ts';
import { parseName } from '../../../../src/web/forms/names.ts';
import { empty, engineOf, option, twoRows } from './sample-form.ts';
import { postedBy } from './posted.ts';

const engine = engineOf(empty);

/** Post the page of a response with some fields changed; `undefined` unticks, a list ticks several. */
function post(
  base: QuestionnaireResponse,
  changes: Readonly<Record<string, string | readonly string[] | undefined>>,
) {
  const posted = postedBy(base);
  for (const [name, value] of Object.entries(changes)) {
    posted.delete(name);
    for (const one of value === undefined ? [] : [value].flat()) {
      posted.append(name, one);
    }
  }
  return readForm(posted, base, engine.form);
}

const answers = (response: QuestionnaireResponse, name: string) =>
  answersAt(response, engine.form, parseName(name)!);

const source = (adopted: string) => ({
  url: 'https://ryggrad.no/fhir/StructureDefinition/answer-source',
  extension: [
    { url: 'resource', valueReference: { reference: 'Encounter/1', display: 'EPJ Nord' } },
    { url: 'adopted', valueCode: adopted },
  ],
});

const fetched: QuestionnaireResponse = {
  ...empty,
  item: [
    {
      linkId: 'om',
      id: 'g1',
      item: [
        {
          linkId: 'navn',
          id: 'n1',
          answer: [{ id: 'a1', valueString: 'Ortopedisk', extension: [source('suggested')] }],
        },
      ],
    },
  ],
};

describe('The reader of posted forms', () => {
  it('gives back a response that nobody changed, ids and marks included.', () => {
    const { response, texts } = post(fetched, {});

    expect(response).toEqual(fetched);
    expect(texts).toEqual({});
  });

  it('gives back any draft that the page can show.', () => {
    const doses = fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 5 });
    const names = fc.option(fc.constantFrom('Ortopedisk', 'Kirurgisk «A & B»', '100 % æøå + = ;'), {
      nil: undefined,
    });
    const group = fc.subarray(['opioider', 'annet']);
    fc.assert(
      fc.property(doses, names, group, fc.boolean(), (rows, name, ticked, consent) => {
        const draft = engineOf(draftOf(rows, name, ticked, consent)).initial.response;

        expect(post(draft, {}).response).toEqual(draft);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['7,5', 7.5],
    ['7.5', 7.5],
    [' 80 ', 80],
  ])('reads the weight %p as %p (7,5 must never become 75).', (text, value) => {
    const { response } = post(empty, { 'q/vekt': text });

    expect(answers(response, 'q/vekt')).toEqual([{ valueDecimal: value }]);
  });

  it('keeps a text that is no number, to be shown again with its error.', () => {
    const { response, texts } = post(empty, { 'q/vekt': '7,5 kg', 'q/navn': 'Ortopedisk' });

    expect(answers(response, 'q/vekt')).toEqual([]);
    expect(texts).toEqual({ 'q/vekt': '7,5 kg' });
    expect(answers(response, 'q/navn')).toEqual([{ valueString: 'Ortopedisk' }]);
  });

  it('reads Norwegian dates and times.', () => {
    const { response } = post(empty, { 'q/dato': '24.11.2026', 'q/tid': '24.11.2026 08:05' });

    expect(answers(response, 'q/dato')).toEqual([{ valueDate: '2026-11-24' }]);
    expect(answers(response, 'q/tid')).toEqual([{ valueDateTime: '2026-11-24T08:05:00+01:00' }]);
  });

  it('leaves the seconds of a time that was not touched.', () => {
    const draft = withAnswer('tid', { valueDateTime: '2026-11-24T08:05:31+01:00' });

    expect(answers(post(draft, {}).response, 'q/tid')).toEqual([
      { valueDateTime: '2026-11-24T08:05:31+01:00' },
    ]);
  });

  it('takes an answer away when its field is emptied or its box unticked.', () => {
    const draft = withAnswer('analgetika', { valueCoding: option('annet', 'annet') });

    const { response } = post(draft, { 'q/analgetika': undefined });

    expect(response.item).toBeUndefined();
  });

  it('leaves what was not shown as it was.', () => {
    const draft = withAnswer('hvorfor', { valueString: 'Uklart' });

    expect(answers(post(draft, {}).response, 'q/hvorfor')).toEqual([{ valueString: 'Uklart' }]);
  });

  it('never reads hidden, read-only and calculated items, whatever is posted.', () => {
    const posted = postedBy(twoRows);
    for (const name of ['q/sum', 'q/skjult', 'q/fast']) {
      posted.append('_shown', name);
      posted.append(name, '999');
    }

    const { response } = readForm(posted, engineOf(twoRows).initial.response, engine.form);

    expect(answers(response, 'q/sum')).toEqual([{ valueDecimal: 67.5 }]);
    expect(answers(response, 'q/skjult')).toEqual([]);
    expect(answers(response, 'q/fast')).toEqual([]);
  });

  it('refuses a code that is no option.', () => {
    const { response } = post(empty, { 'q/lar': 'https://evil.example|ja' });

    expect(answers(response, 'q/lar')).toEqual([]);
  });

  it('finds an option of a long list by code, with or without its point.', () => {
    const { response } = post(empty, { 'q/diagnose': 'm545' });

    expect(answers(response, 'q/diagnose')).toEqual([{ valueCoding: option('M54.5', 'M54.5') }]);
  });

  it('keeps drug and dose of both rows, whatever is changed in one.', () => {
    const { response } = post(twoRows, { 'q/rad:r1/dose': '40' });

    expect(answers(response, 'q/rad:r1/dose')).toEqual([{ valueDecimal: 40 }]);
    expect(answers(response, 'q/rad:r1/middel')).toEqual([{ valueCoding: option('morfin', 'morfin') }]);
    expect(answers(response, 'q/rad:b7/dose')).toEqual([{ valueDecimal: 7.5 }]);
    expect(answers(response, 'q/rad:b7/middel')).toEqual([{ valueCoding: option('oksykodon', 'oksykodon') }]);
  });

  it('adds a row with a new id by its button.', () => {
    const { response, action } = post(twoRows, { _action: 'add:q/rad' });

    expect(action).toEqual({ kind: 'add', target: 'q/rad' });
    expect(response.item?.[0]?.item?.map(({ id }) => id)).toEqual(['r1', 'b7', 'r2']);
  });

  it('removes one row by its button and leaves the other alone.', () => {
    const { response } = post(twoRows, { _action: 'remove:q/rad:r1' });

    expect(response.item?.[0]?.item).toEqual([twoRows.item?.[0]?.item?.[1]]);
  });

  it('marks a fetched answer as confirmed when its box is ticked.', () => {
    const { response } = post(fetched, { 'ok/q/navn': '1' });

    expect(answers(response, 'q/navn')[0]?.extension?.[0]).toEqual(source('confirmed'));
  });

  it('marks a fetched answer as changed when another is written, and keeps where it was from.', () => {
    const { response } = post(fetched, { 'q/navn': 'Kirurgisk' });

    expect(answers(response, 'q/navn')).toEqual([
      { valueString: 'Kirurgisk', extension: [source('changed')] },
    ]);
  });

  it('confirms all fetched answers at once by the button.', () => {
    const { response } = post(fetched, { _action: 'confirm-all' });

    expect(answers(response, 'q/navn')[0]?.extension?.[0]).toEqual(source('confirmed'));
  });

  it('reads version, comment, reason and the wish to complete.', () => {
    const form = post(empty, { _version: '3', _comment: ' Ringt ', _reason: 'Feil dato', _complete: '1' });

    expect(form).toMatchObject({ version: '3', comment: 'Ringt', reason: 'Feil dato', complete: true });
  });

  it('saves on an unknown button, which loses nothing.', () => {
    expect(post(empty, { _action: 'slett-alt' }).action).toEqual({ kind: 'save' });
  });

  it('survives a body of nonsense.', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (pairs) => {
        const { response } = readForm(new URLSearchParams(pairs), twoRows, engine.form);

        expect(response.resourceType).toBe('QuestionnaireResponse');
      }),
    );
  });
});

function withAnswer(linkId: string, answer: object): QuestionnaireResponse {
  return { ...empty, item: [{ linkId: 'om', item: [{ linkId, answer: [answer] }] }] };
}

function draftOf(
  rows: readonly number[],
  name: string | undefined,
  ticked: readonly string[],
  consent: boolean,
): QuestionnaireResponse {
  const om = [
    ...(name === undefined ? [] : [{ linkId: 'navn', answer: [{ valueString: name }] }]),
    { linkId: 'samtykke', answer: [{ valueBoolean: consent }] },
    ...(ticked.length === 0
      ? []
      : [{ linkId: 'analgetika', answer: ticked.map((code) => ({ valueCoding: option(code, code) })) }]),
  ];
  const rad = rows.map((dose) => ({
    linkId: 'rad',
    item: [{ linkId: 'dose', answer: [{ valueDecimal: dose / 100 }] }],
  }));
  return {
    ...empty,
    item: [{ linkId: 'om', item: om }, ...(rad.length === 0 ? [] : [{ linkId: 'opioider', item: rad }])],
  };
}
