-- What the index rows of each type were made from, so that a start with other definitions knows what is stale, and how
-- far making them anew is. One small table per database; it holds no resources.
create table index_state (
  type smallint primary key,
  params json not null,              -- code → checksum of the definition that the rows were made from
  target json,                       -- the same for the definitions that rows are being made from; null = nothing to do
  after bigint not null default 0,   -- rows up to this number are done
  done bigint not null default 0,
  total bigint not null default 0,
  changed timestamptz not null
);

-- With the default, a table of ten million rows waits for two million changes.
alter table idx_token set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
alter table idx_date set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
alter table idx_text set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
alter table idx_number set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05);
alter table resource_patient set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table resource_observation set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table resource_questionnaire_response set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table resource_encounter set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table resource_condition set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
alter table resource_other set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
