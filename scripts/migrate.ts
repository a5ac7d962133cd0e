import { existsSync } from 'node:fs';
import { AppError } from '../broker/calls/errors.ts';
import { systemClock } from '../broker/process/clock.ts';
import { postgresUrl, processEnv } from '../broker/process/config.ts';
import { createLogger } from '../broker/process/logger.ts';
import { openDatabase } from '../broker/postgres/database.ts';
import { migrate } from '../broker/postgres/migrations.ts';
import { findServices } from '../broker/process/find-services.ts';
import { ensureDatabase } from './ensure-database.ts';

const HELP = `npm run migrate
Migrates the databases of all services (or of those that SERVICES names) while their processes serve.
Can be repeated: each migration is recorded when it has ended, and a run that was cut off is continued.
Of several runs one migrates a database, the others wait for it. The addresses are read from variables such
as PAYMENTS_DATABASE_URL; each must lead to PostgreSQL itself or to a pooler in session mode. POSTGRES_URL, a
login that may create databases and roles, creates those of the services where they are missing.
RabbitMQ's queues: npm run events -- upgrade.`;

/** An `unavailable` has the reason of PostgreSQL or of the network as its cause. */
const reasonOf = (error: unknown): string => {
  const { cause, message } = error as Error;
  return error instanceof AppError && cause instanceof Error ? cause.message : message;
};

/** Migrates the services' databases; in production no service does so at its start. */
const run = async (): Promise<void> => {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const env = processEnv();
  const log = createLogger({ level: 'warn' });
  for (const { contract, database } of await findServices(env)) {
    if (!database) continue;
    const { data: url, error } = postgresUrl.safeParse(env[database.env]);
    if (error) throw new Error(`${database.env} ${error.issues[0]?.message}`);
    if (env['POSTGRES_URL']) await ensureDatabase(env['POSTGRES_URL'], url);
    const db = openDatabase({ url, poolSize: 1, name: contract.service, log });
    try {
      const names = await migrate(db, database.migrations, systemClock, log);
      console.log(`${contract.service}: ${names.length === 0 ? 'up to date' : names.join(', ')}`);
    } catch (failed) {
      throw new Error(`${contract.service}: ${reasonOf(failed)}`, { cause: failed });
    } finally {
      await db.close();
    }
  }
};

if (process.argv.includes('--help')) console.log(HELP);
else {
  run().catch((error: unknown) => {
    console.error(`migrate: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
