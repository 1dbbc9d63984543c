/**
 * The work list's module, filter, sorting and page in its address: `/arbeidsliste?modul=neck&vis=new&sorter=-start&side=2`.
 */
import {
  WORK_LIST_FILTERS,
  WORK_LIST_SORTS,
  type WorkListFilter,
  type WorkListQuery,
  type WorkListSort,
} from '../models/work-list.ts';

/** Newest first, all forms: what an address without parameters means. */
export const DEFAULT_QUERY: WorkListQuery = {
  filter: 'all',
  sort: 'start',
  direction: 'descending',
  page: 1,
};

/** Read an address; what it does not know is as if it were not there. */
export function readWorkListQuery(search: URLSearchParams): WorkListQuery {
  const sorter = search.get('sorter') ?? '-start';
  const sort = sorter.replace(/^-/, '');
  const page = Number(search.get('side') ?? 1);
  const filter = search.get('vis') ?? '';
  const module = search.get('modul') ?? '';
  return {
    ...(module !== '' && { module }),
    filter: isFilter(filter) ? filter : DEFAULT_QUERY.filter,
    sort: isSort(sort) ? sort : DEFAULT_QUERY.sort,
    direction: sorter.startsWith('-') ? 'descending' : 'ascending',
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
  };
}

/** The address of a work list; what is as usual is left out. */
export function workListHref({ module, filter, sort, direction, page }: WorkListQuery): string {
  const sorter = direction === 'descending' ? `-${sort}` : sort;
  const search = new URLSearchParams({
    ...(module !== undefined && { modul: module }),
    ...(filter !== DEFAULT_QUERY.filter && { vis: filter }),
    ...(sorter !== '-start' && { sorter }),
    ...(page !== 1 && { side: String(page) }),
  }).toString();
  return search === '' ? '/arbeidsliste' : `/arbeidsliste?${search}`;
}

const isFilter = (text: string): text is WorkListFilter =>
  WORK_LIST_FILTERS.some((filter) => filter === text);
const isSort = (text: string): text is WorkListSort => WORK_LIST_SORTS.some((sort) => sort === text);
