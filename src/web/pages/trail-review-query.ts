/**
 * What is asked of the audit trail, in the address and back.
 */
import type { ReviewRequest } from '../models/trail.ts';

const FILTERS: Readonly<Record<string, ReviewRequest['filter']>> = {
  all: 'all',
  marked: 'marked',
  open: 'open',
};

/** Address → request; what cannot be read is left out. */
export function readReviewQuery(query: URLSearchParams): ReviewRequest {
  const from = dayOf(query.get('fra'));
  const to = dayOf(query.get('til'));
  const agent = query.get('hvem')?.trim() ?? '';
  const seed = query.get('utvalg')?.slice(0, 40) ?? '';
  const page = Number(query.get('side') ?? '1');
  return {
    filter: FILTERS[query.get('vis') ?? ''] ?? 'all',
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    ...(agent !== '' && { agent: agent.includes(':') ? agent : `user:${agent}` }),
    ...(seed !== '' && { seed }),
    page: Number.isInteger(page) && page > 0 ? page : 1,
  };
}

/** `24.11.2026` or `2026-11-24` → `2026-11-24`. */
function dayOf(text: string | null): string | undefined {
  const trimmed = text?.trim() ?? '';
  const norwegian = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(trimmed);
  const day =
    norwegian === null
      ? trimmed
      : `${norwegian[3] ?? ''}-${(norwegian[2] ?? '').padStart(2, '0')}-${(norwegian[1] ?? '').padStart(2, '0')}`;
  return /^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day)) ? day : undefined;
}

/** Request → address. */
export function reviewHref({ filter, from, to, agent, seed, page }: ReviewRequest): string {
  const query = new URLSearchParams({
    ...(filter !== 'all' && { vis: filter }),
    ...(from !== undefined && { fra: from }),
    ...(to !== undefined && { til: to }),
    ...(agent !== undefined && { hvem: agent }),
    ...(seed !== undefined && { utvalg: seed }),
    ...(page > 1 && { side: String(page) }),
  });
  return query.size === 0 ? '/tilgangslogg' : `/tilgangslogg?${query.toString()}`;
}
