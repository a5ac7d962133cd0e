-- compatible with 0003
-- no transaction
-- Searches of processes of the version before read without an index until those processes are replaced.
create index concurrently if not exists parties_text on parties
  using gin (party_text(name, email) gin_trgm_ops);
create index concurrently if not exists payments_text on payments
  using gin (fold_case(description) gin_trgm_ops);
drop index concurrently if exists parties_search;
drop index concurrently if exists payments_description;
