-- compatible with 0003
-- migrate
-- Sums of the payments that have ended, for reports: by payee ('' is all of them), quarter of an hour of the
-- creation and currency. Every time zone's days begin at a quarter of an hour.
create table report_totals (
  payee_id text collate "C" not null,
  quarter timestamptz not null,
  currency text collate "C" not null,
  completed_count int not null,
  completed_minor bigint not null,
  failed_count int not null,
  failed_minor bigint not null,
  cancelled_count int not null,
  cancelled_minor bigint not null,
  -- All columns are in the index: a report reads only a part of it, and not the table.
  primary key (payee_id, quarter, currency) include (completed_count, completed_minor, failed_count,
    failed_minor, cancelled_count, cancelled_minor)
);

-- Of the failed ones by reason.
create table report_failures (
  payee_id text collate "C" not null,
  quarter timestamptz not null,
  currency text collate "C" not null,
  code text collate "C" not null,
  failed_count int not null,
  failed_minor bigint not null,
  primary key (payee_id, quarter, currency, code) include (failed_count, failed_minor)
);

-- Payments below this id are in the sums, but for those of `report_open`, which had not ended yet.
create table report_progress (
  only_row boolean primary key default true check (only_row),
  until_id text collate "C" not null
);
create table report_open (payment_id text collate "C" primary key);
insert into report_progress (until_id) values ('');
