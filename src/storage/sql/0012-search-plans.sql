-- What searches by date alone begin at: newest first, and what has not ended before a day. A common code asked for since
-- a day begins here, too, when fewer resources are that new than have the code.
create index resource_by_date on resource (type, d_lo desc, rid desc) include (d_hi);
create index resource_by_end on resource (type, d_hi desc) include (d_lo) where d_hi is not null;

-- A value's hash tells its parameter and type; the planner would take the three for independent and expect far too few
-- rows of a common code.
create statistics idx_token_h (dependencies) on type, param, h from idx_token;
create statistics idx_token_hv (dependencies) on type, param, hv from idx_token;
alter table idx_token alter column h set statistics 1000;
alter table idx_token alter column hv set statistics 1000;

-- Made anew because it must be the youngest (see 0001): of indexes that cost the same on an empty table the planner takes
-- the youngest, and a prepared read would keep a plan that walks a type by date.
drop index resource_by_id;
create index resource_by_id on resource (type, id);
