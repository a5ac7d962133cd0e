import { escapeIdentifier, type Client } from 'pg';
import type { Env } from '../../../broker/process/config.ts';
import { connectTo, type Place } from '../../backup/connect.ts';
import { UsageError } from '../../events/system.ts';
import type { TargetDatabase } from '../mapping/table-mapping.ts';
import { DATABASE_NAMES, DATABASES, placeOf } from './places.ts';

/** A connected database of a service. */
export type Target = { database: TargetDatabase; place: Place; migrations: URL; client: Client };
/** A table of a target. */
export type TargetTable = { database: TargetDatabase; table: string };

const OLDEST_TARGET = 150_000;

/** Held by the session that fills a database; the number is arbitrary. */
const COPY_LOCK = 7_026_002;
const LOCK_WAIT_MS = 5_000;

export const tableKey = ({ database, table }: TargetTable): string => `${database}.${table}`;

/** @throws UsageError when a server is older than this program's SQL */
export const checkVersion = (what: string, versionNumber: number, oldest: number): void => {
  if (versionNumber < oldest)
    throw new UsageError(
      `The PostgreSQL of ${what} is version ${Math.floor(versionNumber / 10_000)}; ` +
        `${oldest / 10_000} is the oldest that can be used.`,
    );
};

export const versionOf = async (client: Client): Promise<number> => {
  const { rows } = await client.query<{ version: number }>(
    "select current_setting('server_version_num')::int as version",
  );
  return rows[0]?.version ?? 0;
};

/**
 * Connects to the databases that are filled.
 * @throws UsageError when one cannot be used
 */
export const openTargets = async (env: Env): Promise<Target[]> => {
  const targets: Target[] = [];
  try {
    for (const database of DATABASE_NAMES) {
      const place = placeOf(database, env);
      const client = await connectTo(place, 'poc2');
      targets.push({ database, place, migrations: DATABASES[database].migrations, client });
      await client.query("set timezone = 'UTC'; set datestyle = 'ISO'; set bytea_output = 'hex'");
      await client.query("set client_connection_check_interval = '2s'").catch(() => undefined);
      checkVersion(database, await versionOf(client), OLDEST_TARGET);
    }
    return targets;
  } catch (error) {
    await closeTargets(targets);
    throw error;
  }
};

export const closeTargets = async (targets: readonly Target[]): Promise<void> => {
  for (const { client } of targets) await client.end().catch(() => undefined);
};

/** @throws Error when there is none */
export const targetOf = (targets: readonly Target[], database: TargetDatabase): Target => {
  const target = targets.find((one) => one.database === database);
  if (!target) throw new Error(`no connection to the database of ${database}`);
  return target;
};

/** SQLSTATE. */
const LOCK_TIMEOUT = '55P03';

/**
 * Keeps other runs off until `unlockTargets` or the end of the session. Who waits longest comes first. A run
 * that was killed may hold its lock for some seconds.
 * @param waitMs 0 for as long as it takes
 * @throws UsageError when another one works on a database
 */
export const lockTargets = async (targets: readonly Target[], waitMs = LOCK_WAIT_MS): Promise<void> => {
  for (const { database, client } of targets) {
    await client.query(`set lock_timeout = ${waitMs}`);
    try {
      await client.query('select pg_advisory_lock($1)', [COPY_LOCK]);
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_TIMEOUT) throw error;
      throw new UsageError(`Another run fills the database of ${database}: wait until it has ended.`);
    } finally {
      await client.query('set lock_timeout = 0').catch(() => undefined);
    }
  }
};

/** Lets other runs in. */
export const unlockTargets = async (targets: readonly Target[]): Promise<void> => {
  for (const { client } of targets) await client.query('select pg_advisory_unlock($1)', [COPY_LOCK]);
};

export const countRows = async (client: Client, table: string): Promise<number> => {
  const { rows } = await client.query<{ count: string }>(
    `select count(*) as count from ${escapeIdentifier(table)}`,
  );
  return Number(rows[0]?.count ?? 0);
};
