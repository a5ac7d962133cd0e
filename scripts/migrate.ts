import { existsSync } from 'node:fs';
import { systemClock } from '../broker/process/clock.ts';
import { postgresUrl, processEnv } from '../broker/process/config.ts';
import { createLogger } from '../broker/process/logger.ts';
import { openDatabase } from '../broker/postgres/database.ts';
import { migrate } from '../broker/postgres/migrations.ts';
import { findServices } from '../broker/process/find-services.ts';

const HELP = `npm run migrate
Migrates the databases of all services (or of those that SERVICES names), each migration in one transaction.
Can be repeated and run several times in parallel. The addresses are read from variables such as
PAYMENTS_DATABASE_URL. RabbitMQ's queues: npm run events -- upgrade.`;

/** Migrates the services' databases; in production no service does so at its start. */
const run = async (): Promise<void> => {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const env = processEnv();
  const log = createLogger({ level: 'silent' });
  for (const { contract, database } of await findServices(env)) {
    if (!database) continue;
    const { data: url, error } = postgresUrl.safeParse(env[database.env]);
    if (error) throw new Error(`${database.env} ${error.issues[0]?.message}`);
    const db = openDatabase({ url, poolSize: 1, name: contract.service, log });
    try {
      const names = await migrate(db, database.migrations, systemClock, log);
      console.log(`${contract.service}: ${names.length === 0 ? 'up to date' : names.join(', ')}`);
    } catch (failed) {
      throw new Error(`${contract.service}: ${(failed as Error).message}`, { cause: failed });
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
