import type { QuestionnaireResponse } from '../../../../src/fhir/types.ts';
import { rowIds, withRowIds } from '../../../../src/web/forms/response-tree.ts';
import { empty, engineOf } from './sample-form.ts';

const { form } = engineOf(empty);

const withRows = (...ids: readonly (string | undefined)[]): QuestionnaireResponse => ({
  ...empty,
  item: [
    { linkId: 'om', id: 'r1' },
    {
      linkId: 'rader',
      item: ids.map((id) => ({
        linkId: 'rad',
        ...(id !== undefined && { id }),
        item: [{ linkId: 'dose', answer: [{ valueDecimal: 1 }] }],
      })),
    },
  ],
});

const idsOf = (response: QuestionnaireResponse) =>
  withRowIds(response, form).item?.[1]?.item?.map(({ id }) => id);

describe('The ids of rows', () => {
  it('are unique in the whole response, those of other items included.', () => {
    expect(idsOf(withRows(undefined, undefined))).toEqual(['r2', 'r3']);
  });

  it('are kept, but for one that another element has.', () => {
    expect(idsOf(withRows('b7', 'b7', 'r1'))).toEqual(['b7', 'r2', 'r3']);
  });

  it('stay what they are when they are given again.', () => {
    const once = withRowIds(withRows(undefined, 'r2', undefined), form);

    expect(withRowIds(once, form)).toEqual(once);
    expect(rowIds(once)).toEqual(new Set(['r1', 'r2', 'r3', 'r4']));
  });
});
