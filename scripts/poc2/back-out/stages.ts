import type { SettingKey } from '../../../shared/contracts/admin/settings.ts';
import { auditLogs } from '../mapping/audit-logs.ts';
import { payments } from '../mapping/payments.ts';
import { systemConfig } from '../mapping/system-config.ts';
import type { MappingContext, TableMapping } from '../mapping/table-mapping.ts';
import { userProfiles } from '../mapping/user-profiles.ts';
import { users } from '../mapping/users.ts';
import type { AnyMapping } from '../copy/copy-table.ts';
import { targetOf, type Target } from '../copy/targets.ts';
import type { Client } from 'pg';
import type { NumericColumn } from './amounts.ts';
import { idsIn, type EntryNow } from './audit-logs.ts';
import { inBatches } from './changed-rows.ts';
import { readOldIds, type OldIds } from './old-ids.ts';
import type { PaymentNow } from './payments.ts';
import { entriesSelect, paymentsSelect, profilesSelect, settingsSelect, usersSelect } from './selects.ts';
import type { SettingNow } from './system-config.ts';
import type { ProfileNow } from './user-profiles.ts';
import type { UserNow } from './users.ts';
import type { Cells, Was } from './writes.ts';

/** What every step of a way back needs. */
export type Going = {
  targets: readonly Target[];
  /** Of each database, when services were let in. */
  snapshots: ReadonlyMap<string, string>;
  hasHashes: boolean;
  /** POC-2 as it was before the first write, and how the copy has mapped it. */
  before: Client;
  context: MappingContext;
  amount: NumericColumn;
  /** Ids of users and payments that stay behind. */
  left: Set<string>;
};

export type Batch<Now> = { rows: (Now & { old_id: string })[]; oldIds: OldIds };

/** Rows of one kind that services wrote, in batches, with POC-2's ids. */
async function* changed<Now extends { id: string }>(
  { targets, left }: Going,
  database: Target['database'],
  select: string,
  idsOf: (row: Now) => readonly string[],
): AsyncGenerator<Batch<Now>> {
  for await (const found of inBatches<Now>(targetOf(targets, database).client, select)) {
    const rows = found.filter(({ id }) => !left.has(id));
    const oldIds = await readOldIds(
      targets,
      rows.flatMap((row) => [row.id, ...idsOf(row)]),
    );
    yield { rows: rows.map((row) => ({ ...row, old_id: oldIds(row.id) ?? '' })), oldIds };
  }
}

const snapshotOf = ({ snapshots }: Going, database: string): string => snapshots.get(database) ?? '';

export const changedUsers = (going: Going) =>
  changed<UserNow>(going, 'auth', usersSelect(snapshotOf(going, 'auth'), going.hasHashes), () => []);

export const changedPayments = (going: Going) =>
  changed<PaymentNow>(going, 'payments', paymentsSelect(snapshotOf(going, 'payments')), (row) => [
    row.payer_id,
    row.payee_id,
  ]);

export const changedEntries = (going: Going) =>
  changed<EntryNow>(going, 'admin', entriesSelect(snapshotOf(going, 'admin')), idsIn);

export const changedSettings = (going: Going) =>
  changed<SettingNow>(going, 'admin', settingsSelect(snapshotOf(going, 'admin')), ({ changed_by: by }) =>
    by === null ? [] : [by],
  );

export const changedProfiles = (going: Going) =>
  changed<ProfileNow & { id: string }>(
    going,
    'profile',
    profilesSelect(snapshotOf(going, 'profile')),
    () => [],
  );

const readMapped = async (
  client: Client,
  mapping: TableMapping<never>,
  context: MappingContext,
  { column, keys }: { column: string; keys: readonly string[] },
): Promise<Was[]> => {
  const { map, select } = mapping as unknown as AnyMapping;
  const { rows } = await client.query<Cells & { id: string }>(`${select} where ${column} = any($1)`, [keys]);
  return rows.map((row) => ({ row, rows: map(row, context).rows }));
};

/** Rows of POC-2 with what the mapping makes of them, by key. */
const mappedBy =
  (mapping: TableMapping<never>, column: string, key: string) =>
  async (
    client: Client,
    context: MappingContext,
    keys: readonly string[],
  ): Promise<ReadonlyMap<string, Was>> => {
    const found = await readMapped(client, mapping, context, { column, keys });
    return new Map(found.map((was) => [was.row[key] ?? '', was]));
  };

export const poc2Users = mappedBy(users, 'u.id', 'id');
export const poc2Payments = mappedBy(payments, 'p.id', 'id');
export const poc2Entries = mappedBy(auditLogs, 'a.id', 'id');
export const poc2Settings = mappedBy(systemConfig, 'c.key', 'id');
/** By the ids of users. */
export const poc2Profiles = mappedBy(userProfiles, 'p.user_id', 'user_id');

/** The key in system_config that a setting came from; null for one that came from none. */
export const configKeyOf = ({ options }: MappingContext, id: SettingKey): string | null =>
  Object.entries(options.settings).find(([, setting]) => setting === id)?.[0] ?? null;
