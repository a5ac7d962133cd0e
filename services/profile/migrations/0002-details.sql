-- migrate
-- One row for each user who has ever given any; null is what was not given, or was cleared.
create table details (
  user_id text collate "C" primary key,
  phone text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  address_line1 text check (length(address_line1) <= 120),
  address_line2 text check (length(address_line2) <= 120),
  postal_code text check (length(postal_code) <= 20),
  city text check (length(city) <= 80),
  country text collate "C" check (country ~ '^[A-Z]{2}$'),
  biography text check (length(biography) <= 500),
  version int not null check (version > 0),
  updated_at timestamptz not null
);
