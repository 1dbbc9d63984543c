-- What a bulk export was asked for beside types and times (level, filters, elements, persons, what was ignored), and when
-- its status was last asked for: who polls too fast is told to wait.
alter table export_job add column settings jsonb not null default '{}';
alter table export_job add column polled timestamptz;

-- Rows that moved between the stores: few of them since any moment, and every export and hand-out of files asks for them.
create index resource_by_moved on resource (moved) where moved is not null;
