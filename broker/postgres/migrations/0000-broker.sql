-- Facts that were written with their change and are not handed on yet.
create table outbox (
  seq bigint generated always as identity primary key,
  id text not null,
  fact text not null,
  version int not null,
  payload text not null,
  request_id text,
  occurred_at timestamptz not null
);

-- Facts that this room has heard: a queue until they are handled, then the memory that makes their effect
-- happen once.
create table inbox (
  id text primary key,
  seq bigint generated always as identity,
  fact text not null,
  version int not null,
  payload text not null,
  request_id text,
  occurred_at timestamptz not null,
  attempts int not null default 0,
  next_attempt_at timestamptz,
  handled_at timestamptz,
  dead_at timestamptz,
  last_error text
);
create index inbox_waiting on inbox (next_attempt_at, seq) where next_attempt_at is not null;
create index inbox_handled on inbox (handled_at) where handled_at is not null;
