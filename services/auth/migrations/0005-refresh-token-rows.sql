-- migrate
-- Authenticates the refresh tokens of the session: a used one is recognized after its row has been deleted.
alter table sessions add column token_key bytea check (length(token_key) = 32);

-- A session has at most two rows: the unused token, and the one before it, which may be repeated.
create index refresh_tokens_repeatable on refresh_tokens (session_id) where successor_seed is not null;
-- Used tokens that older versions have left; the job `purge-used-refresh-tokens` deletes them.
create index refresh_tokens_used on refresh_tokens (used_at)
  where used_at is not null and successor_seed is null;
