-- migrate
-- A version of the program that does not know them yet may add rows meanwhile.
alter table preferences
  add column time_zone text collate "C" not null default 'system'
    check (time_zone ~ '^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$' and length(time_zone) <= 64),
  add column currency text collate "C" check (currency ~ '^[A-Z]{3}$');
