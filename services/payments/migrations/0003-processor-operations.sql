-- An operation at the processor is a row of its own: its request, its claim and its outcome are no longer
-- columns of the payment.
create table processor_operations (
  id text collate "C" primary key,
  payment_id text collate "C" not null references payments (id),
  kind text collate "C" not null check (kind in ('charge', 'reversal')),
  amount_minor bigint not null check (amount_minor > 0),
  step text collate "C" not null
    check (step in ('authorize', 'await', 'capture', 'repeat', 'search', 'reverse', 'refund', 'done')),
  intent_id text,
  -- The requests used the idempotency keys 1 to `key_number`; `key_used_at` is the first use of the last one.
  key_number int not null default 1,
  key_used_at timestamptz,
  requested_at timestamptz,
  -- The last PaymentIntent that a search has read.
  search_after text,
  -- Why a reversal is stuck: the processor's refusal, or that it has not answered for long.
  stuck text,
  attempts int not null default 0,
  -- When the next step is due; while a process has claimed the operation, the end of its lease.
  next_attempt_at timestamptz,
  claim text,
  check ((step = 'done') = (next_attempt_at is null))
);
create index processor_operations_due on processor_operations (next_attempt_at)
  where next_attempt_at is not null;
create index processor_operations_payment on processor_operations (payment_id);
create index processor_operations_stuck on processor_operations (id)
  where stuck is not null and step <> 'done';

insert into processor_operations (id, payment_id, kind, amount_minor, step, intent_id, key_number,
  key_used_at, requested_at, attempts, next_attempt_at)
select id || ':charge', id, 'charge', amount_minor, case when step = 'void' then 'done' else step end,
  intent_id, key_try, case when step <> 'void' and attempts > 0 then created_at end, updated_at, attempts,
  case when step not in ('void', 'done') then next_attempt_at end
from payments;

-- A cancellation reset the number of keys, and refusals counted as given back: what a payment of the last
-- days still holds is searched and reversed. An authorization ends after seven days. Requests under way have
-- ended after a minute.
insert into processor_operations (id, payment_id, kind, amount_minor, step, next_attempt_at)
select id || ':reversal', id, 'reversal', amount_minor,
  'search', now() + interval '1 minute'
from payments
where step = 'void' or (status in ('failed', 'cancelled') and created_at > now() - interval '8 days'
  and (intent_id is not null or status = 'cancelled'));
-- More than one key: the reversal also searches for PaymentIntents that no answer has reported.
update processor_operations charge set key_number = greatest(charge.key_number, 2)
from processor_operations reversal
where reversal.kind = 'reversal' and charge.id = reversal.payment_id || ':charge';

alter table payments
  drop column step,
  drop column intent_id,
  drop column attempts,
  drop column key_try,
  drop column next_attempt_at,
  drop column claim;
