-- compatible with 0003
-- migrate
-- A hash of the request that does not depend on the order of its fields. Processes of the version before
-- compare `body_hash`, which both versions write.
alter table idempotency_keys add column fingerprint text;
