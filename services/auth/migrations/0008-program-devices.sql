-- compatible with 0007
-- migrate
-- Programs have device tokens too. They are counted by themselves: a program that keeps no token gets another
-- one at each sign-in, and must not displace the browsers of its user.
alter table known_devices
  add column kind text not null default 'browser' check (kind in ('browser', 'program'));
