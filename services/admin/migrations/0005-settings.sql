-- compatible with 0003
-- migrate
-- The settings that were changed; the others have their initial values.
create table settings (
  key text collate "C" primary key,
  value jsonb not null,
  version int not null check (version > 0)
);

-- Each change of a setting, for good.
create table setting_changes (
  key text collate "C" not null,
  -- The version that it made.
  version int not null,
  before jsonb not null,
  after jsonb not null,
  changed_by text collate "C" not null,
  reason text not null,
  -- The request that another administrator approved.
  approval_id text collate "C" unique,
  at timestamptz(3) not null,
  primary key (key, version)
);
