-- Row-level security: the database's own answer to "whose rows are these?" (docs/adr/0014). The server asks as a role that
-- owns nothing, `ryggrad_app`, and says in each transaction for whom: five settings that are gone when the transaction
-- ends (storage/row-access.ts). Without them there is nothing to see and nothing to change.
--
--   ryggrad.read       all, shared, unit, department, national or analytics: the breadth
--   ryggrad.write      all, unit, register or none
--   ryggrad.units      Organization ids, as an array's text; a client's own name stands there for its Subscriptions, and
--                      `reservation:` with the register for what is left of people who have reserved
--   ryggrad.registers  register ids, the same way
--   ryggrad.patient    the one person that a launched session is about; empty: everybody
--
-- One CASE over the breadth, with settings read in place: sub-selects for them, or for whose person a row is, made each
-- statement's plan four times as dear. Reading through the parent of a partitioned table its policies count; a partition that
-- is named directly has none, and shows nothing.

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

-- Has the person a pathway in one of the units and registers? What an EHR has sent about them is theirs to read then. The
-- three functions have their owner's rights, so that the policy on `resource` may ask `resource`; their plans are kept.
create function row_has_pathway(c int, person text, units text[], registers text[]) returns boolean
language plpgsql stable security definer set search_path from current
as $$
begin
  return exists (
    select
    from resource r
    where r.cmp = c and r.type = 48 and r.patient = person   -- EpisodeOfCare
      and r.unit = any (units) and r.reg = any (registers) and r.content is not null
  );
end
$$;

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

-- Is the value one of a setting's, which is the text of an array with every element in quotes?
create function named_in(setting text, value text) returns boolean
language sql stable parallel safe
as $$ select strpos(current_setting(setting, true), '"' || value || '"') > 0 $$;

-- the same rules as src/access/filter.ts, written once more: neither believes the other
create policy seen on resource for select to ryggrad_app using (
  case current_setting('ryggrad.read', true)
    when 'all' then true
    when 'shared' then unit is null
    when 'unit' then
      unit is null
      or named_in('ryggrad.units', unit)
      or (
        type = 103                      -- Patient
        and row_from_unit(cmp, id, nullif(current_setting('ryggrad.units', true), '')::text[])
      )
    when 'department' then
      unit is null
      or (named_in('ryggrad.units', unit) and (reg is null or named_in('ryggrad.registers', reg)))
      or (
        reg is null
        and row_has_pathway(
          cmp,
          patient,
          nullif(current_setting('ryggrad.units', true), '')::text[],
          nullif(current_setting('ryggrad.registers', true), '')::text[]
        )
      )
      or (type = 103 and id = current_setting('ryggrad.patient', true))
    when 'national' then
      unit is null
      or named_in('ryggrad.units', unit)
      or (natl and named_in('ryggrad.registers', reg))
      or (
        type = 103
        and row_in_store(cmp, id, nullif(current_setting('ryggrad.registers', true), '')::text[])
      )
    when 'analytics' then
      (unit is null and type not in (106, 108, 109)) -- Person, Practitioner, PractitionerRole: who works where
      or named_in('ryggrad.units', unit)
      or (natl and named_in('ryggrad.registers', reg))
      or (
        type = 103
        and row_in_store(cmp, id, nullif(current_setting('ryggrad.registers', true), '')::text[])
      )
    else false
  end
);

-- a session that was launched for one person sees that person, and what all share
create policy launched on resource as restrictive for select to ryggrad_app using (
  coalesce(current_setting('ryggrad.patient', true), '') = ''
  or patient = current_setting('ryggrad.patient', true)
  or (patient is null and unit is null)
);

create policy made on resource for insert to ryggrad_app with check (
  current_setting('ryggrad.write', true) = 'all'
  or (
    current_setting('ryggrad.write', true) = 'unit'
    and named_in('ryggrad.units', unit)
  )
  or (
    current_setting('ryggrad.write', true) = 'register'
    and named_in('ryggrad.registers', reg)
  )
);

-- before and after: a row is not taken from another unit, nor given to one
create policy changed on resource for update to ryggrad_app using (
  current_setting('ryggrad.write', true) = 'all'
  or (
    current_setting('ryggrad.write', true) = 'unit'
    and named_in('ryggrad.units', unit)
  )
  or (
    current_setting('ryggrad.write', true) = 'register'
    and named_in('ryggrad.registers', reg)
  )
);

create policy removed on resource for delete to ryggrad_app using (
  current_setting('ryggrad.write', true) = 'all'
);

-- earlier versions belong to whom the current one belongs to; a scalar sub-select, because it is asked row by row
create policy seen on history for select to ryggrad_app using (
  current_setting('ryggrad.read', true) = 'all'
  or (
    select true from resource r where r.cmp = history.cmp and r.type = history.type and r.id = history.id limit 1
  )
);
create policy made on history for insert to ryggrad_app with check (
  current_setting('ryggrad.write', true) in ('all', 'unit', 'register')
);
create policy removed on history for delete to ryggrad_app using (
  current_setting('ryggrad.write', true) = 'all'
);

-- What leads to rows (hashes, words, numbers, who has which id) is open to everybody who says for whom they ask: it names
-- no unit, and what it leads to is behind the policy of `resource`.
do $$
declare
  name text;
begin
  foreach name in array array['resource_id', 'identifier_key', 'idx_token', 'idx_date', 'idx_text', 'idx_number'] loop
    execute format(
      $policy$create policy seen on %I for select to ryggrad_app using (current_setting('ryggrad.read', true) <> '')$policy$,
      name
    );
    execute format(
      $policy$create policy made on %I for insert to ryggrad_app with check (current_setting('ryggrad.write', true) in ('all', 'unit', 'register'))$policy$,
      name
    );
    execute format(
      $policy$create policy removed on %I for delete to ryggrad_app using (current_setting('ryggrad.write', true) in ('all', 'unit', 'register'))$policy$,
      name
    );
  end loop;
  -- the server's own work: no caller asks these tables
  foreach name in array array['outbox', 'export_job', 'idempotency'] loop
    execute format(
      $policy$create policy server on %I to ryggrad_app using (current_setting('ryggrad.read', true) = 'all') with check (current_setting('ryggrad.read', true) = 'all')$policy$,
      name
    );
  end loop;
end
$$;

-- whoever may write leaves an event of it; what others have left is the server's alone
create policy made on outbox for insert to ryggrad_app with check (
  current_setting('ryggrad.write', true) in ('all', 'unit', 'register')
);
