-- compatible with 0003
-- migrate
-- An attempt within a session, for example at a change of the password, counts for that session.
alter table sign_in_failures drop constraint sign_in_failures_kind_check;
alter table sign_in_failures add constraint sign_in_failures_kind_check
  check (kind in ('account', 'address', 'device', 'session'));

drop index sign_in_failures_locked;
create index sign_in_failures_locked on sign_in_failures (locked_until desc, id desc)
  where locked_until is not null and kind in ('account', 'address');

-- Failures decay with time, so that their number has a fraction.
alter table sign_in_failures alter column failures type double precision;
