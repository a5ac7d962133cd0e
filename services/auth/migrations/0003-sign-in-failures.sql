-- migrate
-- Attempts to sign in that failed, or are under way and count as failed until they have succeeded.
create table sign_in_failures (
  id text primary key,
  kind text not null check (kind in ('account', 'address', 'device')),
  -- An e-mail address (of an account or not), a network address, or the hash of a device's token.
  subject text not null,
  failures integer not null check (failures >= 0),
  last_failure_at timestamptz not null,
  locked_until timestamptz,
  constraint sign_in_failures_scope unique (kind, subject)
);
create index sign_in_failures_locked on sign_in_failures (locked_until desc, id desc)
  where locked_until is not null and kind <> 'device';
create index sign_in_failures_last on sign_in_failures (last_failure_at);
