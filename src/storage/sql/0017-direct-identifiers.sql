-- National identity numbers and other direct identifiers, apart from the resources and encrypted (docs/adr/0016).
-- Contents, index rows and unique keys have a reference in place of the value; only this table leads from one to the other,
-- and only with keys that are not in the database.

-- one row per value: what stands for it, how it is found, and what it is
create table direct_identifier (
  ref text collate "C" primary key,  -- 128 random bits: tells nothing, and is never made anew, also when keys are
  lookup bytea not null unique,      -- HMAC-SHA-256 of the value
  key_version int not null,          -- of both lookup and cipher
  cipher bytea not null              -- nonce, AES-256-GCM of the value, tag; bound to this row and key version
);
create index direct_identifier_by_key on direct_identifier (key_version, ref);   -- what a rotation has not come to

-- the key versions that the rows may have; the keys themselves are kept elsewhere
create table identifier_key_version (
  version int primary key,
  proof bytea not null,              -- HMAC of a known text: a wrong key is found out at start
  state text not null,               -- active (one), retiring (rows have it still), retired
  since timestamptz not null default now()
);
-- also when two servers make the first key at the same moment
create unique index on identifier_key_version (state) where state = 'active';

-- how far the work is of taking identifiers out of versions that were stored before this table was there
create table identifier_migration (
  part text primary key,             -- resource, history
  after jsonb not null,              -- key of the last row that is done
  done bigint not null,
  finished boolean not null
);
