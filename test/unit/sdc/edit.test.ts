import {
  addRow,
  chooseOption,
  moveRow,
  removeRow,
  setAnswers,
  unchooseOption,
} from '../../../src/sdc/edit.ts';
import { difference } from '../../../src/sdc/difference.ts';
import { progress } from '../../../src/sdc/progress.ts';
import { recalculate } from '../../../src/sdc/calculate.ts';
import { viewForm } from '../../../src/sdc/visibility.ts';
import {
  coded,
  context,
  form,
  group,
  question,
  response,
  row,
  values,
  withRows,
} from './fixtures/smertetilsyn.ts';

const analgetika = form.byLinkId.get('analgetika')!;
const option = (code: string) => analgetika.options!.list.find(({ coding }) => coding.code === code)!;
const codes = (answers: readonly { valueCoding?: { code?: string } }[]): unknown[] =>
  answers.map(({ valueCoding }) => valueCoding?.code);

describe('Choosing', () => {
  it('lets "Ingen" and "Vet ikke" exclude all others, and be excluded by them.', () => {
    const some = chooseOption(
      analgetika,
      chooseOption(analgetika, [], option('opioid')),
      option('non-opioid'),
    );
    const none = chooseOption(analgetika, some, option('ingen'));

    expect(codes(some)).toEqual(['opioid', 'non-opioid']);
    expect(codes(none)).toEqual(['ingen']);
    expect(codes(chooseOption(analgetika, none, option('vet-ikke')))).toEqual(['vet-ikke']);
    expect(codes(chooseOption(analgetika, none, option('opioid')))).toEqual(['opioid']);
    expect(codes(unchooseOption(some, option('opioid')))).toEqual(['non-opioid']);
  });

  it('replaces the answer where one is allowed.', () => {
    const item = form.byLinkId.get('nrs-kan')!;
    const [ja, nei] = item.options!.list;

    expect(codes(chooseOption(item, chooseOption(item, [], ja!), nei!))).toEqual(['nei']);
  });
});

describe('Answering', () => {
  it('makes the groups on the way, in form order.', () => {
    const draft = setAnswers(
      form,
      response([question('kommentar', { valueString: 'x' })]),
      'grunnlag/start',
      [{ valueDate: '2026-10-29' }],
    );

    expect(draft.item).toEqual([
      group('grunnlag', question('start', { valueDate: '2026-10-29' })),
      question('kommentar', { valueString: 'x' }),
    ]);
  });

  it('removes the item with its answer, and ignores paths that are not in the form.', () => {
    const draft = response([question('kommentar', { valueString: 'x' })]);

    expect(setAnswers(form, draft, 'kommentar', []).item).toBeUndefined();
    expect(setAnswers(form, draft, 'finnes/ikke', [{ valueString: 'x' }])).toBe(draft);
    expect(setAnswers(form, draft, 'grunnlag', [{ valueString: 'x' }])).toBe(draft);
  });

  it('keeps unknown items where they are.', () => {
    const draft = response([
      question('ukjent', { valueString: 'u' }),
      question('kommentar', { valueString: 'x' }),
    ]);

    const changed = setAnswers(form, draft, 'telefon', [{ valueString: '12345678' }]);

    expect(changed.item!.map(({ linkId }) => linkId)).toEqual(['ukjent', 'telefon', 'kommentar']);
  });
});

describe('Rows', () => {
  const two = withRows(row('morfin-po', 20), row('kodein-po', 60));

  it('are added after the others and before later questions.', () => {
    const draft = recalculate(form, two, context);

    const added = addRow(form, draft, 'opioider', 'rad');

    expect(added.item![1]!.item!.map(({ linkId }) => linkId)).toEqual([
      'rad',
      'rad',
      'rad',
      'ome-ufullstendig',
      'ome-total',
    ]);
  });

  it('can be added to a group that is not there yet.', () => {
    expect(addRow(form, response([]), 'opioider', 'rad').item).toEqual([
      group('opioider', { linkId: 'rad' }),
    ]);
  });

  it('are removed and moved whole.', () => {
    expect(values(removeRow(form, two, 'opioider/rad[0]'))['opioider/rad[0]/dose']).toEqual([60]);
    expect(values(moveRow(form, two, 'opioider/rad[1]', 0))['opioider/rad[0]/legemiddel']).toEqual([
      'kodein-po',
    ]);
    expect(moveRow(form, two, 'opioider/rad[5]', 0)).toEqual(two);
    expect(removeRow(form, two, 'opioider')).toBe(two);
    expect(addRow(form, two, '', 'kommentar')).toBe(two);
  });
});

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

describe('Progress', () => {
  it('counts what the user sees and may answer, and finds the first gap.', () => {
    const draft = response([
      group('grunnlag', question('henvist', { valueDate: '2026-10-28' })),
      question('nrs-kan', coded('nrs-kan', 'nei')),
    ]);
    const view = viewForm(form, draft, context);

    expect(progress(view)).toEqual({
      answered: 2,
      visible: 13,
      missing: 3,
      firstUnanswered: 'grunnlag/start',
    });
    expect(progress(view, view.byPath.get('grunnlag'))).toMatchObject({ answered: 1, visible: 4 });
  });
});
