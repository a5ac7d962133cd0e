-- compatible with 0001
-- no transaction
create index concurrently if not exists notifications_party on notifications (party_id)
  where party_id is not null;
