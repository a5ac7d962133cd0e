import { SETTINGS, type SettingKey } from '../../../shared/contracts/admin/settings.ts';
import { withoutSecrets } from '../../../shared/contracts/without-secrets.ts';
import { entryRows, type NamedUser } from './audit-entry.ts';
import { idOf } from './ids.ts';
import { creationOf, notesOn, type Notes } from './notes.ts';
import { userColumns, userIdOf, userIn, userProblem, type UserColumns } from './people.ts';
import { timeColumn, type Time } from './times.ts';
import type { Mapped, MappingContext, TableMapping, TargetRow } from './table-mapping.ts';

export type SystemConfigSource = UserColumns<'changer'> & {
  /** The key. */
  id: string;
  value: string | null;
  description: string | null;
  updated_at: string | null;
  changer_name: string | null;
};

const ACTION = 'poc2.config';
const REASON = 'Moved over from POC-2';

const settingRows = (
  row: SystemConfigSource,
  key: SettingKey,
  at: Time,
  context: MappingContext,
  notes: Notes,
): TargetRow[] => {
  const value: unknown = JSON.parse(row.value ?? 'null');
  const { schema, initial } = SETTINGS[key];
  if (!schema.safeParse(value).success) {
    notes.refused('setting_value', `its value is none of the setting ${key}`);
    return [];
  }
  const setting = { key, version: 1 };
  const json = JSON.stringify(value);
  const stored: TargetRow = { database: 'admin', table: 'settings', values: { ...setting, value: json } };
  const changer = userIn(row, 'changer');
  if (changer === null || userProblem(changer, context) !== null) {
    notes.mapped('changer_unknown', 'who changed it is unknown: the change is not in the history');
    return [stored];
  }
  const change = { before: JSON.stringify(initial), after: json, reason: REASON, at: at.iso };
  const values = { ...setting, ...change, changed_by: userIdOf(changer) };
  return [stored, { database: 'admin', table: 'setting_changes', values }];
};

/** What is no setting here, kept where administrators can read it. */
const configEntry = (row: SystemConfigSource, at: Time, context: MappingContext): TargetRow[] => {
  const user = userIn(row, 'changer');
  const changer: NamedUser | null = user === null ? null : { ...user, name: row.changer_name };
  // By its name, so that a value is left out whose name says that it is a secret.
  const named = { [row.id]: JSON.parse(row.value ?? 'null') as unknown, description: row.description };
  return entryRows(
    {
      id: idOf('event', { table: 'system_config', id: row.id }, at.ms),
      actor: changer,
      person: null,
      people: [],
      values: {
        at: at.iso,
        action: ACTION,
        target_type: 'setting',
        target_id: row.id,
        address: null,
        device: null,
        before: null,
        reason: REASON,
        after: JSON.stringify(withoutSecrets(named)),
      },
    },
    context,
  );
};

const map = (row: SystemConfigSource, context: MappingContext): Mapped => {
  const notes = notesOn('system_config', row.id);
  const { settings, config } = context.options;
  const at = creationOf(row.updated_at, context, notes);
  const key = settings[row.id];
  if (key === undefined && config !== 'audit') {
    const how = `--setting ${row.id}=SETTING or --config audit`;
    notes.refused('config_unknown', `is no setting here; ${how} says what becomes of it`);
  }
  if (at === null || (key === undefined && config !== 'audit')) return notes.result(() => []);
  if (key !== undefined) {
    const rows = settingRows(row, key, at, context, notes);
    return notes.result(() => rows);
  }
  notes.mapped('config_unknown', 'is no setting here, and becomes an entry of the audit log');
  return notes.result(() => configEntry(row, at, context));
};

export const systemConfig: TableMapping<SystemConfigSource> = {
  table: 'system_config',
  select: `select c.key as id, c.value::text as value, c.description,
    ${timeColumn('c.updated_at', 'updated_at')}, ${userColumns('u', 'changer')}, u.name as changer_name
    from system_config c left join users u on u.id = c.updated_by`,
  key: 'c.key',
  targets: [
    { database: 'admin', table: 'settings' },
    { database: 'admin', table: 'setting_changes' },
    { database: 'admin', table: 'entries' },
    { database: 'admin', table: 'entry_people' },
    { database: 'admin', table: 'unsealed' },
  ],
  map,
};
