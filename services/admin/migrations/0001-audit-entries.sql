-- migrate
-- What searches compare, the same on every version and locale of PostgreSQL: capitals first, so that ſ, ı
-- and the last σ of a word become the letter that they are; ß is ss, and the Turkish İ an i.
create function fold_case(text) returns text language sql immutable parallel safe
return case when octet_length($1) = length($1) then lower($1) else
  replace(replace(replace(lower(upper($1)), 'ς', 'σ'), 'ß', 'ss'), 'i' || chr(775), 'i') end;

-- A copy of the users of auth, fed by its events.
create table people (
  id text collate "C" primary key,
  email text not null,
  name text not null,
  role text not null,
  status text not null,
  version int not null,
  -- Name and e-mail address, its domain in both forms.
  searched text not null
);
create index people_searched on people using gin (fold_case(searched) gin_trgm_ops);

-- One row for each event of each service; the id is the event's. Ids sort by time.
create table entries (
  id text collate "C" primary key,
  at timestamptz(3) not null,
  action text collate "C" not null,
  actor_id text collate "C",
  actor_role text,
  actor_name text,
  actor_email text,
  person_id text collate "C",
  person_name text,
  person_email text,
  target_type text,
  target_id text collate "C",
  -- Every user whom the event names, sorted.
  people text[] not null,
  address text collate "C",
  device text,
  session_id text collate "C",
  request_id text collate "C",
  reason text,
  -- JSON, kept as it was written.
  before text,
  after text,
  searched text generated always as (fold_case(
    action || ' ' || coalesce(target_id, '') || ' ' || coalesce(reason, '') || ' ' || coalesce(device, '')
    || ' ' || coalesce(actor_name, '') || ' ' || coalesce(actor_email, '') || ' ' || coalesce(person_name, '')
    || ' ' || coalesce(person_email, '') || ' ' || coalesce(before, '') || ' ' || coalesce(after, '')
  )) stored
);
create index entries_action on entries (action, id);
create index entries_target on entries (target_id, id) where target_id is not null;
create index entries_address on entries (address, id) where address is not null;
create index entries_request on entries (request_id, id) where request_id is not null;
create index entries_searched on entries using gin (searched gin_trgm_ops);

-- The entries of each person, so that those of a person are an index range.
create table entry_people (
  person_id text collate "C" not null,
  entry_id text collate "C" not null,
  primary key (person_id, entry_id)
);
create index entry_people_entry on entry_people (entry_id);
