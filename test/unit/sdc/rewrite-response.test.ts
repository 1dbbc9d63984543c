import { newRow } from '../../../src/sdc/initial.ts';
import { insertItem, writeAnswers } from '../../../src/sdc/rewrite-response.ts';
import { buildTree } from '../../../src/sdc/tree.ts';
import type { Answer } from '../../../src/sdc/answer.ts';
import type { QuestionnaireResponse } from '../../../src/fhir/types.ts';
import { form, group, question, response } from './fixtures/smertetilsyn.ts';

const written = (from: QuestionnaireResponse, path: string, answers: readonly Answer[]) =>
  writeAnswers(from, buildTree(form, from), new Map([[path, answers]])).item;

describe('Writing an answer', () => {
  it('makes the groups on the way, in form order.', () => {
    const draft = response([question('kommentar', { valueString: 'x' })]);

    expect(written(draft, 'grunnlag/start', [{ valueDate: '2026-10-29' }])).toEqual([
      group('grunnlag', question('start', { valueDate: '2026-10-29' })),
      question('kommentar', { valueString: 'x' }),
    ]);
  });

  it('removes the item with its answer, and ignores paths that are not in the form.', () => {
    const draft = response([question('kommentar', { valueString: 'x' })]);

    expect(written(draft, 'kommentar', [])).toBeUndefined();
    expect(written(draft, 'finnes/ikke', [{ valueString: 'x' }])).toEqual(draft.item);
  });

  it('keeps unknown items where they are.', () => {
    const draft = response([
      question('ukjent', { valueString: 'u' }),
      question('kommentar', { valueString: 'x' }),
    ]);

    const items = written(draft, 'telefon', [{ valueString: '12345678' }]);

    expect(items!.map(({ linkId }) => linkId)).toEqual(['ukjent', 'telefon', 'kommentar']);
  });
});

describe('A new row', () => {
  it('stands after the others and before later questions.', () => {
    const rad = form.byLinkId.get('rad')!;
    const items = [{ linkId: 'rad' }, question('ome-total', { valueDecimal: 20 })];

    const added = insertItem(items, newRow(rad), rad.parent!.children);

    expect(added.map(({ linkId }) => linkId)).toEqual(['rad', 'rad', 'ome-total']);
  });
});
