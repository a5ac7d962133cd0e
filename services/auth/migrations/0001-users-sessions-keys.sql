-- migrate
create table users (
  id text primary key,
  email text not null,
  name text not null,
  role text not null check (role in ('CUSTOMER', 'VENDOR', 'ADMIN')),
  status text not null default 'active' check (status in ('active', 'suspended', 'deleted')),
  password_hash text not null,
  version integer not null default 1 check (version > 0),
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index users_email on users (lower(email));

create table sessions (
  id text primary key,
  user_id text not null references users (id),
  started_at timestamptz not null,
  ended_at timestamptz,
  end_reason text check (end_reason in ('signed_out', 'password_changed', 'refresh_reused')),
  check ((ended_at is null) = (end_reason is null))
);
create index sessions_live_of_user on sessions (user_id) where ended_at is null;
create index sessions_ended_at on sessions (ended_at) where ended_at is not null;

-- A session's tokens are one family: each is used once and followed by the next.
create table refresh_tokens (
  hash bytea primary key check (length(hash) = 32),
  session_id text not null references sessions (id),
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  -- Stands while the token's successor is unused; with the token itself it gives that successor again.
  successor_seed bytea,
  check (successor_seed is null or used_at is not null)
);
create index refresh_tokens_session on refresh_tokens (session_id);

create table signing_keys (
  id text primary key,
  public_jwk jsonb not null,
  private_jwk jsonb not null,
  created_at timestamptz not null
);
