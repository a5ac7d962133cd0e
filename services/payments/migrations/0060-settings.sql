-- compatible with 0003
-- migrate
-- This service's copy of the settings of admin.
create table settings (
  id text collate "C" primary key,
  version int not null,
  value jsonb not null
);
