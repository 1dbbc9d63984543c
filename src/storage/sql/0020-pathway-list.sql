-- What work lists sort, filter and count by: one small row for each pathway, kept in the transaction that changes it
-- (docs/adr/0021). Everything in it follows from the pathway's resources; `shape` says by which rules.

create table pathway_list (
  cmp int not null,                        -- as in `resource`: of the person
  episode text collate "C" not null,       -- EpisodeOfCare id
  reg text collate "C" not null,
  unit text collate "C",
  patient text collate "C" not null,
  natl boolean not null default false,     -- as the EpisodeOfCare's own row
  active boolean not null,                 -- EpisodeOfCare.status
  consent smallint not null default 2,     -- 0 yes, 1 no, 2 not known yet: the order in which they are sorted
  started timestamptz,
  location text,                           -- answers that the register marks for its lists, in words
  department text,
  department_key text collate "C" not null default '',   -- in the order of the Norwegian alphabet
  forms smallint not null default 0,       -- 1 all empty, 2 some under way, 4 some to be confirmed, 8 all completed
  completed timestamptz,                   -- when the last form was locked; null while one waits
  shape bigint not null default 0,         -- 0: not made yet
  primary key (cmp, episode)
);

create index pathway_list_by_episode on pathway_list (episode);                                    -- keeping it
create index pathway_list_by_unit on pathway_list (reg, unit, started desc, episode) where active; -- a department's list
create index pathway_list_delivered on pathway_list (reg, unit, completed desc, episode) where completed is not null;
-- the national list, in each of its orders; its counts
create index pathway_list_by_start on pathway_list (reg, started, episode) where natl and active;
create index pathway_list_by_consent on pathway_list (reg, consent, started desc, episode) where natl and active;
create index pathway_list_by_department on pathway_list (reg, department_key, started desc, episode) where natl and active;
create index pathway_list_by_forms on pathway_list (reg, forms) where natl and active;
create index pathway_list_by_shape on pathway_list (shape);                                        -- what is to be made anew

-- what is there already; the rest of each row is made when a server has started
insert into pathway_list (cmp, episode, reg, unit, patient, natl, active, started)
select r.cmp, r.id, r.reg, r.unit, r.patient, r.natl, r.status is not distinct from 'active', r.d_lo
from resource r
where r.type = 48                          -- EpisodeOfCare
  and r.reg is not null
  and r.patient is not null
  and r.content is not null;

alter table pathway_list enable row level security;
alter table pathway_list force row level security;
do $$
begin
  execute format('create policy owner on pathway_list to %I using (true) with check (true)', current_user);
end
$$;
-- the rules of `resource`, for those who have lists: people of a department, and national coordinators
create policy seen on pathway_list for select to ryggrad_app using (
  case current_setting('ryggrad.read', true)
    when 'all' then true
    when 'department' then named_in('ryggrad.units', unit) and named_in('ryggrad.registers', reg)
    when 'national' then natl and named_in('ryggrad.registers', reg)
    else false
  end
);
create policy launched on pathway_list as restrictive for select to ryggrad_app using (
  coalesce(current_setting('ryggrad.patient', true), '') = ''
  or patient = current_setting('ryggrad.patient', true)
);
-- it follows from what is written elsewhere: the server's own work
create policy made on pathway_list for insert to ryggrad_app with check (current_setting('ryggrad.write', true) = 'all');
create policy changed on pathway_list for update to ryggrad_app using (current_setting('ryggrad.write', true) = 'all');
create policy removed on pathway_list for delete to ryggrad_app using (current_setting('ryggrad.write', true) = 'all');

-- How many pathways there are of each state of the forms. With its owner's rights, so that a count of a whole nation asks for
-- whom it is once and not of each row: the settings are its only arguments but for the register, which must be one of them.
create function pathway_counts(register text) returns table (forms smallint, n bigint)
language plpgsql stable security definer set search_path from current
as $$
declare
  person text := coalesce(current_setting('ryggrad.patient', true), '');
  own_units text[] := nullif(current_setting('ryggrad.units', true), '')::text[];
begin
  if not coalesce(named_in('ryggrad.registers', register), false) then
    return;
  end if;
  if current_setting('ryggrad.read', true) = 'department' then
    return query
      select l.forms, count(*)
      from pathway_list l
      where l.reg = register and l.unit = any (own_units) and l.active and (person = '' or l.patient = person)
      group by l.forms;
  elsif current_setting('ryggrad.read', true) = 'national' then
    return query
      select l.forms, count(*)
      from pathway_list l
      where l.reg = register and l.natl and l.active and (person = '' or l.patient = person)
      group by l.forms;
  end if;
end
$$;
