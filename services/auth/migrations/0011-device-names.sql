-- compatible with 0003
-- migrate
-- Names that users give to their devices. A session knows the device that signed in, so that the device's
-- next session gets its name. Processes of the version before leave both empty.
alter table known_devices add column name text;
alter table sessions
  add column name text,
  add column device_hash bytea;
