-- compatible with 0003
-- no transaction
-- The purge finds the sessions that ended or expired longest ago.
create index concurrently if not exists sessions_over on sessions (coalesce(ended_at, expires_at));
