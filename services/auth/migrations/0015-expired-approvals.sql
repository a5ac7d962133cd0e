-- compatible with 0007
-- migrate
-- A request that expired keeps its row: it is over at its expiry, and nobody has decided about it.
alter table approvals
  drop constraint approvals_check,
  add constraint approvals_decision check (
    num_nulls(decided_by, is_approved) in (0, 2) and (decided_by is null or decided_at is not null)
  );
