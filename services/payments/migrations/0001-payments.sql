-- migrate
-- The people that pay and are paid, as auth last told us.
create table parties (
  id text collate "C" primary key,
  email text not null,
  name text not null,
  role text not null,
  status text not null,
  version int not null
);
create unique index parties_email on parties (lower(email));
create index parties_search on parties using gin ((lower(name || ' ' || email)) gin_trgm_ops);

create table payments (
  -- UUIDv7 behind a prefix: the order of ids is the order of creation, and a time bound is an id bound.
  id text collate "C" primary key,
  kind text not null default 'instant' check (kind in ('instant', 'scheduled', 'recurring')),
  payer_id text collate "C" not null references parties (id),
  payee_id text collate "C" not null references parties (id),
  amount_minor bigint not null check (amount_minor between 1 and 9007199254740991),
  currency text collate "C" not null check (currency ~ '^[A-Z]{3}$'),
  status text collate "C" not null
    check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  payment_method text not null,
  description text check (length(description) <= 500),
  metadata json not null default '{}',
  failure_code text,
  failure_message text,
  version int not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  -- What the processor is to do next for this payment, and when; the time doubles as a claim's lease.
  step text not null check (step in ('authorize', 'await', 'capture', 'void', 'done')),
  intent_id text,
  attempts int not null default 0,
  -- Grows when the processor's answer under the last key is a saved failure that says nothing.
  key_try int not null default 1,
  next_attempt_at timestamptz,
  claim text,
  check (payer_id <> payee_id),
  check ((step = 'done') = (next_attempt_at is null))
);
create index payments_due on payments (next_attempt_at) where next_attempt_at is not null;
create index payments_sent on payments (payer_id, id);
create index payments_sent_status on payments (payer_id, status, id);
create index payments_sent_amount on payments (payer_id, amount_minor, id);
create index payments_sent_currency on payments (payer_id, currency, id);
create index payments_sent_to on payments (payer_id, payee_id, id);
create index payments_received on payments (payee_id, id);
create index payments_received_status on payments (payee_id, status, id);
create index payments_received_amount on payments (payee_id, amount_minor, id);
create index payments_received_currency on payments (payee_id, currency, id);
create index payments_received_from on payments (payee_id, payer_id, id);
create index payments_description on payments using gin (lower(description) gin_trgm_ops);

-- Every status after the first; the first is the payment's own creation.
create table payment_events (
  payment_id text collate "C" not null references payments (id),
  version int not null,
  status text not null,
  note text,
  at timestamptz not null,
  primary key (payment_id, version)
);

-- Double entry: positive is a debit, negative a credit; the postings of one movement sum to zero.
create table postings (
  payment_id text collate "C" not null references payments (id),
  movement text not null check (movement in ('opened', 'completed', 'reversed')),
  account text not null check (account in ('processor_clearing', 'payee_pending', 'payee_available')),
  owner_id text collate "C",
  currency text not null,
  amount_minor bigint not null check (amount_minor <> 0),
  at timestamptz not null,
  primary key (payment_id, movement, account)
);
create index postings_owner on postings (owner_id, account, currency) where owner_id is not null;

create function refuse_unbalanced() returns trigger language plpgsql as $$
begin
  if (select sum(amount_minor) <> 0 or count(distinct currency) <> 1 from postings
      where payment_id = new.payment_id and movement = new.movement) then
    raise exception 'postings of % % do not balance', new.payment_id, new.movement
      using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger postings_balance after insert on postings
  deferrable initially deferred for each row execute function refuse_unbalanced();

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'postings are never changed or deleted; write a reversal' using errcode = 'check_violation';
end $$;
create trigger postings_stay before update or delete on postings
  for each row execute function refuse_change();

create table idempotency_keys (
  caller_id text collate "C" not null,
  key text collate "C" not null,
  body_hash text not null,
  -- The answer, byte for byte.
  response text not null,
  created_at timestamptz not null,
  primary key (caller_id, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);

-- Webhook events that were taken; a second delivery finds its row.
create table processor_events (
  id text primary key,
  type text not null,
  payment_id text,
  received_at timestamptz not null
);

-- check after
select 1 as missing where not exists (select from pg_extension where extname = 'pg_trgm');
