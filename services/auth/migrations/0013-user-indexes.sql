-- compatible with 0007
-- no transaction
-- The texts of users of before, in batches, so that no sign-in waits long for its row.
do $$
begin
  loop
    update users set search_text = user_text(name, email)
    where id in (select id from users where search_text is null limit 500);
    exit when not found;
    commit;
  end loop;
end $$;
-- The administrators' list: searched, ordered by name, and with each user's last sign-in.
create index concurrently if not exists users_text on users using gin (search_text gin_trgm_ops);
create index concurrently if not exists users_by_name on users (fold_case(name), id);
create index concurrently if not exists sessions_of_user on sessions (user_id, started_at desc);
