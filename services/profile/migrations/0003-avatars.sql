-- migrate
create table avatars (
  user_id text collate "C" primary key,
  hash text collate "C" not null,
  -- WebP, some kilobytes.
  image bytea not null,
  updated_at timestamptz not null
);

-- The parts of an upload on its way; a crash of PostgreSQL may empty it, and the user uploads again.
create unlogged table avatar_parts (
  user_id text collate "C" not null,
  upload uuid not null,
  part int not null check (part >= 0),
  data bytea not null,
  at timestamptz not null,
  primary key (user_id, part)
);
create index avatar_parts_at on avatar_parts (at);
