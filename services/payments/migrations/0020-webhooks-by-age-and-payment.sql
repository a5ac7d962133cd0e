-- compatible with 0002
-- no transaction
-- For the purge of webhooks, and for the inspection of a payment.
create index concurrently if not exists processor_webhooks_age on processor_webhooks (received_at);
create index concurrently if not exists processor_webhooks_payment on processor_webhooks (payment_id);
