-- check before
-- A row is either remembered, waiting, or dead. One that were several would be moved to the wrong place.
select id from inbox where num_nonnulls(handled_at, next_attempt_at, dead_at) <> 1;

-- migrate
-- What was told to this room and is not handled yet, where there is no RabbitMQ to keep it.
create table fact_queue (
  id text primary key,
  seq bigint generated always as identity,
  fact text not null,
  version int not null,
  payload text not null,
  request_id text,
  occurred_at timestamptz not null,
  attempts int not null default 0,
  -- Null for a dead letter.
  next_attempt_at timestamptz,
  first_failed_at timestamptz,
  last_failed_at timestamptz,
  dead_at timestamptz,
  cause text,
  check ((next_attempt_at is null) = (dead_at is not null))
);
create index fact_queue_waiting on fact_queue (next_attempt_at, seq) where next_attempt_at is not null;
create index fact_queue_dead on fact_queue (dead_at) where dead_at is not null;

insert into fact_queue
  (id, fact, version, payload, request_id, occurred_at, attempts, next_attempt_at, last_failed_at, dead_at,
   cause)
select id, fact, version, payload, request_id, occurred_at, attempts, next_attempt_at, dead_at, dead_at,
  last_error
from inbox where handled_at is null order by seq;
delete from inbox where handled_at is null;

-- What is left is the memory that makes a fact's effect happen once.
drop index inbox_waiting;
alter table inbox
  drop column seq, drop column version, drop column payload, drop column request_id, drop column occurred_at,
  drop column attempts, drop column next_attempt_at, drop column dead_at, drop column last_error,
  alter column handled_at set not null;

-- The newest version that was handled of each thing, for listeners that want no older one.
create table latest_versions (
  fact text not null,
  key text not null,
  version bigint not null,
  primary key (fact, key)
);

-- check after
select id from fact_queue where id in (select id from inbox);
