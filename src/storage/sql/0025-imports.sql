-- What was read in from a data dump (docs/adr/0027): each pathway by the key that it has there, written in the transaction that
-- brought it. A dump that is read in again finds here that nothing has changed, without looking at a resource.
create table import_pathway (
  register text collate "C" not null,
  key text collate "C" not null,             -- ForløpsID, or the GUID of the main form
  episode text collate "C" not null,         -- EpisodeOfCare id
  rows jsonb not null,                       -- hash of the pathway's rows by table
  imported_at timestamptz not null,
  primary key (register, key)
);

alter table import_pathway enable row level security;
alter table import_pathway force row level security;
do $$
begin
  execute format('create policy owner on import_pathway to %I using (true) with check (true)', current_user);
end
$$;
-- the server's own work: no caller asks it
create policy server on import_pathway to ryggrad_app
  using (current_setting('ryggrad.read', true) = 'all')
  with check (current_setting('ryggrad.read', true) = 'all');
