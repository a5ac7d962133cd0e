-- migrate
-- One export for each user at most: a new one replaces it.
create table exports (
  user_id text collate "C" primary key,
  id uuid not null unique,
  state text collate "C" not null check (state in ('running', 'ready', 'failed')),
  requested_at timestamptz not null,
  -- The next page to read: the section's number, and its cursor.
  section int not null default 0 check (section >= 0),
  cursor text,
  parts int not null default 0 check (parts >= 0),
  items int not null default 0 check (items >= 0),
  -- Of the present section.
  section_items int not null default 0 check (section_items >= 0),
  size_bytes bigint not null default 0,
  -- A process that has claimed the export moves this ahead; one that died has stopped doing so.
  due_at timestamptz,
  claim uuid,
  attempts int not null default 0,
  ended_at timestamptz,
  expires_at timestamptz,
  check ((state = 'running') = (due_at is not null)),
  check ((state = 'running') = (ended_at is null)),
  check ((state = 'ready') = (expires_at is not null))
);
create index exports_due on exports (due_at) where due_at is not null;
create index exports_by_age on exports (ended_at) where ended_at is not null;

create table export_parts (
  export uuid not null references exports (id) on delete cascade,
  part int not null,
  text text not null,
  primary key (export, part)
);
