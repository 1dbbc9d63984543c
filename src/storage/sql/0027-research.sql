-- Who has said no to research: an active Consent with an exception for the purpose HRESCH. Few have, and none is looked for in all consents.
create index resource_not_for_research on resource (patient) where type = 29 and content like '%"HRESCH"%';

-- Persons who have, in one of the registers; null = in any. Whoever says no in one pathway is left out with all of them, also where that
-- pathway is not in the national store. Called once for a statement.
create function refuses_research(registers text[]) returns setof text
language plpgsql stable security definer set search_path from current
as $$
begin
  return query
    select r.patient
    from resource r
    where r.type = 29                        -- Consent
      and r.content like '%"HRESCH"%'
      and r.patient is not null
      and (registers is null or r.reg = any (registers))
      and r.content::jsonb ->> 'status' = 'active'
      and r.content::jsonb @? '$.provision.** ? (@.type == "deny").purpose[*] ? (@.code == "HRESCH")';
end
$$;

-- A system that reads for research: those who have said no to that are not there for it.
alter table oauth_client add column purpose text;
