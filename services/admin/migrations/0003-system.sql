-- compatible with 0002
-- migrate
-- The figures of the last hour, every ten seconds; whichever process of this service is first writes them.
create table system_samples (
  at timestamptz(3) primary key,
  up int not null,
  down int not null,
  waiting int not null,
  retrying int not null,
  dead int not null,
  outbox_rows int not null,
  outbox_oldest_s float8 not null
);

-- When a process came, fell silent, died or left: so that it is known after a restart of this service.
create table system_changes (
  seq bigint generated always as identity primary key,
  at timestamptz(3) not null,
  node_id text collate "C" not null,
  services text[] not null,
  state text not null
);
create index system_changes_node on system_changes (node_id, seq);
create index system_changes_at on system_changes (at);
