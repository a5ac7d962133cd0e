-- compatible with 0007
-- no transaction
-- The administrators' list: searched, ordered by name, and with each user's last sign-in.
create index concurrently if not exists users_text on users using gin (user_text(name, email) gin_trgm_ops);
create index concurrently if not exists users_by_name on users (fold_case(name), id);
create index concurrently if not exists sessions_of_user on sessions (user_id, started_at desc);
