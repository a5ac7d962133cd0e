-- compatible with 0007
-- migrate
-- The administrator who could use the user's account last, by a one-time link or another e-mail address: the
-- user cannot approve the requests of this administrator for some days.
alter table users
  add column access_given_by text references users (id),
  add column access_given_at timestamptz;

-- Acts that wait for another administrator, and what became of them.
create table approvals (
  id text primary key,
  act text not null check (act in ('inviteUser', 'setRole')),
  user_id text references users (id),
  email text not null,
  name text not null,
  role text not null,
  requested_by text not null references users (id),
  reason text not null,
  requested_at timestamptz not null,
  expires_at timestamptz not null,
  decided_by text references users (id),
  decided_at timestamptz,
  is_approved boolean,
  check (num_nulls(decided_by, decided_at, is_approved) in (0, 3))
);
create unique index approvals_open on approvals (act, lower(email), role) where decided_at is null;
create index approvals_of_user on approvals (user_id);
create index approvals_of_email on approvals (lower(email));
create index approvals_age on approvals (requested_at);
