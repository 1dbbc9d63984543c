-- A register may have several modules, each with forms of its own: a pathway's row says of which it is, by the code of its type
-- (docs/adr/0024). Rows of what is stored are filled in here; which code counts is said by the program, which makes them anew.
alter table pathway_list add column module text collate "C" not null default '';

update pathway_list l
set module = r.content::jsonb #>> '{type,0,coding,0,code}'
from resource r
where r.cmp = l.cmp
  and r.type = 48                          -- EpisodeOfCare
  and r.id = l.episode
  and r.content::jsonb #>> '{type,0,coding,0,code}' is not null;

drop index pathway_list_by_forms;
create index pathway_list_by_forms on pathway_list (reg, module, forms) where natl and active;

-- as in 0020, by module
drop function pathway_counts(text);
create function pathway_counts(register text) returns table (module text, forms smallint, n bigint)
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
      select l.module, l.forms, count(*)
      from pathway_list l
      where l.reg = register and l.unit = any (own_units) and l.active and (person = '' or l.patient = person)
      group by l.module, l.forms;
  elsif current_setting('ryggrad.read', true) = 'national' then
    return query
      select l.module, l.forms, count(*)
      from pathway_list l
      where l.reg = register and l.natl and l.active and (person = '' or l.patient = person)
      group by l.module, l.forms;
  end if;
end
$$;
