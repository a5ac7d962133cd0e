-- compatible with 0007
-- migrate
-- Also a suspension of many users and a change of a setting may wait; neither is about a role.
alter table approvals
  alter column email drop not null,
  alter column name drop not null,
  alter column role drop not null,
  -- In the order of ids, so that the same request is the same text.
  add column user_ids jsonb,
  add column setting jsonb,
  drop constraint approvals_act_check,
  add constraint approvals_subject check (
    case act
      when 'suspendUsers' then user_ids is not null and num_nulls(user_id, email, name, role, setting) = 5
      when 'changeSetting' then setting is not null and num_nulls(user_id, email, name, role, user_ids) = 5
      else act in ('inviteUser', 'setRole') and num_nulls(email, name, role) = 0
        and num_nulls(user_ids, setting) = 2
    end
  );
create unique index approvals_open_subject on approvals (act, md5(coalesce(setting, user_ids)::text))
  where decided_at is null;

-- This service's copy of the settings of admin.
create table settings (
  id text collate "C" primary key,
  version int not null,
  value jsonb not null
);
