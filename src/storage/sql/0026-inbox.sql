-- What systems have sent (docs/adr/0030): a row for each message, with what became of it. That of a message that was taken is
-- written in the transaction that took it, so that the two are never apart; a refused one is kept with what was sent, under the
-- key file, until it is carried out again or its time is up. A message is of many persons, or of none: it has no distribution key.
create table inbox (
  id uuid primary key,
  source text collate "C" not null,          -- `client:<id>`
  unit text collate "C",                     -- Organization id that the source speaks for
  door text collate "C" not null,            -- fhir, message, bulk, pull, hl7v2 or csv
  message text collate "C",                  -- the sender's own id of it
  hash bytea not null,                       -- SHA-256 of what was sent
  received_at timestamptz not null,
  sent_at timestamptz,                       -- as the sender says
  outcome text collate "C" not null check (outcome in ('stored', 'unchanged', 'refused', 'replayed', 'dismissed')),
  times int not null default 1,              -- how often it has come
  last_at timestamptz not null,
  resources int not null default 0,          -- versions that came of it
  late int not null default 0,               -- resources of it that were newer here
  binary_id text collate "C",                -- Binary with what was sent, of what was taken
  status smallint,                           -- of the refusal
  issues jsonb,                              -- of the refusal; issues never hold an answer or a national number
  sealed text,                               -- what was sent, of what was refused
  settled_by text,                           -- who replayed or dismissed it
  settled_at timestamptz
);
create index inbox_source on inbox (source, received_at desc);
create index inbox_open on inbox (source, hash) where outcome = 'refused';
create index inbox_message on inbox (source, message) where message is not null;

-- When the sender's version of a resource is from: an older one that comes later does not overwrite it (IR-05). As resource_id,
-- it is asked before it is known where the resource lies.
create table source_version (
  type smallint not null,
  id text collate "C" not null,
  at timestamptz not null,
  primary key (type, id)
);

do $$
declare
  name text;
begin
  foreach name in array array['inbox', 'source_version'] loop
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
