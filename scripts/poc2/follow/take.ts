import type { Client } from 'pg';
import type { SourceTable } from '../mapping/table-mapping.ts';
import { ALL_ROWS } from './change-log-sql.ts';
import type { Change } from './changes.ts';

/** Rows of the source whose rows in the targets are replaced. */
export type Taken = {
  /** Tables of which all rows are. */
  all: Set<SourceTable>;
  /** By table; for profiles the ids are those of their users. */
  ids: Record<SourceTable, Set<string>>;
  /** Users and payments on which the mapping of other rows may depend. */
  wide: Record<'users' | 'payments', Set<string>>;
  /** Those of `wide` that were there before. */
  old: Set<string>;
};

/** The column of each table by which its rows are taken. */
export const TAKEN_BY: Readonly<Record<SourceTable, string>> = {
  users: 'id',
  user_profiles: 'user_id',
  refresh_tokens: 'id',
  system_config: 'key',
  payments: 'id',
  audit_logs: 'id',
};

const CHUNK = 500;

export function* chunksOf(ids: Iterable<string>, size = CHUNK): Generator<string[]> {
  let chunk: string[] = [];
  for (const id of ids) {
    chunk.push(id);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Ids that a statement of the source finds; `$1` is a list of ids. */
export const findIds = async (client: Client, sql: string, ids: Iterable<string>): Promise<string[]> => {
  const found: string[] = [];
  for (const chunk of chunksOf(ids)) {
    const { rows } = await client.query<{ id: string }>(sql, [chunk]);
    found.push(...rows.map(({ id }) => id));
  }
  return found;
};

export const addAll = <T>(set: Set<T>, items: Iterable<T>): void => {
  for (const item of items) set.add(item);
};

const takeOne = (taken: Taken, change: Change): void => {
  const { table, id, parentId, isWide, isOld } = change;
  if (table === 'payment_transactions' || table === 'user_profiles') {
    if (parentId !== null) taken.ids[table === 'user_profiles' ? table : 'payments'].add(parentId);
    return;
  }
  taken.ids[table as SourceTable].add(id);
  if ((table !== 'users' && table !== 'payments') || !isWide) return;
  taken.wide[table].add(id);
  if (isOld) taken.old.add(id);
};

const takeAll = (taken: Taken, table: string): void => {
  const own = (table === 'payment_transactions' ? 'payments' : table) as SourceTable;
  taken.all.add(own);
  // Entries say who, and name payments: their mapping depends on both.
  if (own === 'payments') taken.all.add('audit_logs');
  if (own === 'users') addAll(taken.all, Object.keys(taken.ids) as SourceTable[]);
};

/** The rows that are named by changes. */
export const take = (changes: readonly Change[]): Taken => {
  const newSet = () => new Set<string>();
  const taken: Taken = {
    all: new Set(),
    ids: {
      ...{ users: newSet(), user_profiles: newSet(), refresh_tokens: newSet(), system_config: newSet() },
      ...{ payments: newSet(), audit_logs: newSet() },
    },
    wide: { users: newSet(), payments: newSet() },
    old: newSet(),
  };
  for (const change of changes)
    if (change.id === ALL_ROWS) takeAll(taken, change.table);
    else takeOne(taken, change);
  return taken;
};

/** Takes rows that have not changed, but whose mapping may. */
export const takeAgain = async (
  taken: Taken,
  client: Client,
  table: SourceTable,
  ids: Iterable<string>,
): Promise<void> => {
  const list = [...ids];
  if (table === 'user_profiles')
    addAll(
      taken.ids.user_profiles,
      await findIds(client, 'select user_id as id from user_profiles where id = any($1)', list),
    );
  else addAll(taken.ids[table], list);
  if (table !== 'users' && table !== 'payments') return;
  addAll(taken.wide[table], list);
  addAll(taken.old, list);
};

/** Takes all rows of the tables of which all are. */
export const takeWhole = async (taken: Taken, client: Client): Promise<void> => {
  for (const table of taken.all) {
    const { rows } = await client.query<{ id: string }>(`select ${TAKEN_BY[table]} as id from ${table}`);
    addAll(
      taken.ids[table],
      rows.map(({ id }) => id),
    );
  }
};
