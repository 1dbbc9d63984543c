/** The search of delivered registrations in its address: `/innleverte?fra=2026-01-01&alderfra=18&side=2`. */
import { parseDateText } from '../../sdc/dates.ts';
import type { DeliveredQuery } from '../models/delivered.ts';

/** Read an address; what it does not know is as if it were not there. */
export function readDeliveredQuery(search: URLSearchParams): DeliveredQuery {
  const day = (name: string): string | undefined => parseDateText(search.get(name) ?? '').value;
  const years = (name: string): number | undefined => {
    const text = search.get(name) ?? '';
    return /^\d{1,3}$/.test(text) ? Number(text) : undefined;
  };
  const page = Number(search.get('side') ?? 1);
  const place = search.get('sted') ?? '';
  const module = search.get('modul') ?? '';
  const found = {
    module: module === '' ? undefined : module,
    from: day('fra'),
    to: day('til'),
    ageFrom: years('alderfra'),
    ageTo: years('aldertil'),
    place: place === '' ? undefined : place,
  };
  return {
    ...(Object.fromEntries(
      Object.entries(found).filter(([, value]) => value !== undefined),
    ) as Partial<DeliveredQuery>),
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
  };
}

/** The address of a search; `file` for the rows as CSV. */
export function deliveredHref(
  { module, from, to, ageFrom, ageTo, place, page }: DeliveredQuery,
  kind: 'page' | 'file' = 'page',
): string {
  const search = new URLSearchParams({
    ...(module !== undefined && { modul: module }),
    ...(from !== undefined && { fra: from }),
    ...(to !== undefined && { til: to }),
    ...(ageFrom !== undefined && { alderfra: String(ageFrom) }),
    ...(ageTo !== undefined && { aldertil: String(ageTo) }),
    ...(place !== undefined && { sted: place }),
    ...(kind === 'page' && page !== 1 && { side: String(page) }),
  }).toString();
  const path = kind === 'page' ? '/innleverte' : '/innleverte.csv';
  return search === '' ? path : `${path}?${search}`;
}
