-- compatible with 0001
-- no transaction
-- Read notifications are purged earlier than unread ones, which the purge would read each time otherwise.
create index concurrently if not exists notifications_read_age on notifications (created_at)
  where read_at is not null;
