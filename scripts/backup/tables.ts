import type { Client } from 'pg';

/** A table with its columns, those left out that PostgreSQL computes. */
export type Table = { name: string; columns: string[] };
/** The last value that a sequence has given. */
export type Sequence = { name: string; last: string };

/** Made by the migrations themselves. */
const NOT_DATA = 'migrations';

/**
 * Transactions of services write these first and last; all other tables come in between. Who locks in the
 * order in which others write waits for them and causes no deadlock.
 */
const FIRST = ['inbox'];
const LAST = ['outbox', 'published_events'];

const rankOf = (name: string): number => (FIRST.includes(name) ? 0 : LAST.includes(name) ? 2 : 1);

type Found = { name: string; columns: string[]; parents: string[] };

/** Each table after those that its foreign keys name. */
const inOrder = (found: readonly Found[]): Found[] => {
  const done: Found[] = [];
  const left = found.toSorted((a, b) => rankOf(a.name) - rankOf(b.name) || a.name.localeCompare(b.name));
  while (left.length > 0) {
    const isReady = ({ name, parents }: Found) =>
      parents.every((parent) => parent === name || done.some((table) => table.name === parent));
    const at = left.findIndex(isReady);
    if (at < 0) throw new Error(`foreign keys of ${left.map(({ name }) => name).join(', ')} form a circle`);
    done.push(...left.splice(at, 1));
  }
  return done;
};

/** A database's tables with data of a service, in the order in which they can be filled. */
export const listTables = async (client: Client): Promise<Table[]> => {
  const { rows } = await client.query<Found>(
    `select c.relname as name,
       array(select a.attname::text from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
         order by a.attnum) as columns,
       array(select parent.relname::text from pg_constraint f join pg_class parent on parent.oid = f.confrelid
         where f.conrelid = c.oid and f.contype = 'f') as parents
     from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname <> $1`,
    [NOT_DATA],
  );
  return inOrder(rows).map(({ name, columns }) => ({ name, columns }));
};

/** The sequences that have given a value. */
export const listSequences = async (client: Client): Promise<Sequence[]> => {
  const { rows } = await client.query<Sequence>(
    `select sequencename as name, last_value::text as last from pg_sequences
     where schemaname = 'public' and last_value is not null order by 1`,
  );
  return rows;
};

/** The names of the migrations that have run; none in a database without that table. */
export const listMigrations = async (client: Client): Promise<string[]> => {
  const { rows: made } = await client.query<{ made: boolean }>(
    "select to_regclass('public.migrations') is not null as made",
  );
  if (made[0]?.made !== true) return [];
  const { rows } = await client.query<{ name: string }>('select name from migrations order by name');
  return rows.map(({ name }) => name);
};
