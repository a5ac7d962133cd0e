-- Domain events were called facts; tables and columns take the field's word. Rows stay as they are.
alter table outbox rename column fact to event;
alter table inbox rename column fact to event;
alter table latest_versions rename column fact to event;
alter table fact_queue rename to event_queue;
alter table event_queue rename column fact to event;
alter index fact_queue_pkey rename to event_queue_pkey;
alter index fact_queue_waiting rename to event_queue_waiting;
alter index fact_queue_dead rename to event_queue_dead;
