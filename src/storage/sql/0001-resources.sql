-- Current versions, index rows and history of every resource.
-- Rules of this schema (docs/adr/0002): `cmp` (hash of the patient compartment) is in every key and every join, so that
-- a distributed PostgreSQL can spread the tables by it; no triggers, no foreign keys between them, no sequences shared
-- by rows; every search index is a btree on `= < > ^@` so that row-level security keeps it usable.

create table resource (
  cmp int not null,                 -- hash32('Patient/<id>') in a patient compartment, else hash32('<Type>/<id>')
  type smallint not null,           -- fhir/resource-types.ts
  rid bigint not null,              -- row number, handed out in blocks to each process; ties of every sort
  lu timestamptz not null,          -- meta.lastUpdated
  ver int not null,                 -- meta.versionId
  d_lo timestamptz,                 -- the type's main date, as [d_lo, d_hi)
  d_hi timestamptz,
  op char(1) not null,              -- C created, U updated, D deleted: how this version came to be
  ihash bigint,                     -- hash of the index rows: equal on update means they need no rewriting
  natl boolean not null default false,  -- is in the register's national store (consent, inclusion, locked)
  reg text collate "C",             -- register id, null for what belongs to no register
  unit text collate "C",            -- Organization id of the department or sender that owns the row; null = shared
  episode text collate "C",         -- EpisodeOfCare id that the row belongs to
  id text collate "C" not null,
  patient text collate "C",         -- hot, single-valued search values
  org text collate "C",
  canon text collate "C",
  status text collate "C",
  content text,                     -- the resource, byte for byte as served; null = deleted
  primary key (cmp, type, id)
) partition by list (type);

-- types with many rows get a partition of their own; the rest share one
create table resource_patient partition of resource for values in (103);
create table resource_observation partition of resource for values in (96);
create table resource_questionnaire_response partition of resource for values in (113);
create table resource_encounter partition of resource for values in (44);
create table resource_condition partition of resource for values in (28);
create table resource_other partition of resource default;

create index resource_by_rid on resource (rid);                                        -- join from the index tables
create index resource_by_time on resource (type, lu desc, rid desc);                   -- search without criteria, type history
create index resource_by_patient on resource (patient, type, d_lo desc, rid desc) where patient is not null;
create index resource_by_org on resource (org, type, status, lu desc) where org is not null;
create index resource_by_canon on resource (canon, type, d_lo desc) where canon is not null;
create index resource_by_episode on resource (episode) where episode is not null;      -- moving an episode between stores
-- read; made last, because of equally cheap indexes the planner takes the youngest: a prepared statement that was
-- planned while a partition was empty then still uses this one when the partition has grown
create index resource_by_id on resource (type, id);

-- one row per (type, id) ever used: global uniqueness, and the way to the shard
create table resource_id (
  type smallint not null,
  id text collate "C" not null,
  cmp int not null,
  rid bigint not null,
  primary key (type, id)
);

-- token, uri and reference values. h: 'system|code', 'Type/id' or the uri; hv: the code whatever its system
create table idx_token (
  cmp int not null,
  type smallint not null,
  param int not null,               -- hash32 of the parameter's code
  h bigint not null,
  hv bigint,
  d timestamptz,                    -- main date of the resource, for sorting within a code
  rid bigint not null
);
create index idx_token_by_value on idx_token (type, param, h, d desc, rid);            -- system|code, reference
create index idx_token_by_code on idx_token (type, param, hv, d desc, rid) where hv is not null;  -- code of any system
create index idx_token_by_rid on idx_token (rid);                                      -- rewriting, :not

create table idx_date (
  cmp int not null,
  type smallint not null,
  param int not null,
  lo timestamptz not null,
  hi timestamptz not null,
  rid bigint not null
);
create index idx_date_by_value on idx_date (type, param, lo, rid) include (hi);
create index idx_date_by_rid on idx_date (rid);

create table idx_text (
  cmp int not null,
  type smallint not null,
  param int not null,
  val text collate "C" not null,    -- lower case, without diacritics
  exact text collate "C" not null,
  rid bigint not null
);
create index idx_text_by_value on idx_text (type, param, val, rid);
create index idx_text_by_rid on idx_text (rid);

create table idx_number (
  cmp int not null,
  type smallint not null,
  param int not null,
  lo double precision not null,
  hi double precision not null,
  unit bigint,                      -- hash64('system|code') of the (canonical UCUM) unit; null for plain numbers
  rid bigint not null
);
create index idx_number_by_value on idx_number (type, param, unit, lo, rid) include (hi);
create index idx_number_by_rid on idx_number (rid);

-- identifiers that may stand on one resource only (national identity numbers): two senders cannot both create a person
create table identifier_key (
  h bigint not null,                -- hash64('system|value')
  type smallint not null,
  cmp int not null,
  rid bigint not null,
  primary key (h, type)
);
create index identifier_key_by_rid on identifier_key (rid);

-- superseded and deleted versions
create table history (
  cmp int not null,
  type smallint not null,
  id text collate "C" not null,
  ver int not null,
  rid bigint not null,
  lu timestamptz not null,
  op char(1) not null,              -- C created, U updated, D deleted
  content text,                     -- null = this version is a deletion
  primary key (cmp, type, id, ver)
);
create index history_by_id on history (type, id, ver desc);                            -- vread, instance history
create index history_by_time on history (type, lu desc, rid desc);                     -- type history

-- row numbers are taken from here in blocks of 1000 by each process
create sequence rid_block;
