import type { Client } from 'pg';
import type { TargetRow } from '../mapping/table-mapping.ts';
import type { Column, Shape } from './lines.ts';
import { tableKey, targetOf, type Target, type TargetTable } from './targets.ts';

type Described = { name: string; type: string; isKey: boolean };

const describe = async (client: Client, table: string): Promise<Described[]> => {
  const { rows } = await client.query<Described>(
    `select a.attname as name, format_type(a.atttypid, null) as type,
       coalesce(a.attnum = any(i.indkey), false) as "isKey"
     from pg_attribute a left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
     where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [table],
  );
  return rows;
};

/** The shape of a table of which these columns are filled. */
const shapeFor = (table: string, described: readonly Described[], names: readonly string[]): Shape => {
  const columns = names.map((name): Column => {
    const found = described.find((one) => one.name === name);
    if (!found) throw new Error(`the table ${table} has no column ${name}`);
    return { name, type: found.type };
  });
  const primary = described.filter(({ isKey }) => isKey).map(({ name }) => name);
  // The rows of published_events are numbered by the database; their ids are unique all the same.
  const key = primary.every((name) => names.includes(name)) ? primary : ['id'];
  const rank = ({ name }: Column): number => (key.includes(name) ? key.indexOf(name) : key.length);
  const inOrder = (one: Column, other: Column): number =>
    rank(one) - rank(other) || (one.name < other.name ? -1 : 1);
  return { keyLength: key.length, columns: columns.toSorted(inOrder) };
};

export type Shapes = {
  /** The shape of the row's table. @throws Error when an earlier row of it had other columns */
  of(row: TargetRow): Shape;
  /** The shape of a table of which these columns were filled. */
  named(table: TargetTable, columns: readonly string[]): Shape;
  /** The shape of a table of which nothing was filled: its key. */
  keyOnly(table: TargetTable): Shape;
};

/** The shapes of the tables that these mappings fill, each found with its first row. */
export const readShapes = async (
  targets: readonly Target[],
  mappings: readonly { targets: readonly TargetTable[] }[],
): Promise<Shapes> => {
  const described = new Map<string, Described[]>();
  for (const one of mappings.flatMap((mapping) => mapping.targets))
    described.set(tableKey(one), await describe(targetOf(targets, one.database).client, one.table));
  const known = new Map(targets.map(({ database }) => [database, new Map<string, Shape>()]));
  const named = ({ database, table }: TargetTable, columns: readonly string[]): Shape => {
    const tables = known.get(database) as Map<string, Shape>;
    let shape = tables.get(table);
    if (!shape) {
      const key = tableKey({ database, table });
      shape = shapeFor(key, described.get(key) ?? [], columns);
      tables.set(table, shape);
    }
    return shape;
  };
  return {
    named,
    keyOnly: (table) => {
      const columns = described.get(tableKey(table)) ?? [];
      const key = columns.filter(({ isKey }) => isKey).map(({ name }) => name);
      return shapeFor(tableKey(table), columns, key);
    },
    of: (row) => {
      const names = Object.keys(row.values);
      const shape = named(row, names);
      if (shape.columns.length !== names.length)
        throw new Error(`rows of ${tableKey(row)} name different columns: ${names.join(', ')}`);
      return shape;
    },
  };
};
