-- migrate
-- Whether the user's browsers may measure. A version of the program that does not know it yet may add rows
-- meanwhile.
alter table preferences
  add column analytics text collate "C" not null default 'unset'
    check (analytics in ('granted', 'denied', 'unset'));
