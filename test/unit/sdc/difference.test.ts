import { difference } from '../../../src/sdc/difference.ts';
import { form, question, row, withRows } from './fixtures/smertetilsyn.ts';

describe('The difference', () => {
  it('names question, row, before and after, in form order.', () => {
    const before = withRows(row('morfin-po', 20), row('kodein-po', 60));
    const after = withRows(row('morfin-po', 20), row('kodein-po', 62.5));

    const found = difference(
      form,
      before,
      { ...after, item: [...after.item!, question('kommentar', { valueString: 'Rettet.' })] },
      'nb',
    );

    expect(found).toEqual([
      {
        linkId: 'dose',
        path: 'opioider/rad[1]/dose',
        question: 'Døgndose (rad 2)',
        before: '60',
        after: '62,5',
      },
      { linkId: 'kommentar', path: 'kommentar', question: 'Kommentar', before: '', after: 'Rettet.' },
    ]);
    expect(difference(form, before, before, 'nb')).toEqual([]);
  });
});
