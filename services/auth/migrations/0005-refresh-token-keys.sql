-- compatible with 0003
-- migrate
-- Authenticates the refresh tokens of the session: a used one is recognized after its row has been deleted.
alter table sessions add column token_key bytea check (length(token_key) = 32);
