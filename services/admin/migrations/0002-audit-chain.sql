-- compatible with 0001
-- Entries that are not in the chain yet. The worker that seals them deletes these rows.
create table unsealed (entry_id text collate "C" primary key);
insert into unsealed select id from entries;

-- The entries in the order in which they were sealed. A hash covers the one before it.
create table chain (
  position bigint primary key check (position > 0),
  entry_id text collate "C" not null unique,
  entry_hash bytea not null,
  hash bytea not null
);

-- Signed states of the chain. The key is the public one.
create table checkpoints (
  position bigint primary key,
  hash bytea not null,
  at timestamptz(3) not null,
  key text not null,
  signature bytea not null
);
