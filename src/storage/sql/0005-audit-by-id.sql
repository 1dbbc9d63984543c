-- An event is read by its id: GET AuditEvent/[id].
create index audit_by_id on audit (id);
