import { createEngine } from '../../../../src/web/forms/engine.ts';
import { readForm } from '../../../../src/web/forms/form-data.ts';
import { saidValues } from '../../../../src/web/forms/source-choice.ts';
import { compilePath } from '../../../../src/fhir/path.ts';
import type { QuestionnaireResponse } from '../../../../src/fhir/types.ts';
import { DIPS, filledFrom, LAB, measured, weightForm } from '../../sdc/fixtures/weight-form.ts';

const form = weightForm();
const path = { rows: [], linkId: 'vekt' };
const both = [measured('o1', 80), measured('o2', 82, { source: DIPS, at: '2026-10-20' })];

async function opened(resources = both) {
  const { response } = await filledFrom(form, resources);
  const engine = createEngine(
    {
      questionnaire: form.questionnaire,
      valueSets: {},
      launch: {},
      now: '2026-10-30T10:00:00Z',
      response,
      texts: {},
    },
    compilePath,
  );
  return { engine, state: engine.initial };
}

const weight = (response: QuestionnaireResponse) => response.item?.find(({ linkId }) => linkId === 'vekt');
const adopted = (response: QuestionnaireResponse) =>
  weight(response)?.answer?.[0]?.extension?.map(({ extension }) => extension?.at(-1)?.valueCode);
const beside = (response: QuestionnaireResponse) =>
  saidValues(weight(response)).map(({ value, isDeclined }) => [value.valueDecimal, isDeclined]);

describe('Choosing between sources', () => {
  it('makes the value the answer, confirmed, with its source; the other one stays beside.', async () => {
    const { engine, state } = await opened();

    const { response } = engine.apply(state, { kind: 'chosen', path, place: 1 });

    expect(weight(response)?.answer?.[0]?.valueDecimal).toBe(80);
    expect(JSON.stringify(weight(response)?.answer)).toContain(LAB);
    expect(adopted(response)).toEqual(['confirmed']);
    expect(beside(response)).toEqual([[82, true]]);
  });

  it('can be done over.', async () => {
    const { engine, state } = await opened();

    const first = engine.apply(state, { kind: 'chosen', path, place: 1 });
    const { response } = engine.apply(first, { kind: 'chosen', path, place: 0 });

    expect(weight(response)?.answer?.[0]?.valueDecimal).toBe(82);
    expect(beside(response)).toEqual([[80, true]]);
  });

  it('can be none of them, with both still to be seen.', async () => {
    const { engine, state } = await opened();

    const { response } = engine.apply(state, { kind: 'none-chosen', path });

    expect(weight(response)?.answer).toBeUndefined();
    expect(beside(response)).toEqual([
      [82, true],
      [80, true],
    ]);
  });

  it('is read from a plain HTML post as well.', async () => {
    const { state } = await opened();
    const posted = new URLSearchParams({ _action: 'choose:0:q/vekt', _shown: 'q/vekt', 'q/vekt': '' });

    const { response } = readForm(posted, state.response, form);

    expect(weight(response)?.answer?.[0]?.valueDecimal).toBe(82);
    expect(adopted(response)).toEqual(['confirmed']);
  });

  it('keeps a fetched value that is cleared or overwritten beside the question.', async () => {
    const { engine, state } = await opened([measured('o1', 80)]);

    const cleared = engine.apply(state, { kind: 'answered', path, answers: [] });
    const written = engine.apply(state, { kind: 'answered', path, answers: [{ valueDecimal: 79 }] });

    expect(beside(cleared.response)).toEqual([[80, true]]);
    expect(adopted(written.response)).toEqual(['changed']);
    expect(beside(written.response)).toEqual([[80, true]]);
  });
});
