/**
 * The role that the server asks as: it owns nothing and sees what row-level security lets it see (RL-01). The owner of the
 * tables makes it, and says after every migration what it may do.
 */
import type { Db } from './db.ts';
import { errorCode, StorageError } from './errors.ts';

/** Name of the role, the same in every database. A login role of another name may be a member of it. */
export const APPLICATION_ROLE = 'ryggrad_app';

const SETUP = `create role ${APPLICATION_ROLE} nologin nosuperuser nocreatedb nocreaterole nobypassrls`;

/** Whatever runs a statement. */
interface Sender {
  query(statement: { readonly text: string }): Promise<unknown>;
}

/** Make the role where it is missing. Throws `role` when the owner may not: with the statement that somebody else must run. */
export async function ensureApplicationRole(owner: Sender): Promise<void> {
  try {
    await owner.query({
      text: `do $do$
        begin
          if not exists (select from pg_roles where rolname = '${APPLICATION_ROLE}') then
            ${SETUP};
          end if;
        end
        $do$`,
    });
  } catch (cause) {
    if (errorCode(cause) === '42710' || errorCode(cause) === '23505') {
      return; // somebody else made it at the same moment
    }
    throw new StorageError(
      'role',
      `The database has no role ${APPLICATION_ROLE}, and the owner may not make it. Run as an administrator: ${SETUP}`,
      { cause },
    );
  }
}

/** Tables that are only added to, and read (AU-04), or that the owner alone fills. */
const RIGHTS: Readonly<Record<string, string>> = {
  migration: 'select',
  term_system: 'select',
  term_concept: 'select',
  audit: 'select, insert',
  audit_patient: 'select, insert',
  audit_seal: 'select, insert',
  audit_head: 'select, insert',
  audit_review: 'select, insert',
  audit_retired: 'select',
};

/**
 * Rights on every table, also those of migrations to come: all rows of small tables, those that the policies open of the
 * others; none on a partition, which would be a way around its parent.
 */
const GRANT = `do $grant$
declare
  t record;
  wanted jsonb := '${JSON.stringify(RIGHTS)}';
  granted text;
begin
  for t in
    select c.relname as name, c.relispartition as is_part
    from pg_class c
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p')
  loop
    granted := case when t.is_part then '' else coalesce(wanted ->> t.name, 'select, insert, update, delete') end;
    execute format('revoke all on %I from ${APPLICATION_ROLE}', t.name);
    if granted <> '' then
      execute format('grant %s on %I to ${APPLICATION_ROLE}', granted, t.name);
    end if;
  end loop;
  execute format('grant usage on schema %I to ${APPLICATION_ROLE}', current_schema());
  execute format('grant usage, select on all sequences in schema %I to ${APPLICATION_ROLE}', current_schema());
  grant update on sequence patient_number, pathway_number to ${APPLICATION_ROLE}; -- to pass numbers that came from elsewhere
  grant usage, create on schema views to ${APPLICATION_ROLE};
  -- the job queue: its own tables have row-level security without a policy
  grant usage on schema graphile_worker to ${APPLICATION_ROLE};
  grant all on all tables in schema graphile_worker to ${APPLICATION_ROLE};
  grant all on all sequences in schema graphile_worker to ${APPLICATION_ROLE};
  for t in
    select c.relname as name
    from pg_class c
    where c.relnamespace = 'graphile_worker'::regnamespace
      and c.relrowsecurity
      and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'server')
  loop
    execute format('create policy server on graphile_worker.%I to ${APPLICATION_ROLE} using (true) with check (true)', t.name);
  end loop;
end
$grant$`;

const LOCK = 7_471_915; // any number that all versions of this program agree on

/** Give the role what it needs and no more; two servers that start at once wait for each other. */
export async function grantToApplication(owner: Db): Promise<void> {
  await owner.tx(async (tx) => {
    await tx.query({ text: 'select pg_advisory_xact_lock($1)', values: [LOCK] });
    await tx.query({ text: GRANT });
  });
}
