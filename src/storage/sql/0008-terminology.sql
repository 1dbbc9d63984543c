-- Whole code systems that the operator has loaded (ICD-10, NCSP, ATC, SNOMED CT, LOINC, municipalities …).
-- Reference tables: no patients, no row-level security, the same on every node. Each loaded version of a system has a
-- partition of its own, filled and indexed before it is attached, so that a load disturbs no reader and a removal is a
-- `drop table`.

create table term_system (
  sid int generated always as identity primary key,
  url text collate "C" not null,         -- Coding.system
  version text collate "C" not null,     -- business version, mostly a date: 2026-01-01
  place text collate "C" not null,       -- the version with its numbers padded: the greatest is the newest
  dated date,                            -- the day from which this version is the current one; null = at once
  title text not null,
  kind text not null,                    -- the file format it came from
  checksum text not null,                -- of the files: the same files are not loaded twice
  loaded timestamptz not null,
  count int not null,
  ready boolean not null default false,  -- false while its rows are being written
  meta jsonb not null default '{}'       -- language, properties, value set of the whole system
);
create unique index term_system_by_version on term_system (url, version) where ready;  -- which versions there are

create table term_concept (
  sid int not null,
  cid int not null,                      -- place in the system's own order
  code text collate "C" not null,
  folded text collate "C" not null,      -- the code in lower case without dots, spaces and dashes: M51.1 → m511
  term text collate "C" not null,        -- the display's words, folded as in `keys`; ranks "term starts with"
  display text not null,
  active boolean not null,
  starts date,                           -- valid from
  ends date,                             -- valid to, the last day
  keys tsvector not null,                -- what it is found by, see terminology/keys.ts; one index answers all of it at once
  detail text,                           -- JSON: designations, definition, properties, parents; null = none
  primary key (sid, cid)
) partition by list (sid);
create unique index term_concept_by_code on term_concept (sid, code);                  -- look-up, validation
create index term_concept_by_folded on term_concept (sid, folded);                     -- code typed without its dot, code prefix
create index term_concept_by_term on term_concept (sid, term);                         -- display starts with what was typed
create index term_concept_by_key on term_concept using gin (keys) with (fastupdate = off);  -- words, is-a, properties together
