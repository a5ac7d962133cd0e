import { escapeIdentifier, type Client } from 'pg';
import type { SourceTable, TargetRow, Value } from '../mapping/table-mapping.ts';

export type Poc2Table = SourceTable | 'payment_transactions';

/** Columns of a row of POC-2, as PostgreSQL reads them from text. */
export type Cells = Readonly<Record<string, string | null>>;

/** What becomes of a row of POC-2. */
export type Write = { table: Poc2Table; act: 'insert' | 'update' | 'delete'; id: string; values: Cells };

/** A row of POC-2 as its mapping reads it, and what the mapping makes of it. */
export type Was = { row: Cells; rows: readonly TargetRow[] };

/** Why something of Payloom cannot go back; `id` is Payloom's. */
export type Problem = { id: string; detail: string };

export const insert = (table: Poc2Table, id: string, values: Cells): Write => ({
  ...{ table, act: 'insert', id },
  values: { [keyOf(table)]: id, ...values },
});

/** An update of these columns; none without any. */
export const update = (table: Poc2Table, id: string, values: Cells): Write[] =>
  Object.keys(values).length === 0 ? [] : [{ table, act: 'update', id, values }];

const keyOf = (table: Poc2Table): string => (table === 'system_config' ? 'key' : 'id');

/** The first row of a table that the mapping has made. */
export const mappedIn = (was: Was | null, table: string): Readonly<Record<string, Value>> | null =>
  was?.rows.find((row) => row.table === table)?.values ?? null;

/** Types of the columns of POC-2's tables, by `table.column`. */
export type ColumnTypes = ReadonlyMap<string, string>;

export const readColumnTypes = async (client: Client, tables: readonly string[]): Promise<ColumnTypes> => {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select c.relname || '.' || a.attname as name, format_type(a.atttypid, a.atttypmod) as type
     from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.oid = any($1::text[]::regclass[]) and a.attnum > 0 and not a.attisdropped`,
    [tables],
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
};

/** In this order references hold. */
const TABLES: readonly Poc2Table[] = [
  ...(['users', 'refresh_tokens', 'user_profiles', 'system_config', 'payments'] as const),
  ...(['payment_transactions', 'audit_logs'] as const),
];
const ACTS: readonly Write['act'][] = ['delete', 'update', 'insert'];

const rankOf = ({ table, act }: Write): number => TABLES.indexOf(table) * ACTS.length + ACTS.indexOf(act);

/** Writes of one table, act and set of columns. */
const groupsOf = (writes: readonly Write[]): Write[][] => {
  const groups = Map.groupBy(writes, ({ table, act, values }) =>
    [table, act, ...Object.keys(values)].join(' '),
  );
  return [...groups.values()].toSorted(([one], [other]) => rankOf(one as Write) - rankOf(other as Write));
};

const statementOf = ({ table, act, values }: Write, types: ColumnTypes): string => {
  const key = keyOf(table);
  if (act === 'delete') return `delete from ${table} where ${key} = any($1::text[])`;
  const columns = Object.keys(values);
  const first = act === 'insert' ? 1 : 2;
  const given = columns.map((_, index) => `$${index + first}::text[]`).join(', ');
  const named = columns.map(escapeIdentifier);
  const typed = (column: string) => `given.${escapeIdentifier(column)}::${types.get(`${table}.${column}`)}`;
  if (act === 'insert')
    return `insert into ${table} (${named.join(', ')})
      select ${columns.map(typed).join(', ')} from unnest(${given}) as given (${named.join(', ')})`;
  return `update ${table} set ${columns.map((one) => `${escapeIdentifier(one)} = ${typed(one)}`).join(', ')}
    from unnest($1::text[], ${given}) as given (written_key, ${named.join(', ')})
    where ${table}.${key} = given.written_key`;
};

/**
 * Carries writes out, a statement for each group.
 * @throws Error when a row to update or delete is not there
 */
export const carryOut = async (
  client: Client,
  types: ColumnTypes,
  writes: readonly Write[],
): Promise<void> => {
  for (const group of groupsOf(writes)) {
    const [first] = group as [Write];
    const ids = group.map(({ id }) => id);
    const columns = Object.keys(first.values).map((column) => group.map(({ values }) => values[column]));
    const { rowCount } = await client.query(statementOf(first, types), [
      ...(first.act === 'insert' ? [] : [ids]),
      ...columns,
    ]);
    if (rowCount !== group.length)
      throw new Error(`of ${group.length} rows of ${first.table} to ${first.act}, POC-2 has ${rowCount}`);
  }
};
