-- migrate
-- The people that messages go to, as auth last told us.
create table people (
  id text collate "C" primary key,
  name text not null,
  role text not null,
  status text not null,
  version int not null
);
create index people_admins on people (id) where role = 'ADMIN' and status = 'active';

-- What people want to be notified of; who is not here has chosen nothing.
create table notification_preferences (
  user_id text collate "C" primary key,
  payments_received boolean not null,
  payments_sent boolean not null,
  sign_ins boolean not null
);

-- Each user has a stream of messages. Whoever adds to it holds its row until the commit, so that numbers
-- become visible in their order and none is left out.
create table streams (
  user_id text collate "C" primary key,
  last_seq bigint not null
) with (fillfactor = 70);

create table messages (
  user_id text collate "C" not null,
  seq bigint not null,
  name text not null,
  payload text not null,
  at timestamptz not null,
  primary key (user_id, seq)
);
create index messages_at on messages (at);

create table notifications (
  -- UUIDv7 behind a prefix: the order of ids is the order of creation.
  id text collate "C" primary key,
  user_id text collate "C" not null,
  content json not null,
  created_at timestamptz not null,
  read_at timestamptz
);
create index notifications_of on notifications (user_id, id);
create index notifications_unread on notifications (user_id, id) where read_at is null;
create index notifications_old on notifications (created_at);

-- Tickets that nobody has used yet, by their hash.
create table tickets (
  hash text collate "C" primary key,
  user_id text collate "C" not null,
  session_id text collate "C" not null,
  role text not null,
  expires_at timestamptz not null
);
create index tickets_user on tickets (user_id);
create index tickets_expiry on tickets (expires_at);
