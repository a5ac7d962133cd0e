-- compatible with 0007
-- check before
select 1 as missing where not exists (select from pg_extension where extname = 'pg_trgm');
-- migrate
-- 'set': the user has a password. 'invited': the user has never set one; 'reset': an administrator has voided
-- it. In both cases the stored hash is of a random text that nobody knows, so that processes of the version
-- before refuse every password too.
alter table users add column password_state text not null default 'set'
  check (password_state in ('set', 'invited', 'reset'));

-- The one link of a user that may set a password. The token is stored as its SHA-256.
create table password_links (
  user_id text primary key references users (id),
  hash bytea not null unique check (length(hash) = 32),
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index password_links_expiry on password_links (expires_at);

-- Name and e-mail address as searches compare them. It is stored, because a list in another order reads many
-- texts before it finds its page; a trigger sets it, so that processes of the version before do so too.
alter table users add column search_text text;
create function set_search_text() returns trigger language plpgsql as $$
begin
  new.search_text := user_text(new.name, new.email);
  return new;
end $$;
create trigger users_search_text before insert or update of name, email on users
  for each row execute function set_search_text();

-- Searches fold text as those of payments do (its migration 0040); a test compares the functions.
-- What searches compare, the same on every version and locale of PostgreSQL: capitals first, so that ſ, ı
-- and the last σ of a word become the letter that they are; ß is ss, and the Turkish İ an i. Most texts are
-- ASCII, for which the function costs no more than lower().
create function fold_case(text) returns text language sql immutable parallel safe
return case when octet_length($1) = length($1) then lower($1) else
  replace(replace(replace(lower(upper($1)), 'ς', 'σ'), 'ß', 'ss'), 'i' || chr(775), 'i') end;

-- A label of a domain in Unicode (RFC 3492, 6.2); one that cannot be decoded is returned as it is.
create function unicode_label(label text) returns text language plpgsql immutable strict parallel safe as $$
declare
  encoded text := substr(label, 5);
  decoded text := '';
  next int := 1;
  code bigint := 128;
  bias bigint := 72;
  place bigint := 0;
  start bigint;
  weight bigint;
  digit int;
  threshold bigint;
  size bigint;
  delta bigint;
begin
  if label not like 'xn--%' then return label; end if;
  if encoded like '%-%' then
    decoded := regexp_replace(encoded, '-[^-]*$', '');
    next := length(decoded) + 2;
  end if;
  while next <= length(encoded) loop
    start := place;
    weight := 1;
    for base in 36 .. 2160 by 36 loop
      digit := strpos('abcdefghijklmnopqrstuvwxyz0123456789', substr(encoded, next, 1)) - 1;
      place := place + digit * weight;
      if digit < 0 or next > length(encoded) or place > 2147483647 then return label; end if;
      next := next + 1;
      threshold := least(greatest(base - bias, 1), 26);
      exit when digit < threshold;
      weight := weight * (36 - threshold);
    end loop;
    size := length(decoded) + 1;
    delta := (place - start) / case when start = 0 then 700 else 2 end;
    delta := delta + delta / size;
    bias := 0;
    while delta > 455 loop
      delta := delta / 35;
      bias := bias + 36;
    end loop;
    bias := bias + 36 * delta / (delta + 38);
    code := code + place / size;
    place := place % size;
    if code > 1114111 or code between 55296 and 57343 then return label; end if;
    decoded := left(decoded, place::int) || chr(code::int) || substr(decoded, place::int + 1);
    place := place + 1;
  end loop;
  return decoded;
end $$;

create function unicode_address(email text) returns text language sql immutable parallel safe
return split_part(email, '@', 1) || '@' || (
  select string_agg(unicode_label(label), '.' order by at)
  from string_to_table(split_part(email, '@', 2), '.') with ordinality as labels (label, at));

-- A user's name and e-mail address, its domain in both forms.
create function user_text(name text, email text) returns text language sql immutable parallel safe
return fold_case(
  name || ' ' || email || case when email like '%xn--%' then ' ' || unicode_address(email) else '' end);
