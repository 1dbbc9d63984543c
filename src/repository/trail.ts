/**
 * The audit trail as it may be read: by coordinators, each within their own part of it (AU-05). Reading it is an event too.
 */
import { FhirError, error, notFound } from '../fhir/outcome.ts';
import type { Principal } from '../access/principal.ts';
import type { AuditFilter, AuditRow, AuditScope } from '../storage/audit-search.ts';
import { auditRead, type Caller } from './audit.ts';
import type { Repository } from './repository.ts';

export type TrailFilter = Omit<AuditFilter, 'scope'>;

/** Events, newest first. Throws 403, and 400 for a page position that is not one. */
export async function searchTrail(
  repository: Repository,
  caller: Caller,
  filter: TrailFilter,
): Promise<readonly AuditRow[]> {
  await repository.authorise(caller, 'search', { type: 'AuditEvent' });
  const rows = await repository.deps.audit.search({ ...filter, ...ownPart(caller.principal) });
  await auditRead(repository.deps, caller, {
    status: 200,
    query: `AuditEvent?${Object.keys(filter).join('&')}`,
    ...(filter.patient !== undefined && { patients: [filter.patient] }),
  });
  const contents = await repository.deps.store.reveal(rows.map(({ content }) => content));
  return rows.map((row, at) => ({ ...row, content: contents[at] as string }));
}

/** One event. Throws 403, 404 (unknown, or not in the caller's part). */
export async function readTrail(repository: Repository, caller: Caller, id: string): Promise<AuditRow> {
  await repository.authorise(caller, 'read', { type: 'AuditEvent', id });
  const [row] = await repository.deps.audit.search({ id, count: 1, ...ownPart(caller.principal) });
  const entities = [{ type: 'AuditEvent', id }];
  await auditRead(repository.deps, caller, { status: row === undefined ? 404 : 200, entities });
  if (row === undefined) {
    throw notFound('AuditEvent', id);
  }
  const [content] = await repository.deps.store.reveal([row.content]);
  return { ...row, content: content as string };
}

/**
 * The part of the trail that somebody may read: a national coordinator that of the own register, a local one what was done
 * by or about the own unit in it; the server all of it. What belongs to no register is shared by all of them.
 */
export function partOf(principal: Principal): AuditScope | undefined {
  if (principal.kind === 'system') {
    return undefined;
  }
  if (principal.kind !== 'staff') {
    return { register: '', units: [] };
  }
  const { role, register, units } = principal;
  return role === 'SC' ? { register } : { register, units };
}

function ownPart(principal: Principal): Pick<AuditFilter, 'scope'> {
  const scope = partOf(principal);
  return scope === undefined ? {} : { scope };
}

/** What the trail cannot answer: an event has one version, and no list of versions is kept. */
export const noTrailHistory = (): FhirError =>
  new FhirError(
    405,
    error(
      'not-supported',
      'An AuditEvent has one version. Search AuditEvent by date instead of reading its history.',
      undefined,
      'append-only',
    ),
    { headers: { Allow: 'GET, HEAD, POST' } },
  );
