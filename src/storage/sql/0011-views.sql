-- Views (SQL on FHIR): functions that compiled views call, and the tables that views are kept in.
-- https://sql-on-fhir.org/ig/StructureDefinition-ViewDefinition.html

-- key of the resource that a relative reference names; null for others, and when it is of another type than `wanted`
create function view_reference_key(reference text, wanted text) returns text
language sql immutable parallel safe
return case
  when wanted is null then case when reference ~ '^[A-Z][A-Za-z]+/' then split_part(reference, '/', 2) end
  when starts_with(reference, wanted || '/') then split_part(reference, '/', 2)
end;

-- -1, 0, 1; null when the precisions differ and the shorter says nothing more (https://hl7.org/fhirpath/N1/#datetime-equality)
create function view_compare_time(a text, b text) returns int
language plpgsql immutable strict parallel safe as $$
declare
  n int := least(length(a), length(b));
begin
  if strpos(a, 'T') > 0 and strpos(b, 'T') > 0 then
    return case when a::timestamptz < b::timestamptz then -1 when a::timestamptz > b::timestamptz then 1 else 0 end;
  end if;
  if left(a, n) <> left(b, n) then
    return case when left(a, n) collate "C" < left(b, n) then -1 else 1 end;
  end if;
  return case when length(a) = length(b) then 0 end;
end $$;

create function view_to_integer(value text) returns numeric
language sql immutable strict parallel safe
return case when value ~ '^[+-]?\d{1,9}$' then value::numeric end;

create function view_to_decimal(value text) returns numeric
language sql immutable strict parallel safe
return case when value ~ '^[+-]?\d{1,30}(\.\d{1,30})?$' then value::numeric end;

-- a whole day; a year or a month is none
create function view_to_date(value text) returns date
language sql immutable strict parallel safe
return case when value ~ '^\d{4}-\d\d-\d\d' then left(value, 10)::date end;

create function view_to_instant(value text) returns timestamptz
language sql immutable strict parallel safe
return case when value ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$' then value::timestamptz end;

-- boundaries: what the value may be at least and at most, given the digits that it has
create function view_low_number(value numeric) returns numeric
language sql immutable strict parallel safe
return trim_scale(value - 0.5 * power(10::numeric, - scale(value)));

create function view_high_number(value numeric) returns numeric
language sql immutable strict parallel safe
return trim_scale(value + 0.5 * power(10::numeric, - scale(value)));

create function view_low_date(value text) returns text
language sql immutable strict parallel safe
return left(value || substr('0000-01-01', length(value) + 1), 10);

create function view_high_date(value text) returns text
language sql immutable strict parallel safe
return case length(value)
  when 4 then value || '-12-31'
  when 7 then (((value || '-01')::date + interval '1 month - 1 day')::date)::text
  else left(value, 10)
end;

create function view_low_time(value text) returns text
language sql immutable strict parallel safe
return value || substr('00:00:00.000', length(value) + 1);

create function view_high_time(value text) returns text
language sql immutable strict parallel safe
return value || substr('23:59:59.999', length(value) + 1);

-- a day begins first at +14:00 and ends last at -12:00
create function view_low_datetime(value text) returns text
language sql immutable strict parallel safe
return case
  when strpos(value, 'T') = 0 then view_low_date(value) || 'T00:00:00.000+14:00'
  else left(value, 11) || view_low_time((regexp_match(value, 'T([0-9:.]+)'))[1])
    || coalesce((regexp_match(value, '(Z|[+-]\d\d:\d\d)$'))[1], '+14:00')
end;

create function view_high_datetime(value text) returns text
language sql immutable strict parallel safe
return case
  when strpos(value, 'T') = 0 then view_high_date(value) || 'T23:59:59.999-12:00'
  else left(value, 11) || view_high_time((regexp_match(value, 'T([0-9:.]+)'))[1])
    || coalesce((regexp_match(value, '(Z|[+-]\d\d:\d\d)$'))[1], '-12:00')
end;

-- Tables of views, for R and Power BI: plain SQL, one table per view and version, made and refreshed by the server.
create schema views;

-- what is kept in `views`: small, on one node, read by name
create table view_table (
  name text collate "C" not null primary key,   -- of the table, in the schema `views`
  canonical text collate "C" not null,          -- url|version of the ViewDefinition
  type smallint not null,                       -- resource type that it is of
  register text collate "C" not null,           -- register whose rows it holds
  checksum text not null,                       -- of the definition and of how it is compiled: another one is built anew
  definition text not null,                     -- the ViewDefinition
  watermark timestamptz not null,               -- everything stored before this is in the table
  refreshed timestamptz not null
);
create index view_table_by_type on view_table (type);   -- which tables does a change touch?
