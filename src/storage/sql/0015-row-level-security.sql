-- Row-level security: the database's own answer to "whose rows are these?" (docs/adr/0014). The server asks as a role that
-- owns nothing, `ryggrad_app`, and says in each transaction for whom: five settings that are gone when the transaction
-- ends (storage/row-access.ts). Without them there is nothing to see and nothing to change.
--
--   ryggrad.read       all, shared, unit, department, national or analytics: the breadth
--   ryggrad.write      all, unit, register or none
--   ryggrad.units      Organization ids, as an array's text; a client's own name stands there for its Subscriptions
--   ryggrad.registers  register ids, the same way
--   ryggrad.patient    the one person that a launched session is about; empty: everybody
--
-- A setting stands in a sub-select everywhere: then it is read once for a statement, not once for a row. Reading through
-- the parent of a partitioned table its policies count; a partition that is named directly has none, and shows nothing.

do $$
declare
  name text;
begin
  for name in
    select c.relname
    from pg_class c
    where c.relnamespace = current_schema()::regnamespace
      and (
        c.relname in ('resource', 'history', 'resource_id', 'identifier_key', 'idx_token', 'idx_date', 'idx_text',
          'idx_number', 'outbox', 'export_job', 'idempotency')
        or c.oid in (select inhrelid from pg_inherits where inhparent = 'resource'::regclass)
      )
  loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    -- migrations and maintenance are the owner's
    execute format('create policy owner on %I to %I using (true) with check (true)', name, current_user);
  end loop;
end
$$;

-- Pathways of the own departments: what an EHR has sent about these persons is theirs to read. A view has its owner's
-- rights, so that the policy on `resource` may ask `resource`; its rows are the asking department's own in any case. It names
-- the partition that they lie in: every statement on `resource` plans it.
create view own_pathway as
select r.cmp, r.patient
from resource_other r
where r.type = 48                       -- EpisodeOfCare
  and r.content is not null
  and r.unit = any ((select nullif(current_setting('ryggrad.units', true), '')::text[])::text[])
  and r.reg = any ((select nullif(current_setting('ryggrad.registers', true), '')::text[])::text[]);
grant select on own_pathway to ryggrad_app;

-- Has one of the units sent something about this person?
create function row_from_unit(c int, person text, units text[]) returns boolean
language plpgsql stable security definer set search_path from current
as $$
begin
  return exists (select from resource r where r.cmp = c and r.patient = person and r.unit = any (units));
end
$$;

-- Is something about this person in the national store of one of the registers?
create function row_in_store(c int, person text, registers text[]) returns boolean
language plpgsql stable security definer set search_path from current
as $$
begin
  return exists (
    select
    from resource r
    where r.cmp = c and r.patient = person and r.natl and r.reg = any (registers) and r.content is not null
  );
end
$$;

-- the same rules as src/access/filter.ts, written once more: neither believes the other
create policy seen on resource for select to ryggrad_app using (
  (select current_setting('ryggrad.read', true)) = 'all'
  or (
    unit is null
    and (select current_setting('ryggrad.read', true)) <> ''
    and not (
      type in (106, 108, 109)           -- Person, Practitioner, PractitionerRole: who works where
      and (select current_setting('ryggrad.read', true)) = 'analytics'
    )
  )
  or (
    unit = any ((select nullif(current_setting('ryggrad.units', true), '')::text[])::text[])
    and (
      reg is null
      or (select current_setting('ryggrad.read', true)) = 'unit'
      or reg = any ((select nullif(current_setting('ryggrad.registers', true), '')::text[])::text[])
    )
  )
  or (
    natl
    and (select current_setting('ryggrad.read', true)) in ('national', 'analytics')
    and reg = any ((select nullif(current_setting('ryggrad.registers', true), '')::text[])::text[])
  )
  or (
    reg is null
    and (select current_setting('ryggrad.read', true)) = 'department'
    and exists (select from own_pathway o where o.cmp = resource.cmp and o.patient = resource.patient)
  )
  or (
    type = 103                          -- Patient
    and (
      id = (select current_setting('ryggrad.patient', true))
      or (
        (select current_setting('ryggrad.read', true)) = 'unit'
        and row_from_unit(cmp, id, (select nullif(current_setting('ryggrad.units', true), '')::text[]))
      )
      or (
        (select current_setting('ryggrad.read', true)) in ('national', 'analytics')
        and row_in_store(cmp, id, (select nullif(current_setting('ryggrad.registers', true), '')::text[]))
      )
    )
  )
);

-- a session that was launched for one person sees that person, and what all share
create policy launched on resource as restrictive for select to ryggrad_app using (
  coalesce((select current_setting('ryggrad.patient', true)), '') = ''
  or patient = (select current_setting('ryggrad.patient', true))
  or (patient is null and unit is null)
);

create policy made on resource for insert to ryggrad_app with check (
  (select current_setting('ryggrad.write', true)) = 'all'
  or (
    (select current_setting('ryggrad.write', true)) = 'unit'
    and unit = any ((select nullif(current_setting('ryggrad.units', true), '')::text[])::text[])
  )
  or (
    (select current_setting('ryggrad.write', true)) = 'register'
    and reg = any ((select nullif(current_setting('ryggrad.registers', true), '')::text[])::text[])
  )
);

-- before and after: a row is not taken from another unit, nor given to one
create policy changed on resource for update to ryggrad_app using (
  (select current_setting('ryggrad.write', true)) = 'all'
  or (
    (select current_setting('ryggrad.write', true)) = 'unit'
    and unit = any ((select nullif(current_setting('ryggrad.units', true), '')::text[])::text[])
  )
  or (
    (select current_setting('ryggrad.write', true)) = 'register'
    and reg = any ((select nullif(current_setting('ryggrad.registers', true), '')::text[])::text[])
  )
);

create policy removed on resource for delete to ryggrad_app using (
  (select current_setting('ryggrad.write', true)) = 'all'
);

-- earlier versions belong to whom the current one belongs to; a scalar sub-select, because it is asked row by row
create policy seen on history for select to ryggrad_app using (
  (select current_setting('ryggrad.read', true)) = 'all'
  or (
    select true from resource r where r.cmp = history.cmp and r.type = history.type and r.id = history.id limit 1
  )
);
create policy made on history for insert to ryggrad_app with check (
  (select current_setting('ryggrad.write', true)) in ('all', 'unit', 'register')
);
create policy removed on history for delete to ryggrad_app using (
  (select current_setting('ryggrad.write', true)) = 'all'
);

-- What leads to rows (hashes, words, numbers, who has which id) is open to everybody who says for whom they ask: it names
-- no unit, and what it leads to is behind the policy of `resource`.
do $$
declare
  name text;
begin
  foreach name in array array['resource_id', 'identifier_key', 'idx_token', 'idx_date', 'idx_text', 'idx_number'] loop
    execute format(
      $policy$create policy seen on %I for select to ryggrad_app using ((select current_setting('ryggrad.read', true)) <> '')$policy$,
      name
    );
    execute format(
      $policy$create policy made on %I for insert to ryggrad_app with check ((select current_setting('ryggrad.write', true)) in ('all', 'unit', 'register'))$policy$,
      name
    );
    execute format(
      $policy$create policy removed on %I for delete to ryggrad_app using ((select current_setting('ryggrad.write', true)) in ('all', 'unit', 'register'))$policy$,
      name
    );
  end loop;
  -- the server's own work: no caller asks these tables
  foreach name in array array['outbox', 'export_job', 'idempotency'] loop
    execute format(
      $policy$create policy server on %I to ryggrad_app using ((select current_setting('ryggrad.read', true)) = 'all') with check ((select current_setting('ryggrad.read', true)) = 'all')$policy$,
      name
    );
  end loop;
end
$$;

-- whoever may write leaves an event of it; what others have left is the server's alone
create policy made on outbox for insert to ryggrad_app with check (
  (select current_setting('ryggrad.write', true)) in ('all', 'unit', 'register')
);
