import { existsSync } from 'node:fs';
import { postgresUrl, processEnv, type Env } from '../../../broker/process/config.ts';
import type { Place } from '../../backup/connect.ts';
import { UsageError } from '../../events/system.ts';
import type { TargetDatabase } from '../mapping/table-mapping.ts';

/** How a service's definition describes its database. The definitions themselves would cost memory. */
export type DatabaseOf = {
  env: string;
  ownerEnv?: string;
  appendOnly?: readonly string[];
  migrations: URL;
};

const migrationsOf = (database: TargetDatabase): URL =>
  new URL(`../../../services/${database}/migrations/`, import.meta.url);

/** The databases that are filled. */
export const DATABASES: Readonly<Record<TargetDatabase, DatabaseOf>> = {
  auth: { env: 'AUTH_DATABASE_URL', migrations: migrationsOf('auth') },
  payments: { env: 'PAYMENTS_DATABASE_URL', migrations: migrationsOf('payments') },
  profile: { env: 'PROFILE_DATABASE_URL', migrations: migrationsOf('profile') },
  admin: {
    env: 'ADMIN_DATABASE_URL',
    ownerEnv: 'ADMIN_OWNER_DATABASE_URL',
    appendOnly: ['entries', 'entry_people', 'chain', 'checkpoints', 'setting_changes'],
    migrations: migrationsOf('admin'),
  },
};

export const DATABASE_NAMES = Object.keys(DATABASES) as TargetDatabase[];

/**
 * The address of a database, by the role that owns it.
 * @throws UsageError when it is missing
 */
export const placeOf = (database: TargetDatabase, given: Env): Place => {
  const { env, ownerEnv, appendOnly } = DATABASES[database];
  const { data: url, error } = postgresUrl.safeParse(given[env]);
  if (error) throw new UsageError(`${env} ${error.issues[0]?.message}.`);
  const ownerUrl = ownerEnv && given[ownerEnv];
  if (!ownerUrl) return { service: database, url };
  return { service: database, url: ownerUrl, login: { url, appendOnly: appendOnly ?? [] } };
};

/** Addresses of the databases, until `close`. */
export type Addresses = { env: Env; close(): Promise<void> };

/**
 * The addresses in the environment, or else those of a stack or of the instance on PORT.
 * @param canRun whether the instance itself may run
 */
export const findAddresses = async (stack: string | undefined, canRun: boolean): Promise<Addresses> => {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const env = processEnv();
  const isGiven = Object.values(DATABASES).some((one) => env[one.env]);
  if (stack === undefined && isGiven) return { env, close: async () => undefined };
  // These load all services, which costs memory.
  if (stack !== undefined) {
    const { operatorEnv } = await import('../../stack/client.ts');
    return { env: await operatorEnv(stack), close: async () => undefined };
  }
  const { openInstance } = await import('../../backup/systems.ts');
  return openInstance(canRun);
};
