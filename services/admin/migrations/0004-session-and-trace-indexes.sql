-- compatible with 0001
-- no transaction
create index concurrently if not exists entries_session on entries (session_id, id)
  where session_id is not null;
create index concurrently if not exists entries_trace on entries (trace_id, id) where trace_id is not null;
