-- migrate
-- Sessions say where somebody is signed in. The defaults let processes of the version before write sessions
-- while the new ones come up.
alter table sessions
  add column device text not null default 'Unknown device',
  add column kind text not null default 'program' check (kind in ('desktop', 'phone', 'tablet', 'program')),
  add column address text,
  add column method text not null default 'password' check (method in ('password', 'registration')),
  add column last_seen_at timestamptz not null default date_trunc('milliseconds', now()),
  add column expires_at timestamptz not null default date_trunc('milliseconds', now() + interval '30 days');

update sessions s set
  last_seen_at = coalesce(t.issued_at, s.started_at),
  expires_at = coalesce(t.expires_at, s.started_at + interval '30 days')
from sessions old
left join (
  select session_id, max(issued_at) as issued_at, max(expires_at) as expires_at
  from refresh_tokens group by session_id
) t on t.session_id = old.id
where s.id = old.id;

alter table sessions drop constraint sessions_end_reason_check;
alter table sessions add constraint sessions_end_reason_check
  check (end_reason in ('signed_out', 'revoked', 'password_changed', 'refresh_reused', 'suspended'));

create index sessions_live_by_last_seen on sessions (user_id, last_seen_at desc, id desc)
  where ended_at is null;
drop index sessions_live_of_user;

-- A token of an older version than this no longer says what its user may do.
alter table users
  add column access_version integer not null default 1 check (access_version > 0),
  add column access_changed_at timestamptz;
create index users_access_changed on users (access_changed_at) where access_changed_at is not null;
create index users_active_admins on users (id) where role = 'ADMIN' and status = 'active';

-- Browsers that have signed in to an account before; the browser holds the token, this its hash.
create table known_devices (
  hash bytea primary key check (length(hash) = 32),
  user_id text not null references users (id),
  created_at timestamptz not null,
  last_used_at timestamptz not null
);
create index known_devices_of_user on known_devices (user_id, last_used_at desc);
create index known_devices_last_used on known_devices (last_used_at);

-- check after
select id from sessions where last_seen_at < started_at or expires_at <= last_seen_at;
