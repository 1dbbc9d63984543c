-- What has changed, for those who tell others about it (docs/adr/0008). Rows live from the commit until every consumer has
-- passed them: a short table on one node, read in order of `seq` within windows of transactions that have all ended.
create table outbox (
  seq bigint generated always as identity primary key,
  xid xid8 not null default pg_current_xact_id(),  -- transaction that wrote it
  type smallint not null,
  id text collate "C" not null,
  ver int not null,                  -- the one before it is in history
  op char(1) not null,               -- C U D, or M: moved into or out of the national store
  reg text collate "C",
  unit text collate "C",
  natl boolean not null,
  patient text collate "C",
  episode text collate "C",
  at timestamptz not null
);
create index outbox_by_transaction on outbox (xid);                            -- a consumer's window

-- types that somebody wants events of; asked by the statements that write, so that what nobody watches costs nothing
create table outbox_watch (
  type smallint not null,
  consumer text not null,
  key text collate "C" not null,     -- what of the consumer's wants it: a Subscription's id
  primary key (type, consumer, key)
);

-- how far a consumer is: events of transactions before `lo` are done; of those in [lo, hi), events up to `seq`
create table outbox_cursor (
  consumer text primary key,
  lo xid8 not null,
  hi xid8 not null,
  seq bigint not null
);

-- what is known of a Subscription beside the resource: whose it is, its secrets, and how sending goes
create table subscription_state (
  id text collate "C" primary key,
  subject text not null,             -- Principal.subject of the subscriber
  scopes text[] not null,            -- of the token it was asked for with
  secret text,                       -- key of the signatures; never read over the API
  headers jsonb not null,            -- values of channel.header
  status text not null,              -- requested, active, error, off
  error text,
  last_number bigint not null default 0,
  failures int not null default 0,   -- attempts in a row
  failing_since timestamptz,
  next_attempt timestamptz,          -- not before; null = at once
  last_sent timestamptz,             -- for heartbeats
  lease timestamptz                  -- somebody is sending until then
);

-- events that a Subscription is to be told of, and has been
create table subscription_event (
  subscription text collate "C" not null,
  seq bigint not null,               -- of the outbox: an event is taken up once
  number bigint,                     -- given when it is first sent
  type smallint not null,
  id text collate "C" not null,
  ver int not null,
  op char(1) not null,
  at timestamptz not null,
  state text not null,               -- pending, sent, dead, withheld
  settled timestamptz,
  primary key (subscription, seq)
);
create index subscription_event_pending on subscription_event (subscription, seq) where state = 'pending';
create index subscription_event_by_number on subscription_event (subscription, number) where number is not null;
create index subscription_event_by_age on subscription_event (settled) where settled is not null;  -- clearing out
