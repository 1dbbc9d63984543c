import { DEFAULT_QUERY, readWorkListQuery, workListHref } from '../../../../src/web/pages/work-list-query.ts';
import { WORK_LIST_FILTERS, WORK_LIST_SORTS } from '../../../../src/web/models/work-list.ts';

const queries = WORK_LIST_FILTERS.flatMap((filter) =>
  WORK_LIST_SORTS.flatMap((sort) =>
    (['ascending', 'descending'] as const).flatMap((direction) =>
      [{ page: 1 }, { page: 3, module: 'neck' }].map((rest) => ({ filter, sort, direction, ...rest })),
    ),
  ),
);

describe('The address of the work list', () => {
  it('is short when everything is as usual.', () => {
    expect(workListHref(DEFAULT_QUERY)).toBe('/arbeidsliste');
  });

  it('holds module, filter, sorting and page, so that the list can be shared and reloaded.', () => {
    for (const query of queries) {
      const { searchParams } = new URL(workListHref(query), 'http://localhost');

      expect(readWorkListQuery(searchParams)).toEqual(query);
    }
  });

  it('means the usual list when it is nonsense.', () => {
    const search = new URLSearchParams({ vis: 'alt', sorter: '-navn', side: '-4' });

    expect(readWorkListQuery(search)).toEqual(DEFAULT_QUERY);
  });
});
