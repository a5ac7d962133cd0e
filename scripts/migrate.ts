import { existsSync } from 'node:fs';
import { AppError } from '../broker/calls/errors.ts';
import { systemClock } from '../broker/process/clock.ts';
import { postgresUrl, processEnv, type Env } from '../broker/process/config.ts';
import { createLogger, type Logger } from '../broker/process/logger.ts';
import { openDatabase } from '../broker/postgres/database.ts';
import { grantAccess } from '../broker/postgres/access.ts';
import { migrate } from '../broker/postgres/migrations.ts';
import { findServices } from '../broker/process/find-services.ts';
import type { AnyServiceDefinition } from '../broker/process/service.ts';
import { ensureDatabase, ensureLogin } from './ensure-database.ts';

const HELP = `npm run migrate
Migrates the databases of all services (or of those that SERVICES names) while their processes serve.
Can be repeated: each migration is recorded when it has ended, and a run that was cut off is continued.
Of several runs one migrates a database, the others wait for it. The addresses are read from variables such
as PAYMENTS_DATABASE_URL, for admin also ADMIN_OWNER_DATABASE_URL with the role that owns its tables; each
must lead to PostgreSQL itself or to a pooler in session mode. POSTGRES_URL, a login that may create databases
and roles, creates those of the services where they are missing.
RabbitMQ's queues: npm run events -- upgrade.`;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const DISK_FULL = '53100';

/** An `unavailable` has the reason of PostgreSQL or of the network as its cause. */
const reasonOf = (error: unknown): string => {
  const { cause } = error as Error;
  const { code, message } = (error instanceof AppError && cause ? cause : error) as Error & { code?: string };
  return code === DISK_FULL
    ? `The disk of PostgreSQL is full: free some space or enlarge it, then run this again (${message}).`
    : message;
};

const addressIn = (env: Env, variable: string): string => {
  const { data: url, error } = postgresUrl.safeParse(env[variable]);
  if (error) throw new Error(`${variable} ${error.issues[0]?.message}`);
  return url;
};

/** The address of the service, and that of the role which owns the tables: mostly the same. */
const addressesOf = (database: NonNullable<AnyServiceDefinition['database']>, env: Env) => {
  const url = addressIn(env, database.env);
  const { ownerEnv } = database;
  return { url, ownerUrl: ownerEnv && env[ownerEnv] ? addressIn(env, ownerEnv) : url };
};

type WithDatabase = AnyServiceDefinition & { database: NonNullable<AnyServiceDefinition['database']> };

/** @returns the names of the migrations that have run */
const migrateService = async (
  { contract, database }: WithDatabase,
  env: Env,
  log: Logger,
): Promise<string[]> => {
  const { url, ownerUrl } = addressesOf(database, env);
  if (env['POSTGRES_URL']) {
    await ensureDatabase(env['POSTGRES_URL'], ownerUrl);
    if (url !== ownerUrl) await ensureLogin(env['POSTGRES_URL'], url);
  }
  const db = openDatabase({ url: ownerUrl, poolSize: 1, name: contract.service, log });
  try {
    const names = await migrate(db, database.migrations, systemClock, log);
    await grantAccess(db, url, database.appendOnly ?? []);
    return names;
  } finally {
    await db.close();
  }
};

/** Migrates the services' databases; in production no service does so at its start. */
const run = async (): Promise<void> => {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const env = processEnv();
  const log = createLogger({ level: 'warn' });
  for (const definition of await findServices(env)) {
    const { contract, database } = definition;
    if (!database) continue;
    const names = await migrateService({ ...definition, database }, env, log).catch((failed: unknown) => {
      throw new Error(`${contract.service}: ${reasonOf(failed)}`, { cause: failed });
    });
    console.log(`${contract.service}: ${names.length === 0 ? 'up to date' : names.join(', ')}`);
  }
};

if (process.argv.includes('--help')) console.log(HELP);
else {
  run().catch((error: unknown) => {
    console.error(`migrate: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
