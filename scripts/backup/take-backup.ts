import { Readable } from 'node:stream';
import { escapeIdentifier } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { EXCHANGE } from '../../broker/events/topology.ts';
import { subscribingServices } from '../events/declare-events.ts';
import { UsageError, type System } from '../events/system.ts';
import { openCommonPoint, type Snapshot } from './common-point.ts';
import { readDeadLetters } from './dead-letters.ts';
import {
  deadLettersEntry,
  FORMAT,
  tableEntry,
  type DatabaseInFile,
  type Entry,
  type Manifest,
  type RabbitmqInFile,
  type TableInFile,
} from './manifest.ts';
import { placesOf, type Source } from './systems.ts';
import { everyTwoSeconds, megabytes, type Say } from './progress.ts';
import { listMigrations, listSequences, type Table } from './tables.ts';
import { createBackup, type BackupWriter } from './write-file.ts';

/** What a backup contains, and how long writes waited for it. */
export type BackupReport = { manifest: Manifest; file: Entry; pausedMs: number };

const copyTable = async (
  { service, client }: Snapshot,
  { name, columns }: Table,
  file: BackupWriter,
  say: Say,
): Promise<TableInFile> => {
  const list = columns.map(escapeIdentifier).join(', ');
  const rows = client.query(copyTo(`copy ${escapeIdentifier(name)} (${list}) to stdout`));
  let sizeBytes = 0;
  rows.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    say(`${service}: ${name}, ${megabytes(sizeBytes)}`);
  });
  const entry = await file.add(tableEntry(service, name), rows);
  // The number of rows comes after their end, and before the answer to the next query.
  await client.query('select 1');
  return { name, columns, rows: rows.rowCount, ...entry };
};

const copyDatabase = async (snapshot: Snapshot, file: BackupWriter, say: Say): Promise<DatabaseInFile> => {
  const { service, client } = snapshot;
  const migrations = await listMigrations(client);
  const tables: TableInFile[] = [];
  for (const table of snapshot.tables) tables.push(await copyTable(snapshot, table, file, say));
  // Sequences have no snapshot; a later value is as good.
  return { service, migrations, tables, sequences: await listSequences(client) };
};

const copyRabbitmq = async (system: System, file: BackupWriter): Promise<RabbitmqInFile | null> => {
  const { model } = system;
  if (!model) return null;
  const queues = subscribingServices(system.definitions);
  const deadLetters: RabbitmqInFile['deadLetters'] = [];
  for (const { service } of queues) {
    const letters = await readDeadLetters(model, service);
    const content = Readable.from([Buffer.from(JSON.stringify(letters))]);
    const entry = await file.add(deadLettersEntry(service), content);
    deadLetters.push({ service, count: letters.length, ...entry });
  }
  return { exchange: EXCHANGE, queues, deadLetters };
};

const checkSource = ({ env }: Source): void => {
  if (env['RABBITMQ_URL'] && env['EVENTS_KEPT_DAYS'] === '0')
    throw new UsageError(
      'Published events are not kept (EVENTS_KEPT_DAYS=0), so those that wait in RabbitMQ would be ' +
        'missing: keep them for a day or more.',
    );
};

/**
 * Writes all databases, as they were at one moment, and the dead letters on RabbitMQ to a file.
 * @param say prints a line of progress
 * @throws UsageError when a server cannot be used or the file cannot be written; no file is left then
 */
export const takeBackup = async (source: Source, path: string, say: Say): Promise<BackupReport> => {
  checkSource(source);
  const places = placesOf(source.system.definitions, source.env);
  const file = createBackup(path);
  try {
    const point = await openCommonPoint(places);
    try {
      const progress = everyTwoSeconds(say);
      // After the point: a dead letter that was replayed before it is in an inbox or in no queue.
      const rabbitmq = await copyRabbitmq(source.system, file);
      const databases: DatabaseInFile[] = [];
      for (const snapshot of point.snapshots) databases.push(await copyDatabase(snapshot, file, progress));
      const at = point.at.toISOString();
      const manifest: Manifest = { format: FORMAT, system: source.name, at, databases, rabbitmq };
      return { manifest, file: await file.finish(manifest), pausedMs: point.pausedMs };
    } finally {
      await point.close();
    }
  } catch (error) {
    await file.abandon();
    throw error;
  }
};
