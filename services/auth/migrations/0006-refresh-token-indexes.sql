-- compatible with 0003
-- no transaction
-- A session has at most two rows: the unused token, and the one before it, which may be repeated.
create index concurrently if not exists refresh_tokens_repeatable on refresh_tokens (session_id)
  where successor_seed is not null;
-- Used tokens that older versions have left; the job `purge-used-refresh-tokens` deletes them.
create index concurrently if not exists refresh_tokens_used on refresh_tokens (used_at)
  where used_at is not null and successor_seed is null;
