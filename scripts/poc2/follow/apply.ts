import { escapeIdentifier, escapeLiteral } from 'pg';
import { OLD_IDS } from '../mapping/ids.ts';
import { isWaiting } from '../mapping/notes.ts';
import type { MappingContext, SourceTable, TargetDatabase, TargetRow } from '../mapping/table-mapping.ts';
import { databasesOf, type AnyMapping } from '../copy/copy-table.ts';
import { writeLine, type Shape } from '../copy/lines.ts';
import { readRows } from '../copy/read-rows.ts';
import { recordWaiting, type Filled } from '../copy/records.ts';
import type { Shapes } from '../copy/shapes.ts';
import type { Source } from '../copy/source.ts';
import { tableKey, targetOf, type Target, type TargetTable } from '../copy/targets.ts';
import { locate, locateAll, textArray } from './locate.ts';
import { addRows, changeRows, deleteRows, keyOf, planFor, readLines, type Plan } from './replace.ts';
import { TAKEN_BY } from './take.ts';

export type Applying = {
  source: Pick<Source, 'client'>;
  targets: readonly Target[];
  mappings: readonly AnyMapping[];
  shapes: Shapes;
  context: MappingContext;
  /** The tables that were filled before, by database and table. */
  filled: ReadonlyMap<string, Filled>;
  /** The last key that is copied of a table of the source, by database; none for databases that have all. */
  limits: ReadonlyMap<TargetDatabase, ReadonlyMap<string, string | null>>;
  /** Rows of the source that were refused only until their time has come, by table. */
  waiting: ReadonlyMap<SourceTable, ReadonlySet<string>>;
  /** How many rows each table gets, and may lose. */
  gained: Map<string, { table: TargetTable; columns: readonly string[]; rows: number }>;
  written: number;
  /** Rows of the source that are refused, as `table id: kind`. */
  refused: string[];
};

/** A row of the source with what its mapping makes of it. */
type TakenRow = { row: { id: string }; rows: readonly TargetRow[]; isWaiting: boolean };
export type Chunk = { ids: readonly string[]; rows: readonly TakenRow[] };

/** A table of a target with what is to be done there. */
export type TablePlan = { target: TargetTable; shape: Shape; plan: Plan; found: ReadonlyMap<string, string> };

const whereOf = ({ table, key }: AnyMapping, ids: readonly string[]): string => {
  const alias = key.split('.')[0];
  return `${alias}.${TAKEN_BY[table]} = any(${textArray(ids)})`;
};

/** Reads rows of the source and maps them. */
export const loadChunk = async (
  { source, context, refused }: Applying,
  mapping: AnyMapping,
  ids: readonly string[],
): Promise<Chunk> => {
  const rows: TakenRow[] = [];
  const select = `${mapping.select} where ${whereOf(mapping, ids)}`;
  for await (const batch of readRows<{ id: string }>(source.client, select))
    for (const row of batch) {
      const mapped = mapping.map(row, context);
      rows.push({ row, rows: mapped.rows, isWaiting: isWaiting(mapped) });
      for (const one of mapped.irregularities)
        if (one.outcome === 'refused') refused.push(`${one.table} ${one.id}: ${one.kind}`);
    }
  return { ids, rows };
};

/** Those rows that the copy has reached in a database. */
const reachedIn = async (
  { source, limits }: Applying,
  mapping: AnyMapping,
  database: TargetDatabase,
  { ids, rows }: Chunk,
): Promise<readonly TakenRow[]> => {
  const limit = limits.get(database)?.get(mapping.table);
  if (limit === undefined) return rows;
  if (limit === null) return [];
  const { rows: reached } = await source.client.query<{ id: string }>(
    `select one.id from (${mapping.select} where ${whereOf(mapping, ids)}
       and ${mapping.key} <= ${escapeLiteral(limit)}) as one`,
  );
  const known = new Set(reached.map(({ id }) => id));
  return rows.filter(({ row }) => known.has(row.id));
};

const shapeOf = ({ shapes, filled }: Applying, target: TargetTable, rows: readonly TargetRow[]) => {
  const known = filled.get(tableKey(target));
  if (known) return shapes.named(target, known.columns);
  return rows[0] === undefined ? null : shapes.of(rows[0]);
};

/** What is to be done in one database for rows of the source. */
export const plansFor = async (
  applying: Applying,
  mapping: AnyMapping,
  chunk: Chunk,
  database: TargetDatabase,
): Promise<TablePlan[]> => {
  const { client } = targetOf(applying.targets, database);
  const rows = await reachedIn(applying, mapping, database, chunk);
  const byTable = Map.groupBy(
    rows.flatMap((one) => one.rows),
    (row) => tableKey(row),
  );
  const plans: TablePlan[] = [];
  for (const target of mapping.targets.filter((one) => one.database === database)) {
    const wantedRows = byTable.get(tableKey(target)) ?? [];
    const shape = shapeOf(applying, target, wantedRows);
    if (shape === null) continue;
    const where = locate(mapping.table, target, chunk.ids, applying.context.options);
    const found = await readLines(client, target.table, shape, where);
    const wanted = new Map<string, string>();
    for (const row of wantedRows) {
      const line = writeLine(applying.shapes.of(row), row.values);
      wanted.set(keyOf(line, shape), line);
    }
    plans.push({ target, shape, found, plan: planFor(found, wanted, shape) });
  }
  return plans;
};

const count = (
  applying: Applying,
  target: TargetTable,
  shape: Shape,
  rows: number,
  written: number,
): void => {
  const key = tableKey(target);
  const columns = shape.columns.map(({ name }) => name);
  const before = applying.gained.get(key)?.rows ?? 0;
  applying.gained.set(key, { table: target, columns, rows: before + rows });
  applying.written += written;
};

/** A trigger keeps postings from being changed; the ledger is checked at the end of each statement. */
const GUARDS: Readonly<Record<string, string>> = { 'payments.postings': 'postings_stay' };

const setGuard = async ({ targets }: Applying, target: TargetTable, state: 'enable' | 'disable') => {
  const guard = GUARDS[tableKey(target)];
  if (guard !== undefined)
    await targetOf(targets, target.database).client.query(
      `alter table ${escapeIdentifier(target.table)} ${state} trigger ${guard}`,
    );
};

/** Deletes rows of one table, by their keys. */
export const removeFrom = async (
  applying: Applying,
  { target, shape }: Omit<TablePlan, 'plan' | 'found'>,
  keys: readonly string[],
): Promise<void> => {
  if (keys.length === 0) return;
  await setGuard(applying, target, 'disable');
  await deleteRows(targetOf(applying.targets, target.database).client, target.table, shape, keys);
  await setGuard(applying, target, 'enable');
  count(applying, target, shape, -keys.length, keys.length);
};

/** A row may have the key of one that belongs to another row of the source, which has changed too. */
const TAKES_OVER = 'auth.refresh_tokens';

/** Changes and adds rows of one table. */
export const putInto = async (applying: Applying, { target, shape, plan }: TablePlan): Promise<void> => {
  const { client } = targetOf(applying.targets, target.database);
  const { changed, added } = plan;
  if (changed.length > 0) {
    await setGuard(applying, target, 'disable');
    await changeRows(client, target.table, shape, changed);
    await setGuard(applying, target, 'enable');
  }
  if (tableKey(target) === TAKES_OVER && added.length > 0) {
    const keys = added.map((line) => keyOf(line, shape));
    const deleted = await deleteRows(client, target.table, shape, keys);
    count(applying, target, shape, -deleted, deleted);
  }
  await addRows(client, target.table, shape, added);
  count(applying, target, shape, added.length, changed.length + added.length);
};

/** Records which rows of a chunk are refused only for now. */
export const recordChunk = async (
  { targets, waiting: before }: Applying,
  mapping: AnyMapping,
  { ids, rows }: Chunk,
): Promise<void> => {
  const waiting = rows.filter((one) => one.isWaiting).map(({ row }) => row.id);
  const known = [...ids, ...rows.map(({ row }) => row.id)].filter((id) => before.get(mapping.table)?.has(id));
  if (waiting.length + known.length === 0) return;
  await Promise.all(
    databasesOf(mapping).map(async (database) => {
      const { client } = targetOf(targets, database);
      await client.query('delete from poc2_waiting where source_table = $1 and row_id = any($2)', [
        mapping.table,
        known,
      ]);
      await recordWaiting(client, mapping.table, waiting);
    }),
  );
};

/** Replaces, in all databases, the rows that come of these rows of the source. */
export const replaceChunk = async (
  applying: Applying,
  mapping: AnyMapping,
  chunk: Chunk,
): Promise<TablePlan[]> => {
  const done = await Promise.all(
    databasesOf(mapping).map(async (database) => {
      const plans = await plansFor(applying, mapping, chunk, database);
      // A token that has come to another session refers to the one before until it is changed.
      for (const one of plans) await putInto(applying, one);
      for (const one of plans.toReversed()) await removeFrom(applying, one, one.plan.deleted);
      return plans;
    }),
  );
  await recordChunk(applying, mapping, chunk);
  return done.flat();
};

/** Deletes all rows that come of a table of the source. */
export const wipe = async (applying: Applying, mapping: AnyMapping): Promise<void> => {
  const { targets, shapes, filled } = applying;
  // The old ids are what other rows are found by.
  const isLast = ({ table }: TargetTable): number => (table === OLD_IDS.table ? 1 : 0);
  const order = mapping.targets.toReversed().sort((one, other) => isLast(one) - isLast(other));
  for (const target of order) {
    const known = filled.get(tableKey(target));
    if (!known) continue;
    await setGuard(applying, target, 'disable');
    const { rowCount } = await targetOf(targets, target.database).client.query(
      `delete from ${escapeIdentifier(target.table)} where ${locateAll(mapping.table, target)}`,
    );
    await setGuard(applying, target, 'enable');
    count(applying, target, shapes.named(target, known.columns), -(rowCount ?? 0), rowCount ?? 0);
  }
};

/** The mapping of a table of the source; null when it is none of those that are applied. */
export const mappingOf = ({ mappings }: Applying, table: SourceTable): AnyMapping | null =>
  mappings.find((one) => one.table === table) ?? null;
