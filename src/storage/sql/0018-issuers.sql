-- Staff who log in at an external issuer, such as HelseID: whose account theirs is.
-- Small tables without resources: no `cmp`, one node, like `account`.

-- a person at an issuer who has logged in here: `(iss, sub)` is the identity (ASVS 10.3.3)
create table account_identity (
  issuer text collate "C" not null,
  subject text collate "C" not null,   -- `sub`
  username text collate "C" not null,
  created timestamptz not null default now(),
  primary key (issuer, subject)
);
create unique index account_identity_by_username on account_identity (issuer, username);  -- one person to an account

-- the person behind an account: the national identity number as a keyed hash, for the first login at an issuer
create table account_person (
  pid_mac text collate "C" primary key, -- HMAC under the key file; never the number
  username text collate "C" not null unique
);
