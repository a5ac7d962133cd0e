import { escapeIdentifier, type Client } from 'pg';
import { readMigrations } from '../../broker/postgres/migration-files.ts';
import { depthOnRabbitmq } from '../../broker/events/queue-depth.ts';
import { channelsOf } from '../../broker/events/rabbitmq-dead-letters.ts';
import { queueOf } from '../../broker/events/topology.ts';
import { subscribingServices } from '../events/declare-events.ts';
import { UsageError, type System } from '../events/system.ts';
import { connectTo, type Place } from './connect.ts';
import type { DatabaseInFile, Manifest } from './manifest.ts';
import { listMigrations, listTables } from './tables.ts';

/** A database of the file with its place in the system to restore. */
export type Target = { place: Place; migrations: URL; inFile: DatabaseInFile };

/** @throws UsageError when the file has a database for which this system has no place */
export const targetsFor = (
  { databases }: Manifest,
  { definitions }: System,
  places: readonly Place[],
): Target[] =>
  databases.map((inFile) => {
    const { service } = inFile;
    const place = places.find((one) => one.service === service);
    const definition = definitions.find(({ contract }) => contract.service === service);
    if (!place || !definition?.database)
      throw new UsageError(`The file has a database of ${service}, which this system does not have.`);
    return { place, migrations: definition.database.migrations, inFile };
  });

/** The first table with a row that no migration has inserted. Those are of the migrations' transactions. */
const firstRowOf = async (client: Client): Promise<string | null> => {
  const isMigrated = (await listMigrations(client)).length > 0;
  const others = isMigrated ? 'where xmin::text not in (select xmin::text from migrations)' : '';
  for (const { name } of await listTables(client)) {
    const { rowCount } = await client.query(`select from ${escapeIdentifier(name)} ${others} limit 1`);
    if (rowCount !== 0) return name;
  }
  return null;
};

/** The name of another program of Payloom that is connected to this database. */
export const otherOf = async (client: Client): Promise<string | null> => {
  const { rows } = await client.query<{ name: string }>(
    `select application_name as name from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and application_name like 'payloom %'
       and application_name <> 'payloom events' limit 1`,
  );
  return rows[0]?.name ?? null;
};

const checkDatabase = async ({ place, migrations, inFile }: Target): Promise<void> => {
  const { service } = place;
  const known = (await readMigrations(migrations)).map(({ name }) => name);
  const newer = inFile.migrations.filter((name) => !known.includes(name));
  if (newer.length > 0)
    throw new UsageError(
      `The file was made by a newer version, with ${newer[0]} of ${service}: update this program.`,
    );
  const client = await connectTo(place, 'restore');
  try {
    const other = await otherOf(client);
    if (other) throw new UsageError(`The process "${other}" runs on this system: stop all processes first.`);
    const table = await firstRowOf(client);
    if (table)
      throw new UsageError(
        `The database of ${service} is not empty: its table ${table} has rows. Restore into an empty system.`,
      );
    const more = (await listMigrations(client)).filter((name) => !inFile.migrations.includes(name));
    if (more.length > 0)
      throw new UsageError(
        `The database of ${service} has tables of a newer version than the file (${more[0]}): empty it.`,
      );
  } finally {
    await client.end();
  }
};

/**
 * @throws UsageError when the system is not empty, when a process runs on it, or when the file does not fit
 */
export const checkTarget = async (
  { rabbitmq }: Manifest,
  { model, definitions }: System,
  targets: readonly Target[],
): Promise<void> => {
  if (rabbitmq && !model)
    throw new UsageError('The file is of a system with RabbitMQ: restore into one with RABBITMQ_URL.');
  if (!rabbitmq && model)
    throw new UsageError('The file is of an instance without RabbitMQ: restore into such an instance.');
  for (const target of targets) await checkDatabase(target);
  for (const { service } of model ? subscribingServices(definitions) : []) {
    const depth = model && (await depthOnRabbitmq(channelsOf(model), service));
    if (depth && depth.waiting + (depth.consumers ?? 0) > 0)
      throw new UsageError(
        `The queue ${queueOf(service)} is not empty, or is consumed: restore into an empty system.`,
      );
  }
};
