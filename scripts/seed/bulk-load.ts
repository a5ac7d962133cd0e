import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { escapeIdentifier, type Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** How many are written at once. */
export const BATCH = 10_000;

export function* inBatches<T>(all: Iterable<T>): Generator<T[]> {
  let batch: T[] = [];
  for (const one of all) {
    batch.push(one);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

export type Row = readonly (string | number | null)[];
export type TableRows = { table: string; columns: readonly string[]; rows: readonly Row[] };

/** What costs much with each row, as statements that drop it and bring it back. */
type Aside = { drop: string; restore: string };

const ASIDE = `
  select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
    format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
      as restore
  from pg_constraint where contype = 'f' and conrelid = any($1::regclass[])
  union all
  select format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
  from pg_index i where indrelid = any($1::regclass[])
    and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`;

export type BulkLoad = {
  add(rows: TableRows): Promise<void>;
  /** Brings the indexes back, and the foreign keys, which checks them. */
  restore(): Promise<void>;
  commit(): Promise<void>;
  /** After the commit: statistics, and pages that index-only scans may read. */
  vacuum(): Promise<void>;
  rollback(): Promise<void>;
};

const ESCAPED: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value in PostgreSQL's text format for COPY. */
const textOf = (value: string | number | null): string => {
  if (value === null) return '\\N';
  if (typeof value === 'number') return String(value);
  return value.replaceAll(/[\\\t\n\r]/g, (sign) => ESCAPED[sign] ?? '');
};

export const copyRows = async (client: Client, { table, columns, rows }: TableRows): Promise<void> => {
  if (rows.length === 0) return;
  const list = columns.map(escapeIdentifier).join(', ');
  let text = '';
  for (const row of rows) text += `${row.map(textOf).join('\t')}\n`;
  const target = client.query(copyFrom(`copy ${escapeIdentifier(table)} (${list}) from stdin`));
  await pipeline(Readable.from([text]), target);
};

/**
 * Begins a transaction that fills tables without their indexes, foreign keys and triggers. Other users of the
 * tables wait until its end; a process that dies leaves nothing.
 * @param keepTriggers for tables whose triggers fill columns; other triggers only check what is right here
 */
export const beginBulkLoad = async (
  client: Client,
  tables: readonly string[],
  { keepTriggers = false } = {},
): Promise<BulkLoad> => {
  const names = tables.map(escapeIdentifier);
  const setTriggers = async (state: 'enable' | 'disable'): Promise<void> => {
    if (keepTriggers) return;
    for (const name of names) await client.query(`alter table ${name} ${state} trigger user`);
  };
  await client.query('begin');
  await client.query("set local maintenance_work_mem = '512MB'");
  const { rows: aside } = await client.query<Aside>(ASIDE, [tables]);
  for (const { drop } of aside) await client.query(drop);
  await setTriggers('disable');
  return {
    add: (rows) => copyRows(client, rows),
    restore: async () => {
      for (const { restore } of aside.toReversed()) await client.query(restore);
      await setTriggers('enable');
    },
    commit: async () => {
      await client.query('commit');
    },
    vacuum: async () => {
      await client.query(`vacuum (analyze) ${names.join(', ')}`);
    },
    rollback: async () => {
      await client.query('rollback').catch(() => undefined);
    },
  };
};
