/**
 * Does row-level security hold for the role that the server asks as? Asked at every start (RL-01, RL-03, AU-04): a table
 * without its policies, or a role above them, would make no noise by itself.
 */
import type { Queryable } from './db.ts';
import { StorageError } from './errors.ts';

/** Tables that hold resources, lead to them, or hold what was asked about persons. A new one belongs here or in `OPEN`. */
export const GUARDED: readonly string[] =
  'resource history resource_id identifier_key idx_token idx_date idx_text idx_number outbox export_job idempotency pathway_list patient_form_timer import_pathway ehr_write_back inbox source_version pull_state pull_position pull_known'.split(
    ' ',
  );

/** Tables that are only ever added to. */
const APPEND_ONLY: readonly string[] = ['audit', 'audit_patient'];

/** What is wrong with the role, in an operator's words; empty = nothing. */
export async function roleFaults(db: Queryable): Promise<readonly string[]> {
  const rows = await db.query<{ fault: string }>({
    text: `with role as (select * from pg_roles where rolname = current_user),
      guarded as (
        select c.* from unnest($1::text[]) n (name) join pg_class c on c.oid = to_regclass(n.name)
      ),
      part as (
        select c.* from pg_inherits i join pg_class c on c.oid = i.inhrelid where i.inhparent in (select oid from guarded)
      )
      select format('The role %s is a superuser.', rolname) as fault from role where rolsuper
      union all
      select format('The role %s has BYPASSRLS.', rolname) from role where rolbypassrls
      union all
      select format('The role %s owns the table %s.', current_user, relname)
      from guarded where pg_has_role(current_user, relowner, 'member') and not (select rolsuper from role)
      union all
      select format('The table %s is missing.', n.name) from unnest($1::text[]) n (name) where to_regclass(n.name) is null
      union all
      select format('The table %s has row-level security off, or not forced.', relname)
      from (select * from guarded union all select * from part) t
      where not (relrowsecurity and relforcerowsecurity)
      union all
      select format('The table %s has no policy for %s.', relname, current_user)
      from guarded g
      where not exists (
        select from pg_policy p
        where p.polrelid = g.oid
          and exists (select from unnest(p.polroles) r (oid) where pg_has_role(current_user, r.oid, 'member'))
      )
      union all
      select format('The role %s may change the table %s, which is only added to.', current_user, n.name)
      from unnest($2::text[]) n (name)
      where to_regclass(n.name) is not null
        and has_table_privilege(current_user, to_regclass(n.name), 'update, delete, truncate')`,
    values: [GUARDED, APPEND_ONLY],
  });
  return rows.map(({ fault }) => fault);
}

/** Throws `role` when a row could be seen by somebody whose it is not. */
export async function checkRole(db: Queryable): Promise<void> {
  const faults = await roleFaults(db);
  if (faults.length > 0) {
    throw new StorageError(
      'role',
      `The server's database role does not keep departments apart. ${faults.join(' ')} See "The database's roles" in docs/operations.md.`,
    );
  }
}
