import { idOf, OLD_IDS } from '../mapping/ids.ts';
import { userIdOf } from '../mapping/people.ts';
import { timeOf } from '../mapping/times.ts';
import type { SourceTable } from '../mapping/table-mapping.ts';
import { targetOf } from '../copy/targets.ts';
import type { Applying, Chunk } from './apply.ts';
import type { UsersBefore } from './apply-users.ts';
import { addAll, chunksOf, findIds, takeAgain, type Taken } from './take.ts';

const OF_USERS: readonly { table: SourceTable; sql: string }[] = [
  {
    table: 'payments',
    sql: `select id from payments where sender_id = any($1)
      union select id from payments where recipient_id = any($1)`,
  },
  { table: 'refresh_tokens', sql: 'select id from refresh_tokens where user_id = any($1)' },
];

/** Takes what belongs to users whose new id is another one, or who are refused or no longer so. */
export const takeOfUsers = async (
  { source }: Applying,
  taken: Taken,
  { moved }: UsersBefore,
): Promise<void> => {
  for (const { table, sql } of OF_USERS)
    if (!taken.all.has(table)) addAll(taken.ids[table], await findIds(source.client, sql, moved));
  addAll(taken.ids.user_profiles, moved);
  addAll(
    taken.ids.system_config,
    await findIds(
      source.client,
      'select key as id from system_config where updated_by = any($1)',
      taken.wide.users,
    ),
  );
};

/** What entries of the audit log say of rows that have changed. */
export type Named = {
  /** New ids of users, before and now. */
  people: Set<string>;
  /** Old and new ids of users and payments, before and now. */
  things: Set<string>;
  /** Old ids of rows that were there, under an id that is not known any more. */
  unknown: Set<string>;
  /** Users of whom no entry may know the id. */
  newcomers: Set<string>;
};

export const nobodyNamed = (): Named => ({
  ...{ people: new Set(), things: new Set(), unknown: new Set(), newcomers: new Set() },
});

const newIdOf = (table: SourceTable, row: { id: string; created_at: string | null }): string =>
  table === 'users' ? userIdOf(row) : idOf('payment', { table, id: row.id }, timeOf(row.created_at)?.ms ?? 0);

/** Notes under which ids entries may name rows of the source. @param before new ids by old ones */
export const nameRows = (
  named: Named,
  table: 'users' | 'payments',
  { ids, rows }: Chunk,
  taken: Taken,
  before: ReadonlyMap<string, string>,
): void => {
  const now = new Map(rows.map(({ row }) => [row.id, newIdOf(table, row as never)]));
  for (const id of ids) {
    if (!taken.wide[table].has(id)) continue;
    const [was, is] = [before.get(id), now.get(id)];
    const known = [was, is].filter((one) => one !== undefined);
    addAll(named.things, [id, ...known]);
    if (table === 'users') addAll(named.people, known);
    if (was !== undefined) continue;
    if (table === 'users') named.newcomers.add(id);
    if (taken.old.has(id)) named.unknown.add(id);
  }
};

const BY_NAMES = `
  select old_id as id from ${OLD_IDS.table} where new_id in (
    select entry_id from entry_people where person_id = any($1)
    union all select id from entries where target_id = any($2))`;

/** Takes the entries of the audit log that name rows which have changed. */
export const takeEntries = async (applying: Applying, taken: Taken, named: Named): Promise<void> => {
  const { client: source } = applying.source;
  const { client: admin } = targetOf(applying.targets, 'admin');
  const found = new Set<string>();
  for (const things of chunksOf(named.things)) {
    const people = things.filter((id) => named.people.has(id));
    const { rows } = await admin.query<{ id: string }>(BY_NAMES, [people, things]);
    addAll(
      found,
      rows.map(({ id }) => id),
    );
  }
  addAll(found, await findIds(source, 'select id from audit_logs where user_id = any($1)', named.newcomers));
  if (named.unknown.size > 0) {
    const payments = await findIds(source, OF_USERS[0]?.sql ?? '', named.unknown);
    const things = [...named.unknown, ...payments];
    addAll(found, await findIds(source, 'select id from audit_logs where resource_id = any($1)', things));
  }
  await takeAgain(taken, source, 'audit_logs', found);
};
