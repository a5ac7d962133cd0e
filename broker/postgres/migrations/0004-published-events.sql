-- compatible with 0003
-- Published events, in the order of their publication. They are kept for some days, so that a service that is
-- added or rebuilt later can be sent those of the past.
create table published_events (
  seq bigint generated always as identity primary key,
  id text not null,
  event text not null,
  version int not null,
  payload text not null,
  request_id text,
  occurred_at timestamptz not null,
  published_at timestamptz not null
);

-- The position of each replay that has not ended, by the service that receives it.
create table replays (
  service text primary key,
  -- What was asked for; another request starts at the beginning.
  request text not null,
  position bigint not null,
  updated_at timestamptz not null
);
