/** The text of the history statement. */
import { historyStatement } from '../../../src/storage/history-sql.ts';

describe('The history statement', () => {
  it('reads one type from its own indexes and cuts each at the page size.', () => {
    const { text, values } = historyStatement({ type: 'Patient', count: 50 });

    expect(text).toContain('order by r.lu desc, r.rid desc, r.ver desc\n    limit $2');
    expect(text).toContain('order by h.lu desc, h.rid desc, h.ver desc\n    limit $2');
    expect(values).toEqual([[103], 50]);
  });

  it('leaves the parameters of the filter their numbers.', () => {
    const filter = { text: 'r.unit = any($1) and r.reg = $2', values: [['a'], 'r'] };

    const { text, values } = historyStatement({ type: 'Patient', id: 'p', count: 10, filter });

    expect(text).toContain('(r.unit = any($1) and r.reg = $2)');
    expect(text).toContain('r.id = $5');
    expect(values).toEqual([['a'], 'r', [103], 10, 'p']);
  });
});
