import { SETTINGS, type SettingKey } from '../../../shared/contracts/admin/settings.ts';
import { parseExactly } from '../../../shared/contracts/exact-json.ts';
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
  const copy = { id: key, version: 1, value: json };
  const stored: TargetRow[] = [
    { database: 'admin', table: 'settings', values: { ...setting, value: json } },
    { database: 'auth', table: 'settings', values: copy },
    { database: 'payments', table: 'settings', values: copy },
  ];
  const changer = userIn(row, 'changer');
  if (changer === null || userProblem(changer, context) !== null) {
    notes.mapped('changer_unknown', 'who changed it is unknown: the change is not in the history');
    return stored;
  }
  const change = { before: JSON.stringify(initial), after: json, reason: REASON, at: at.iso };
  const values = { ...setting, ...change, changed_by: userIdOf(changer) };
  return [...stored, { database: 'admin', table: 'setting_changes', values }];
};

/** What is no setting here, kept where administrators can read it. */
const configEntry = (row: SystemConfigSource, at: Time, context: MappingContext): TargetRow[] => {
  const user = userIn(row, 'changer');
  const changer: NamedUser | null = user === null ? null : { ...user, name: row.changer_name };
  const { configValues } = context.options;
  // The log is kept for good, and no rule knows all secrets: it gets the values that the owner has named.
  const value = configValues.includes(row.id)
    ? { [row.id]: withoutSecrets(parseExactly(row.value ?? 'null')) }
    : {};
  const after = { ...value, description: withoutSecrets(row.description) };
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
        after: JSON.stringify(after),
      },
    },
    context,
  );
};

const map = (row: SystemConfigSource, context: MappingContext): Mapped => {
  const notes = notesOn('system_config', row.id);
  const { settings, config, configValues } = context.options;
  const at = creationOf(row.updated_at, context, notes);
  const key = Object.hasOwn(settings, row.id) ? settings[row.id] : undefined;
  if (key === undefined && config !== 'audit') {
    const how = `--setting ${row.id}=SETTING or --config audit`;
    notes.refused('config_unknown', `is no setting here; ${how} says what becomes of it`);
  }
  if (at === null || (key === undefined && config !== 'audit')) return notes.result(() => []);
  if (key !== undefined) {
    const rows = settingRows(row, key, at, context, notes);
    return notes.result(() => rows);
  }
  const what = configValues.includes(row.id) ? 'with its value' : 'without its value';
  notes.mapped('config_unknown', `is no setting here, and becomes an entry of the audit log ${what}`);
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
    { database: 'auth', table: 'settings' },
    { database: 'payments', table: 'settings' },
    { database: 'admin', table: 'setting_changes' },
    { database: 'admin', table: 'entries' },
    { database: 'admin', table: 'entry_people' },
    { database: 'admin', table: 'unsealed' },
  ],
  map,
};
