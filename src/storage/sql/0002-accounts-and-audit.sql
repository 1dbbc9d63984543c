-- Accounts, sessions, clients, keys, idempotent requests, and the audit trail.
-- These tables hold no resources: they are small or read by time, so they carry no `cmp` and stay on one node.

-- who did what to whose data, append-only: nothing in the program updates or deletes a row
create table audit (
  seq bigint generated always as identity primary key,
  recorded timestamptz not null,
  id text collate "C" not null,        -- AuditEvent.id
  action char(1) not null,             -- C R U D E
  kind text not null,                  -- the interaction: read, search-type, update, login …
  outcome smallint not null,           -- HTTP status of the answer
  agent text collate "C" not null,     -- Principal.subject
  role text,
  unit text collate "C",
  patients text[] collate "C" not null,
  entity_type text,
  entity_id text collate "C",
  request_id text collate "C" not null,
  content text not null                -- the AuditEvent as JSON
);
create index audit_by_time on audit (recorded, seq);
create index audit_by_agent on audit (agent, recorded, seq);
create index audit_by_entity on audit (entity_type, entity_id, recorded, seq) where entity_id is not null;

-- "who has seen my data": one narrow row per event and patient
create table audit_patient (
  patient text collate "C" not null,
  recorded timestamptz not null,
  seq bigint not null,
  primary key (patient, recorded, seq)
);

-- people who log in here (where there is no HelseID)
create table account (
  username text collate "C" primary key,
  password_hash text not null,
  name text not null,
  practitioner_role_ids text[] collate "C" not null,
  disabled boolean not null default false,
  created timestamptz not null default now()
);

-- logged-in browsers; the cookie's value is never stored, only its hash
create table session (
  id_hash text collate "C" primary key,
  kind text not null,
  payload jsonb not null,
  expires_at timestamptz not null
);
create index session_by_expiry on session (expires_at);                        -- clearing out

-- whatever the authorisation server keeps: codes, grants, tokens, interactions
create table oidc (
  model text collate "C" not null,
  id text collate "C" not null,
  payload jsonb not null,
  grant_id text collate "C",
  user_code text collate "C",
  uid text collate "C",
  consumed_at timestamptz,
  expires_at timestamptz,
  primary key (model, id)
);
create index oidc_by_grant on oidc (grant_id) where grant_id is not null;      -- revocation of a grant
create index oidc_by_uid on oidc (uid) where uid is not null;                  -- sessions
create index oidc_by_user_code on oidc (user_code) where user_code is not null;
create index oidc_by_expiry on oidc (expires_at);                              -- clearing out

create table oauth_client (
  client_id text collate "C" primary key,
  kind text not null,
  name text not null,
  jwks jsonb,
  jwks_uri text,
  scopes text[] not null,
  units text[] collate "C" not null,
  registers text[] collate "C" not null,
  created timestamptz not null default now()
);

create table signing_key (
  kid text collate "C" primary key,
  use text not null,
  private_jwk jsonb not null,
  created timestamptz not null default now()
);

-- answers to requests with an Idempotency-Key, stored in the transaction of the request (IR-02)
create table idempotency (
  principal text collate "C" not null,
  key text collate "C" not null,
  body_hash text not null,
  status smallint,
  response text,
  created timestamptz not null default now(),
  primary key (principal, key)
);
create index idempotency_by_age on idempotency (created);                      -- clearing out
