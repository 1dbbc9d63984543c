-- Accounts as people have them: applied for, decided, with a second factor; and the messages that go to them.
-- These tables are small and hold no resources: they carry no `cmp` and stay on one node, like `account` and `session`.

alter table account
  add column mobile text,
  add column email text,
  add column email_verified timestamptz,
  add column position text,
  add column practitioner text collate "C",           -- Practitioner id, for the roles that are given later
  add column must_change_password boolean not null default false,
  add column first_password_until timestamptz;        -- a password that was sent is worthless after this

-- a person's wish for a role in a department; kept when decided, as the answer to "who let this person in?"
create table account_application (
  id text collate "C" primary key,
  created timestamptz not null,
  account text collate "C",            -- the account it came from; null: somebody new
  username text collate "C" not null,  -- as wished for; the account's when there is one
  given text not null,
  family text not null,
  mobile text not null,
  email text not null,
  position text not null,
  employer text collate "C",           -- Organization id; null where the applicant found no fitting one
  employer_text text,                  -- then it is in words
  unit text collate "C",               -- the department that the role is wanted in
  register text collate "C" not null,
  role text not null,                  -- LU, LC or SC
  status text not null default 'new',  -- new, approved, refused
  decided timestamptz,
  decided_by text collate "C",
  reason text,
  granted text collate "C"             -- PractitionerRole id that came of it
);
create index account_application_by_status on account_application (status, register, created);  -- the list of those to decide

-- what a person can show beside the password
create table account_factor (
  id text collate "C" primary key,     -- passkey: the credential's id
  username text collate "C" not null,
  kind text not null,                  -- totp, passkey
  label text not null,
  created timestamptz not null,
  last_used timestamptz,
  secret text,                         -- totp: sealed with the key file
  last_step bigint,                    -- totp: the newest time step that was used; it and all before it are spent
  public_key bytea,                    -- passkey
  counter bigint,                      -- passkey: signatures so far, as the authenticator counts
  transports text[]
);
create index account_factor_by_username on account_factor (username);                           -- login

-- codes for the day when the factor is lost: as hashes, one use each
create table account_recovery_code (
  username text collate "C" not null,
  code_hash text collate "C" not null,
  used timestamptz,
  primary key (username, code_hash)
);

-- six digits that were sent to somebody: one per purpose and person at a time
create table one_time_code (
  key text collate "C" primary key,    -- purpose and whose: `login:<hash of the pending login>`, `email:<username>`
  code_mac text not null,              -- under the key file: six digits are guessed from any plain hash
  target text,                         -- the address that the code proves
  tries smallint not null default 0,
  expires_at timestamptz not null
);
create index one_time_code_by_expiry on one_time_code (expires_at);                              -- clearing out

-- attempts within a window, shared by all servers on this database
create table login_attempt (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
create index login_attempt_by_expiry on login_attempt (expire);                                 -- clearing out

create index session_by_account on session ((payload ->> 'account'));                           -- one's own sessions; ending them

-- a text message or an e-mail: written in the transaction of what it tells of, sent by a job afterwards (OB-01)
create table message (
  id text collate "C" primary key,     -- also the key that lets the receiver see a second sending (OB-02)
  channel text not null,               -- sms, email
  purpose text not null,
  about text collate "C",              -- whom it is about: user:…, application:…
  register text collate "C",           -- that it belongs to; null: about an account alone
  sealed text,                         -- receiver and text under the key file; null once sent, except in demo mode
  created timestamptz not null,
  expires_at timestamptz,              -- not sent after this: a code that is no longer good
  sent timestamptz,
  failed timestamptz,                  -- given up
  problem text,                        -- what the last attempt met; never an address or the text
  again text collate "C"               -- the message that it was sent again as
);
create index message_by_created on message (created);                                           -- the demo's inbox; clearing out
create index message_by_about on message (about) where about is not null and sent is null;        -- taken back before it leaves
create index message_failed on message (failed) where failed is not null;                       -- what was given up
