-- The audit trail by month, and the chain that shows whether anything in it was changed (docs/adr/0015).
-- Local tables, read by time: they carry no `cmp` and stay on one node.
alter table audit rename to audit_before_months;
alter table audit_patient rename to audit_patient_before_months;

-- order of insertion; a number that was not used belongs to a transaction that was rolled back
create sequence audit_seq;

-- who did what to whose data, append-only: the program inserts and reads, and takes away whole months that are too old
create table audit (
  seq bigint not null default nextval('audit_seq'),
  stored timestamptz not null default now(),       -- by the database's clock: decides the month
  xid xid8 not null default pg_current_xact_id(),  -- transaction that wrote it: the chain follows behind open ones
  recorded timestamptz not null,                   -- AuditEvent.recorded
  id text collate "C" not null,                    -- AuditEvent.id
  action char(1) not null,                         -- C R U D E
  kind text not null,                              -- the interaction: read, search-type, update, login …
  outcome smallint not null,                       -- HTTP status of the answer
  agent text collate "C" not null,                 -- Principal.subject
  role text,
  unit text collate "C",                           -- where the agent works
  registers text[] collate "C" not null default '{}',  -- of the agent and of the data; empty = shared by all
  about text[] collate "C" not null default '{}',      -- units that the data belong to
  patients text[] collate "C" not null,
  entity_type text,
  entity_id text collate "C",
  request_id text collate "C" not null,
  content text not null                            -- the AuditEvent as JSON
) partition by range (stored);
create table audit_rest partition of audit default;  -- only if a month's table was not made in time

-- "who has seen my data": one narrow row per event and patient
create table audit_patient (
  patient text collate "C" not null,
  recorded timestamptz not null,
  seq bigint not null,
  stored timestamptz not null
) partition by range (stored);
create table audit_patient_rest partition of audit_patient default;

-- Make the tables of the month (UTC) that a moment is in, and take in what the rest has of it; false when they are there.
create function audit_make_month(at timestamptz) returns boolean
language plpgsql security definer set search_path from current set lock_timeout = '3s'
as $$
declare
  first timestamptz := date_trunc('month', at at time zone 'UTC') at time zone 'UTC';
  next timestamptz := (date_trunc('month', at at time zone 'UTC') + interval '1 month') at time zone 'UTC';
  parent text;
  child text;
begin
  perform pg_advisory_xact_lock(7471916);
  if to_regclass('audit_' || to_char(first at time zone 'UTC', 'YYYY_MM')) is not null then
    return false;
  end if;
  foreach parent in array array['audit', 'audit_patient'] loop
    child := parent || to_char(first at time zone 'UTC', '_YYYY_MM');
    execute format('create table %I (like %I including defaults including constraints)', child, parent);
    execute format(
      'with moved as (delete from %I where stored >= %L and stored < %L returning *) insert into %I select * from moved',
      parent || '_rest', first, next, child
    );
    execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, child, first, next);
  end loop;
  return true;
end
$$;
revoke execute on function audit_make_month(timestamptz) from public;

select audit_make_month(month)
from generate_series(now(), now() + interval '3 months', interval '1 month') month;
select audit_make_month(month)
from (select distinct date_trunc('month', recorded) as month from audit_before_months where recorded < now()) months;

insert into audit (
  seq, stored, recorded, id, action, kind, outcome, agent, role, unit, patients, entity_type, entity_id, request_id, content
)
select
  seq, least(recorded, now()), recorded, id, action, kind, outcome, agent, role, unit, patients, entity_type, entity_id,
  request_id, content
from audit_before_months
order by seq;
insert into audit_patient (patient, recorded, seq, stored)
select patient, recorded, seq, least(recorded, now())
from audit_patient_before_months;
select setval('audit_seq', coalesce(max(seq), 0) + 1, false) from audit_before_months;
drop table audit_before_months;
drop table audit_patient_before_months;

alter table audit add constraint audit_pkey primary key (seq, stored);
create index audit_by_time on audit (recorded, seq);
create index audit_by_agent on audit (agent, recorded, seq);
create index audit_by_entity on audit (entity_type, entity_id, recorded, seq) where entity_id is not null;
create index audit_by_id on audit (id);                        -- GET AuditEvent/[id]
create index audit_by_transaction on audit (xid);              -- what is to be sealed
alter table audit_patient add constraint audit_patient_pkey primary key (patient, recorded, seq, stored);

-- the chain: event n is bound to all before it, hash = SHA-256(hash of n - 1, seq, event)
create table audit_seal (
  n bigint primary key,
  seq bigint not null,
  stored timestamptz not null,       -- of the event: which month it was in
  hash bytea not null
);
create unique index audit_seal_by_seq on audit_seal (seq);     -- an event is sealed once

-- how far the chain goes: one row for each time that events were sealed
create table audit_head (
  n bigint primary key,
  hash bytea not null,
  hi xid8 not null,                  -- events of transactions before it are all sealed
  sealed timestamptz not null default now()
);

-- months that were taken away at the end of their time: what they were bound to, signed
create table audit_retired (
  before timestamptz primary key,    -- events stored before it are gone
  n bigint not null,                 -- the chain begins after it
  hash bytea not null,               -- of n
  events bigint not null,            -- how many were taken away this time
  at timestamptz not null,
  proof text not null                -- the same as a JWS
);

-- Take away whole months before a moment, with the links up to `last`. It takes nothing that is younger than two years:
-- whoever may call it can shorten the trail by what its time has run out for, and by nothing else.
create function audit_retire(until timestamptz, last bigint, last_hash bytea, count bigint, signed text) returns void
language plpgsql security definer set search_path from current set lock_timeout = '5s'
as $$
declare
  name text;
begin
  if until > now() - interval '2 years' or until <> date_trunc('month', until at time zone 'UTC') at time zone 'UTC' then
    raise exception 'Events are kept for two years at least, and taken away by whole months';
  end if;
  insert into audit_retired (before, n, hash, events, at, proof) values (until, last, last_hash, count, now(), signed);
  delete from audit_seal where n <= last;
  for name in
    select c.oid::regclass::text
    from pg_inherits i
    join pg_class c on c.oid = i.inhrelid
    where i.inhparent in ('audit'::regclass, 'audit_patient'::regclass)
      and c.relname ~ '_[0-9]{4}_[0-9]{2}$'
      and right(c.relname, 7) < to_char(until at time zone 'UTC', 'YYYY_MM')
  loop
    execute 'drop table ' || name;
  end loop;
  -- what lies in the rest, because its month had no table in time
  delete from audit where stored < until;
  delete from audit_patient where stored < until;
end
$$;
revoke execute on function audit_retire(timestamptz, bigint, bytea, bigint, text) from public;

-- events that a coordinator has looked into; a later row does not replace an earlier one
create table audit_review (
  id text collate "C" primary key,
  event text collate "C" not null,   -- AuditEvent.id
  verdict text not null,             -- in-order, asked, deviation
  comment text not null,
  reviewer text collate "C" not null,  -- Principal.subject
  reviewer_name text not null,
  register text collate "C" not null,
  unit text collate "C",
  at timestamptz not null
);
create index audit_review_by_event on audit_review (event, at);  -- of the events of a page

-- the server's role adds and reads (storage/application-role.ts); months are made and taken away by these alone
do $$
begin
  if exists (select from pg_roles where rolname = 'ryggrad_app') then
    grant execute on function audit_make_month(timestamptz) to ryggrad_app;
    grant execute on function audit_retire(timestamptz, bigint, bytea, bigint, text) to ryggrad_app;
  end if;
end
$$;
