import type { Client } from 'pg';

/** What costs much with each row, as statements that drop it and bring it back. */
type Aside = { drop: string; restore: string };

/**
 * Indexes that are not unique, constraint triggers, and foreign keys, which need the others. A unique index
 * stays: a row that it refuses must not be found at the end.
 */
const ASIDE = `
  select drop, restore from (
    select 1 as place, format('drop index %s', indexrelid::regclass) as drop,
      pg_get_indexdef(indexrelid) as restore
    from pg_index where indrelid = any($1::regclass[]) and not indisunique and not indisexclusion
    union all
    select 2, format('alter table %s disable trigger %I', tgrelid::regclass, tgname),
      format('alter table %s enable trigger %I', tgrelid::regclass, tgname)
    from pg_trigger
    where tgrelid = any($1::regclass[]) and tgconstraint <> 0 and not tgisinternal and tgenabled = 'O'
    union all
    select 3, format('alter table %s drop constraint %I', conrelid::regclass, conname),
      format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
    from pg_constraint where contype = 'f' and conrelid = any($1::regclass[])
  ) as found order by place, restore`;

/** Sets aside what costs much with each row, and records how it comes back. Within a transaction. */
export const setAside = async (client: Client, tables: readonly string[]): Promise<void> => {
  const { rows } = await client.query<Aside>(ASIDE, [tables]);
  for (const { drop } of rows) await client.query(drop);
  await client.query(
    `insert into poc2_aside (position, restore)
     select position, restore from unnest($1::text[]) with ordinality as one (restore, position)`,
    [rows.map(({ restore }) => restore)],
  );
};

/** Brings back what is set aside, one by one; what is back stays so when this is cut off. */
export const bringBack = async (client: Client, say: (restore: string) => void): Promise<void> => {
  const { rows } = await client.query<{ position: number; restore: string }>(
    'select position, restore from poc2_aside order by position',
  );
  for (const { position, restore } of rows) {
    say(restore);
    await client.query('begin');
    await client.query("set local maintenance_work_mem = '512MB'");
    await client.query(restore);
    await client.query('delete from poc2_aside where position = $1', [position]);
    await client.query('commit');
  }
};
