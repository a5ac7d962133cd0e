import { escapeLiteral, type Client } from 'pg';
import type { IdKind } from '../../../shared/contracts/ids.ts';
import { PAYMENT_STATUSES } from '../../../shared/contracts/payments/status.ts';
import { idOf, OLD_IDS } from '../mapping/ids.ts';
import { deletedUserId } from '../mapping/deleted-user.ts';
import type { MappingOptions, SourceTable, TargetDatabase } from '../mapping/table-mapping.ts';
import { tableKey, type Target, type TargetTable } from '../copy/targets.ts';

/** Digits of a new id that do not depend on the time of creation, which the source may change. */
const STABLE_DIGITS = 20;
const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7/;

export const textArray = (items: Iterable<string>): string =>
  `array[${[...items].map((item) => escapeLiteral(item)).join(', ')}]::text[]`;

/** The ends of the new ids that a row of the source may have. */
const endsOf = (kind: IdKind, table: SourceTable, id: string, part?: string): string[] => {
  const source = { table, id, ...(part === undefined ? {} : { part }) };
  const digits = id.replaceAll('-', '');
  const times = UUID_V7.test(id) ? [0, Number.parseInt(digits.slice(0, 12), 16)] : [0];
  return times.map((ms) => idOf(kind, source, ms).slice(-STABLE_DIGITS));
};

const endsIn = (column: string, ends: readonly string[]): string =>
  `right(${column}, ${STABLE_DIGITS}) = any(${textArray(ends)})`;

type Ids = readonly string[];
/** A condition for the rows of a target table that come of rows of the source. */
type Locator = (ids: Ids, options: MappingOptions) => string;

const byEnd =
  (column: string, kind: IdKind, table: SourceTable): Locator =>
  (ids) =>
    endsIn(
      column,
      ids.flatMap((id) => endsOf(kind, table, id)),
    );
const byOldId: Locator = (ids) => `old_id = any(${textArray(ids)})`;
const byKnownId =
  (column: string): Locator =>
  (ids, options) =>
    `${column} in (select new_id from ${OLD_IDS.table} where ${byOldId(ids, options)})`;
const byPublished: Locator = (ids) =>
  endsIn(
    'id',
    ids.flatMap((id) => PAYMENT_STATUSES.flatMap((one) => endsOf('event', 'payments', id, one))),
  );
const bySetting =
  (column: string): Locator =>
  (ids, { settings }) =>
    `${column} = any(${textArray(ids.flatMap((id) => settings[id] ?? []))})`;
const configEntries: Locator = (ids, options) =>
  `target_id = any(${textArray(ids)}) and ${byEnd('id', 'event', 'system_config')(ids, options)}`;
const ofConfigEntry: Locator = (ids, options) =>
  `entry_id in (select id from entries where ${configEntries(ids, options)})`;
const byToken: Locator = (ids, options) =>
  `session_id in (select id from sessions where ${byEnd('id', 'session', 'refresh_tokens')(ids, options)})`;

/** For profiles the ids are those of their users. */
const LOCATORS: Readonly<Record<SourceTable, Readonly<Record<string, Locator>>>> = {
  users: {
    'auth.users': byEnd('id', 'user', 'users'),
    'auth.poc2_ids': byOldId,
    'payments.parties': byEnd('id', 'user', 'users'),
    'admin.people': byEnd('id', 'user', 'users'),
  },
  user_profiles: {
    'profile.details': byEnd('user_id', 'user', 'users'),
    'profile.preferences': byEnd('user_id', 'user', 'users'),
  },
  refresh_tokens: {
    'auth.sessions': byEnd('id', 'session', 'refresh_tokens'),
    'auth.refresh_tokens': byToken,
  },
  system_config: {
    'admin.settings': bySetting('key'),
    'auth.settings': bySetting('id'),
    'payments.settings': bySetting('id'),
    'admin.setting_changes': bySetting('key'),
    'admin.entries': configEntries,
    'admin.entry_people': ofConfigEntry,
    'admin.unsealed': ofConfigEntry,
  },
  payments: {
    'payments.payments': byKnownId('id'),
    'payments.poc2_ids': byOldId,
    'payments.payment_history': byKnownId('payment_id'),
    'payments.postings': byKnownId('payment_id'),
    'payments.processor_operations': byKnownId('payment_id'),
    'payments.published_events': byPublished,
  },
  audit_logs: {
    'admin.entries': byKnownId('id'),
    'admin.entry_people': byKnownId('entry_id'),
    'admin.unsealed': byKnownId('entry_id'),
    'admin.poc2_ids': byOldId,
  },
};

/** @throws Error for a table that its mapping fills and nobody can find the rows of */
export const locate = (
  source: SourceTable,
  target: TargetTable,
  ids: Ids,
  options: MappingOptions,
): string => {
  const locator = LOCATORS[source][tableKey(target)];
  if (!locator) throw new Error(`rows of ${tableKey(target)} cannot be found by those of ${source}`);
  return locator(ids, options);
};

/** All rows of a target table that come of any row of a table of the source. */
export const locateAll = (source: SourceTable, target: TargetTable): string => {
  if (source === 'users') return target.table === 'poc2_ids' ? 'true' : `id <> '${deletedUserId()}'`;
  const column = { entries: 'id', entry_people: 'entry_id', unsealed: 'entry_id' }[target.table];
  if (column === undefined) return 'true';
  const logged = `${column} in (select new_id from ${OLD_IDS.table})`;
  return source === 'audit_logs' ? logged : `not ${logged}`;
};

const byEndIndex = (table: string, column: string) => `${table} (right(${column}, ${STABLE_DIGITS}))`;

/** What the locators need besides the indexes of the services. */
const INDEXES: Readonly<Record<TargetDatabase, readonly string[]>> = {
  auth: [byEndIndex('users', 'id'), byEndIndex('sessions', 'id')],
  payments: [byEndIndex('parties', 'id'), byEndIndex('published_events', 'id')],
  profile: [byEndIndex('details', 'user_id'), byEndIndex('preferences', 'user_id')],
  admin: [byEndIndex('people', 'id'), `${OLD_IDS.table} (new_id)`],
};

const nameOf = (index: string): string => `poc2_follow_${index.split(' ')[0]}`;

const indexed = new WeakSet<Client>();

/** Makes the indexes that are needed to find rows, once. */
export const makeIndexes = async ({ database, client }: Target): Promise<void> => {
  if (indexed.has(client)) return;
  const { rows } = await client.query<{ name: string }>(
    `select relname as name from pg_class where relkind = 'i' and relname like 'poc2\\_follow\\_%'`,
  );
  for (const index of INDEXES[database])
    if (!rows.some(({ name }) => name === nameOf(index)))
      await client.query(`create index ${nameOf(index)} on ${index}`);
  indexed.add(client);
};

/** Removes them. */
export const dropIndexes = async ({ database, client }: Target): Promise<void> => {
  for (const index of INDEXES[database]) await client.query(`drop index if exists ${nameOf(index)}`);
  indexed.delete(client);
};
