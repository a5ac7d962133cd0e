-- What a card processor keeps. `seq` gives lists their order: `created_at` does not tell rows of one moment
-- apart.
create table payment_intents (
  id text primary key,
  seq bigint generated always as identity unique,
  created_at timestamptz not null,
  status text not null check (status in (
    'requires_payment_method', 'requires_confirmation', 'processing',
    'requires_capture', 'succeeded', 'canceled'
  )),
  amount bigint not null check (amount > 0),
  amount_received bigint not null default 0 check (amount_received between 0 and amount),
  currency text not null,
  capture_method text not null check (capture_method in ('manual', 'automatic')),
  payment_method text,
  description text,
  metadata jsonb not null,
  last_payment_error jsonb,
  latest_charge text,
  canceled_at timestamptz,
  cancellation_reason text,
  settles_at timestamptz,
  check ((status = 'processing') = (settles_at is not null)),
  check ((status = 'succeeded') = (latest_charge is not null)),
  check ((status = 'canceled') = (canceled_at is not null))
);
create index payment_intents_created on payment_intents (created_at, seq);
create index payment_intents_settling on payment_intents (settles_at) where settles_at is not null;

-- Money taken. The unique key is what makes "charged once" true whatever the code above it does.
create table charges (
  id text primary key,
  seq bigint generated always as identity unique,
  created_at timestamptz not null,
  payment_intent text not null unique references payment_intents (id),
  amount bigint not null check (amount > 0),
  amount_refunded bigint not null default 0 check (amount_refunded between 0 and amount),
  currency text not null,
  payment_method text not null,
  description text,
  metadata jsonb not null
);
create index charges_created on charges (created_at, seq);

create table refunds (
  id text primary key,
  seq bigint generated always as identity unique,
  created_at timestamptz not null,
  charge text not null references charges (id),
  payment_intent text not null references payment_intents (id),
  amount bigint not null check (amount > 0),
  currency text not null,
  reason text,
  metadata jsonb not null
);
create index refunds_charge on refunds (charge);
create index refunds_payment_intent on refunds (payment_intent);

-- A webhook event: true from the moment its change is committed, delivered until it is acknowledged.
create table events (
  id text primary key,
  seq bigint generated always as identity unique,
  created_at timestamptz not null,
  type text not null,
  object jsonb not null,
  request_id text,
  idempotency_key text,
  deliveries_left int not null,
  attempts int not null default 0,
  next_attempt_at timestamptz,
  delivered_at timestamptz,
  last_error text
);
create index events_created on events (created_at, seq);
create index events_due on events (next_attempt_at) where next_attempt_at is not null;

-- The first answer under a key, given again to whoever asks again.
create table idempotency_keys (
  key text primary key,
  created_at timestamptz not null,
  fingerprint text not null,
  request_id text not null,
  status int not null,
  body text not null
);
create index idempotency_keys_created on idempotency_keys (created_at);
