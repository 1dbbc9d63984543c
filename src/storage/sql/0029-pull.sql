-- What we fetch from EHRs ourselves (docs/adr/0036): how each connection stands, how far each of its queries is, and what has been
-- taken. A place moves in the transaction that stores what was fetched up to it.
create table pull_state (
  ehr text collate "C" primary key,          -- id of the EHR in the settings
  holder uuid,                               -- the run under way; it ends by itself when its process dies
  held_until timestamptz,
  last_contact timestamptz,                  -- last answer of the EHR that could be used
  last_run timestamptz,                      -- when the last round of changes was finished
  failures int not null default 0,           -- in a row
  failure text,                              -- in our words, never the EHR's
  failed_at timestamptz,
  not_before timestamptz                     -- it is left alone until then
);

create table pull_position (
  ehr text collate "C" not null,
  patient text collate "C" not null default '',  -- Patient id here of whom everything is fetched; '' of all whom it follows
  query text collate "C" not null,               -- '' the person waits
  since timestamptz,                         -- all that changed up to then has been taken
  started timestamptz,                       -- of the round under way
  done_to text collate "C" not null default '',  -- persons, or resources, in their order: those up to this one are done
  upto text collate "C",                     -- last one of the batch that is being paged
  next text,                                 -- address of the next page, sealed: it may name a person
  problem text,                              -- why the last round of it gave nothing
  primary key (ehr, patient, query)
);

create table pull_known (
  ehr text collate "C" not null,
  type text collate "C" not null,
  id text collate "C" not null,              -- there
  person text collate "C" not null,          -- Patient id there
  patient text collate "C",                  -- of a Patient: its id here
  hash bytea not null,                       -- SHA-256 of what was taken
  primary key (ehr, type, id)
);
create index pull_known_patient on pull_known (ehr, patient) where patient is not null;

do $$
declare
  name text;
begin
  foreach name in array array['pull_state', 'pull_position', 'pull_known'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format('create policy owner on %I to %I using (true) with check (true)', name, current_user);
    -- the server's own book-keeping: no caller asks it
    execute format(
      $policy$create policy server on %I to ryggrad_app using (current_setting('ryggrad.read', true) = 'all') with check (current_setting('ryggrad.read', true) = 'all')$policy$,
      name
    );
  end loop;
end
$$;
