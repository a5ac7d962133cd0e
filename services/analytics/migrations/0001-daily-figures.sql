-- migrate
-- What browsers measured on a day, as histograms: nothing about who measured, and no single value.
create table daily_figures (
  day date not null,
  kind text collate "C" not null,
  subject text collate "C" not null,
  detail text collate "C" not null,
  -- The bounds of the buckets, by name (domain/histogram.ts).
  scheme text collate "C" not null,
  total double precision not null,
  buckets bigint[] not null,
  primary key (day, kind, subject, detail, scheme)
);
