-- Bulk exports: one row per kick-off, until its files expire. The files lie beside the database, not in it.
create table export_job (
  id text collate "C" primary key,
  subject text not null,             -- principal that asked; only it may see the job
  principal jsonb not null,          -- its rights when it asked, re-checked against nothing wider
  request_url text not null,
  types text[] not null,             -- empty = all types with rows
  since timestamptz,
  until timestamptz,
  status text not null,              -- accepted, running, done, failed
  progress text not null default '',
  transaction_time timestamptz,
  manifest jsonb,
  requested timestamptz not null,
  expires timestamptz not null
);
create index export_job_by_subject on export_job (subject, requested desc);

-- What content is loaded: unchanged content is not written again at start.
create table content_state (
  name text primary key,
  checksum text not null,
  loaded timestamptz not null
);
