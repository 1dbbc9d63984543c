-- When a row last moved into or out of its register's national store. Moving makes no version, so `lu` does not tell it;
-- an export of what is new since the one before must know.
alter table resource add column moved timestamptz;
