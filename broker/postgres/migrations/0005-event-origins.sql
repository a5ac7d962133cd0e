-- compatible with 0004
-- Who made the request that caused an event, and from where: JSON, or null where nobody asked.
alter table outbox add column origin text;
alter table event_queue add column origin text;
alter table published_events add column origin text;
