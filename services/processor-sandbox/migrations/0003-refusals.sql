-- compatible with 0002
-- Refunds that are pending or fail, and cards that ask for the payer.
alter table refunds
  add column status text not null default 'succeeded' check (status in ('succeeded', 'pending', 'failed')),
  add column settles_at timestamptz;
alter table payment_intents drop constraint payment_intents_status_check;
alter table payment_intents add constraint payment_intents_status_check check (status in (
  'requires_payment_method', 'requires_confirmation', 'requires_action', 'processing',
  'requires_capture', 'succeeded', 'canceled'
));
