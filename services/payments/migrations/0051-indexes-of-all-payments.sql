-- compatible with 0003
-- no transaction
-- For the lists of administrators. Completed payments are most of all and need no index.
create index concurrently if not exists payments_all_status on payments (status, id)
  where status <> 'completed';
create index concurrently if not exists payments_all_amount on payments (amount_minor, id);
create index concurrently if not exists payments_all_currency on payments (currency, id);
