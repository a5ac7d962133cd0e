-- compatible with 0003
-- migrate
-- The trace of the act that caused a payment (W3C Trace Context), of its charge; null where none is known.
alter table processor_operations add column traceparent text;
