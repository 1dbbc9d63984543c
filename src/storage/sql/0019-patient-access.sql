-- Patients who answer a form of their own without an account: by a code from the ward, or by a link and a code by SMS.
-- A small table without resources: no `cmp`, one node, like `account`.

-- one way in to one form of one person; kept when used, as the answer to "who let them in, and when?"
create table patient_access (
  id text collate "C" primary key,
  kind text not null,                          -- code: handed over at the ward; link: sent to the person
  secret_hash text collate "C" not null unique, -- code: argon2id under the key file; link: SHA-256 of 256 random bits
  task text collate "C" not null,
  patient text collate "C" not null,
  episode text collate "C" not null,
  questionnaire text collate "C" not null,     -- canonical with its version
  register text collate "C" not null,
  unit text collate "C" not null,
  created timestamptz not null,
  created_by text collate "C" not null,        -- Principal.subject
  expires_at timestamptz not null,
  tries smallint not null default 0,           -- code: how often it was brought, with a right or wrong birth date
  used_at timestamptz,                         -- code: spent
  revoked_at timestamptz
);
create index patient_access_by_task on patient_access (task);  -- a new code takes the place of the earlier ones
