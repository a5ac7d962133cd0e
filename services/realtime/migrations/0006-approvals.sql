-- compatible with 0001
-- migrate
-- Requests for approval, because the event that one was decided may arrive before the event that it was made.
create table approvals (
  id text collate "C" primary key,
  decided boolean not null,
  at timestamptz not null
);
create index approvals_age on approvals (at);
