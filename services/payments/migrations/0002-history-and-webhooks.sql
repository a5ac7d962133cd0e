-- "Event" means a domain event: a payment's past is its history, and the processor's calls are webhooks.
alter table payment_events rename to payment_history;
alter index payment_events_pkey rename to payment_history_pkey;
alter table processor_events rename to processor_webhooks;
alter index processor_events_pkey rename to processor_webhooks_pkey;
