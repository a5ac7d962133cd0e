import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { openDatabase, type Database } from '../postgres/database.ts';
import { splitSql } from '../postgres/migration-files.ts';
import { migrate } from '../postgres/migrations.ts';
import { systemClock } from '../process/clock.ts';
import { createLogger } from '../process/logger.ts';
import { throwAwayDatabase } from './throw-away-database.ts';

export type TestDatabase = {
  url: string;
  db: Database;
  /** Runs the broker's migrations and those of the folder. @returns the names of those that ran */
  migrate(folder: URL): Promise<string[]>;
  /** Runs these migrations as an earlier version did, without the broker's others and their checks. */
  migrateAsBefore(files: readonly URL[]): Promise<void>;
  end(): Promise<void>;
};

const log = createLogger({ level: 'silent' });
const withoutChecks = (sql: string): string => sql.replaceAll(/-- check (before|after)[^;]*;/g, '');

const migrateAsBefore = async (db: Database, files: readonly URL[]): Promise<void> => {
  await db.query('create table migrations (name text primary key, run_at timestamptz not null)');
  for (const file of files) {
    for (const statement of splitSql(withoutChecks(await readFile(file, 'utf8')))) await db.query(statement);
    await db.query('insert into migrations values ($1, now())', [basename(file.pathname)]);
  }
};

type Options = {
  poolSize?: number;
  name?: string;
  /** Migrations that have run; an empty database without. */
  migrations?: URL;
};

/** A throw-away database with a pool of connections to it. */
export const openTestDatabase = async ({
  poolSize = 2,
  name = 'test',
  migrations,
}: Options = {}): Promise<TestDatabase> => {
  const { url, drop } = await throwAwayDatabase(migrations);
  const db = openDatabase({ url, poolSize, name, log });
  return {
    url,
    db,
    migrate: (folder) => migrate(db, folder, systemClock, log),
    migrateAsBefore: (files) => migrateAsBefore(db, files),
    end: async () => {
      await db.close();
      await drop();
    },
  };
};

/** A throw-away database with the migrations of a service, and no service on it. */
export const migratedDatabase = (migrations: URL): Promise<TestDatabase> => openTestDatabase({ migrations });
