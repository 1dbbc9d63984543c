-- Apps that people use here (SMART App Launch), what they were given, and the tokens that are out.
-- Small tables that are read by key, like those of 0002: no resources, no `cmp`, one node.

alter table oauth_client
  add column redirect_uris text[] not null default '{}',      -- exact addresses of an app (kind = 'app')
  add column is_public boolean not null default false,        -- in a browser or on a phone: it keeps no key
  add column requires_dpop boolean not null default false,    -- its tokens are bound to a key (RFC 9449)
  add column requires_par boolean not null default false;     -- it pushes its authorisation requests (RFC 9126)

-- what a person has given an app: one row per consent, gone when it is withdrawn
create table app_grant (
  id text collate "C" primary key,                            -- Grant of the authorisation server
  account text collate "C" not null,
  client_id text collate "C" not null,
  practitioner_role text collate "C" not null,                -- PractitionerRole that the person acted in
  patient text collate "C",                                   -- Patient that was chosen with it
  scopes text[] not null,
  created timestamptz not null default now(),
  last_used timestamptz not null default now(),
  expires_at timestamptz not null
);
create index app_grant_by_account on app_grant (account, created);
create index app_grant_by_client on app_grant (client_id);
create index app_grant_by_expiry on app_grant (expires_at);    -- clearing out

-- one row per access token that was issued: for revocation, introspection, and ending all of a person's or client's
create table issued_token (
  jti text collate "C" primary key,
  client_id text collate "C" not null,
  account text collate "C",                                   -- null: the client acts for itself
  grant_id text collate "C",
  scope text not null,
  answer jsonb not null default '{}',                         -- launch context that came with it
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index issued_token_by_grant on issued_token (grant_id) where grant_id is not null;
create index issued_token_by_account on issued_token (account) where account is not null;
create index issued_token_by_client on issued_token (client_id);
create index issued_token_by_expiry on issued_token (expires_at);                            -- clearing out
create index issued_token_denied on issued_token (expires_at) where revoked_at is not null;  -- the deny-list

-- DPoP proofs that resource servers have seen, until they are too old to be accepted anyway
create table used_proof (
  key text collate "C" primary key,
  expires_at timestamptz not null
);
create index used_proof_by_expiry on used_proof (expires_at);  -- clearing out
