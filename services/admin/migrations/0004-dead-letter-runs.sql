-- compatible with 0003
-- migrate
-- Orders of administrators for dead letters. Each is carried out batch by batch; a batch is claimed for some
-- seconds, so that another process goes on where one has died.
create table dead_letter_runs (
  id text collate "C" primary key,
  act text not null check (act in ('replay', 'discard')),
  reason text not null,
  ordered_by text collate "C" not null,
  started_at timestamptz(3) not null,
  progressed_at timestamptz(3) not null,
  finished_at timestamptz(3),
  -- Pairs of service and event, those of a service together.
  letters jsonb not null,
  position int not null default 0,
  done int not null default 0,
  problem text,
  claimed_until timestamptz(3)
);
create index dead_letter_runs_open on dead_letter_runs (started_at) where finished_at is null;
create index dead_letter_runs_started on dead_letter_runs (started_at);
