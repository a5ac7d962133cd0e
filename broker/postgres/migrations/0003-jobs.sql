-- One row for each periodic job of the service, shared by its replicas.
create table jobs (
  name text primary key,
  next_run_at timestamptz not null,
  -- The replica that runs the job holds a lease; another one takes over when the lease has expired.
  lease uuid,
  leased_until timestamptz,
  last_started_at timestamptz,
  last_duration_ms int,
  last_error text
);
