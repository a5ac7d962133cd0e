-- The trace id of the request's traceparent header. Not compatible with programs before: their chain's hash
-- would leave it out, so that entries which they seal would seem to be changed.
alter table entries add column trace_id text collate "C";
