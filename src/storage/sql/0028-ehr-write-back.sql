-- What locked forms have left in the EHRs that launched them (docs/adr/0031): one row for each form, kept by the job that writes.
create table ehr_write_back (
  response text collate "C" primary key,     -- QuestionnaireResponse id
  version bigint not null,                   -- version that was last written, or tried
  ehr text collate "C" not null,             -- id of the EHR in the settings
  state text not null check (state in ('waiting', 'written', 'refused', 'given-up')),
  location text,                             -- `DocumentReference/1`, below the EHR's base
  reason text,                               -- never the EHR's own words
  at timestamptz not null
);

alter table ehr_write_back enable row level security;
alter table ehr_write_back force row level security;
do $$
begin
  execute format('create policy owner on ehr_write_back to %I using (true) with check (true)', current_user);
end
$$;
-- the server's own work: no caller asks it
create policy server on ehr_write_back to ryggrad_app
  using (current_setting('ryggrad.read', true) = 'all')
  with check (current_setting('ryggrad.read', true) = 'all');
