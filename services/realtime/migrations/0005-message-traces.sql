-- compatible with 0001
-- migrate
-- Where a message belongs in the trace of the act that caused it (W3C Trace Context); null where none is
-- known.
alter table messages add column traceparent text;
