-- "Event" means a domain event: what Stripe calls an event is a webhook event here.
alter table events rename to webhook_events;
alter index events_pkey rename to webhook_events_pkey;
alter index events_created rename to webhook_events_created;
alter index events_due rename to webhook_events_due;
