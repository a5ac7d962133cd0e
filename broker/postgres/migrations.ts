import { Umzug } from 'umzug';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import type { Database, Transaction } from './database.ts';
import { readMigrations, refuseUnknown, splitSql } from './migration-files.ts';

// One process migrates a database at a time; the number is arbitrary.
const LOCK = 7_041_862;

const check = async (tx: Transaction, name: string, when: 'before' | 'after', selects: string[]) => {
  for (const select of selects) {
    const rows = await tx.query<object>(select);
    if (rows.length > 0) {
      throw new Error(
        `${name}: ${rows.length} rows break the check ${when} it, the first: ${JSON.stringify(rows[0])}`,
      );
    }
  }
};

/**
 * Migrates a service's database: the broker's tables, then the service's, each file in one transaction with
 * its checks. A check is a SELECT of wrong rows: any row stops the migration and nothing is changed.
 * @returns the names of those that ran
 * @throws Error when a check fails, or when the database has a migration that this program does not have
 */
export const migrate = async (db: Database, folder: URL, clock: Clock, log: Logger): Promise<string[]> => {
  const files = await readMigrations(folder);
  return db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
    await tx.query(
      'create table if not exists migrations (name text primary key, run_at timestamptz not null)',
    );
    const executed = async () =>
      (await tx.query<{ name: string }>('select name from migrations order by name')).map((row) => row.name);
    const umzug = new Umzug({
      context: tx,
      logger: undefined,
      migrations: files.map(({ name, before, migrate: sql, after }) => ({
        name,
        up: async () => {
          await check(tx, name, 'before', before);
          for (const statement of splitSql(sql)) await tx.query(statement);
          await check(tx, name, 'after', after);
          log.info({ migration: name }, 'migrated');
        },
      })),
      storage: {
        logMigration: async ({ name }) => {
          await tx.query('insert into migrations (name, run_at) values ($1, $2)', [name, clock.now()]);
        },
        unlogMigration: async () => undefined,
        executed,
      },
    });
    refuseUnknown(
      await executed(),
      files.map((file) => file.name),
    );
    return (await umzug.up()).map((migration) => migration.name);
  });
};
