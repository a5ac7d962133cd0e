import { pipeline } from 'node:stream/promises';
import { escapeIdentifier, type Client } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { grantAccess } from '../../broker/postgres/access.ts';
import { openDatabase } from '../../broker/postgres/database.ts';
import { migrate } from '../../broker/postgres/migrations.ts';
import { systemClock } from '../../broker/process/clock.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { OLD_IDS } from '../poc2/mapping/ids.ts';
import { CREATE_RECORDS, HASHES } from '../poc2/copy/records.ts';
import { connectTo, type Place } from './connect.ts';
import { tableEntry, type DatabaseInFile, type TableInFile } from './manifest.ts';
import type { Say } from './progress.ts';
import type { BackupFile } from './read-file.ts';

const log = createLogger({ level: 'silent' });

/**
 * Migrates a database and lets its service use the tables.
 * @param only the names of the migrations that may run; by default all
 */
export const migrateAt = async ({ service, url, login }: Place, folder: URL, only?: readonly string[]) => {
  const db = openDatabase({ url, poolSize: 1, name: service, log });
  try {
    await migrate(db, folder, systemClock, log, { only });
    if (login) await grantAccess(db, login.url, login.appendOnly);
  } finally {
    await db.close();
  }
};

const fillTable = async (
  client: Client,
  { name, columns, rows }: TableInFile,
  entry: string,
  file: BackupFile,
): Promise<void> => {
  const list = columns.map(escapeIdentifier).join(', ');
  const target = client.query(copyFrom(`copy ${escapeIdentifier(name)} (${list}) from stdin`));
  await pipeline(await file.read(entry), target);
  if (target.rowCount !== rows) throw new Error(`${entry} has ${target.rowCount} rows instead of ${rows}`);
};

const inTransaction = async (client: Client, run: () => Promise<void>): Promise<void> => {
  await client.query('begin');
  try {
    await run();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
};

/**
 * Fills the tables of an empty database, which has the migrations of the one in the file, in one transaction.
 * Foreign keys and other constraints are checked; triggers do not run, because their effects are in the file.
 */
export const loadDatabase = async (
  place: Place,
  { service, tables, sequences }: DatabaseInFile,
  file: BackupFile,
  say: Say,
): Promise<void> => {
  const client = await connectTo(place, 'restore');
  try {
    await inTransaction(client, async () => {
      // No migration makes them.
      if (tables.some(({ name }) => name === OLD_IDS.table)) await client.query(CREATE_RECORDS);
      if (tables.some(({ name }) => name === HASHES.table)) await client.query(HASHES.create);
      const names = tables.map(({ name }) => escapeIdentifier(name));
      // Rows that a migration inserts are in the file too.
      if (names.length > 0) await client.query(`truncate ${names.join(', ')}`);
      for (const name of names) await client.query(`alter table ${name} disable trigger user`);
      for (const table of tables) {
        say(`${service}: ${table.name}, ${table.rows} rows`);
        await fillTable(client, table, tableEntry(service, table.name), file);
      }
      for (const name of names) await client.query(`alter table ${name} enable trigger user`);
      for (const { name, last } of sequences)
        await client.query('select setval($1::regclass, $2)', [escapeIdentifier(name), last]);
    });
    // Without statistics the first queries would read whole tables.
    await client.query('analyze');
  } finally {
    await client.end();
  }
};
