-- migrate
-- The ids of all messages that passed, either way: none passes twice, and none comes back.
create table passed_messages (
  id text collate "C" primary key,
  seq bigint generated always as identity,
  passed_at timestamptz not null
);
create index passed_messages_age on passed_messages (passed_at);

-- Our events that POC-2 has not been sent yet.
create table to_poc2 (
  seq bigint generated always as identity primary key,
  id text collate "C" not null,
  kind text not null,
  entity text collate "C" not null,
  -- The place among the messages about the entity; null where there is no order.
  version int,
  messages jsonb not null,
  arrived_at timestamptz not null,
  -- Later while the message before it has not arrived.
  due_at timestamptz not null
);
create index to_poc2_due on to_poc2 (due_at, seq);
create index to_poc2_entity on to_poc2 (entity);

-- The version that was sent last, by entity.
create table sent_versions (
  entity text collate "C" primary key,
  version int not null,
  sent_at timestamptz not null
);
create index sent_versions_age on sent_versions (sent_at);

-- What passed, in the transactions in which it did.
create table message_counts (
  direction text not null,
  kind text not null,
  outcome text not null,
  count bigint not null,
  last_at timestamptz not null,
  primary key (direction, kind, outcome)
);
