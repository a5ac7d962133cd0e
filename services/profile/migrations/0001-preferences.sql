-- migrate
-- One row for each user who has ever chosen something; everybody else has the defaults of the program.
create table preferences (
  user_id text collate "C" primary key,
  theme text collate "C" not null check (theme in ('light', 'dark', 'system')),
  language text collate "C" not null check (language ~ '^(system|[a-z]{2}-[A-Z]{2})$'),
  notify_payments_received boolean not null,
  notify_payments_sent boolean not null,
  notify_sign_ins boolean not null,
  version int not null check (version > 0),
  updated_at timestamptz not null
);
