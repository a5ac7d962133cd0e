-- compatible with 0001
-- migrate
-- The other party of a payment, whose name the content holds: it is replaced when that account is closed.
-- Empty in notifications of versions before, which are purged in time.
alter table notifications add column party_id text collate "C";
