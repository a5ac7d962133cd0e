-- "Event" means a domain event: a payment's past is its history, and the processor's calls are webhooks.
alter table payment_events rename to payment_history;
alter index payment_events_pkey rename to payment_history_pkey;
alter table processor_events rename to processor_webhooks;
alter index processor_events_pkey rename to processor_webhooks_pkey;

-- Codes instead of English sentences: the browser has the texts. The status implies all notes but these two.
alter table payment_history rename column note to reason;
update payment_history set reason = case
    when payment_history.status = 'failed' then payments.failure_code
    when payment_history.status = 'cancelled' then 'cancelled_by_payer'
  end
from payments where payments.id = payment_history.payment_id;
alter table payments drop column failure_message;
