// `npm run backup`: a consistent copy of a running system in one file. See HELP.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '../../broker/process/clock.ts';
import { UsageError } from '../events/system.ts';
import { findSource } from './systems.ts';
import { takeBackup, type BackupReport } from './take-backup.ts';
import { megabytes } from './progress.ts';

const HELP = `npm run backup [-- FILE] [--stack NAME]
Writes all databases, as they were at one moment, and the dead letters on RabbitMQ to one file, while the
system serves. The file is compressed and has checksums; npm run restore reads it. Without FILE it is a new
one in .payloom/backups/. It holds personal data and password hashes, and no secret of the configuration: keep
it where only operators read it, and AUTH_KEY_SEAL apart from it.
  --stack NAME   a stack (npm run stack); otherwise the servers of RABBITMQ_URL and the services' database
                 variables, or else the instance on PORT
SERVICES names the services of a system that does not have all.
Exit code 0: the file is whole. 1: there is no file. 2: the arguments are wrong or a server cannot be used.`;

const FOLDER = '.payloom/backups';

const readArguments = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { stack: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`);
  }
};

const fileFor = (name: string): string => {
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  const moment = systemClock
    .now()
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '');
  return join(FOLDER, `${name}-${moment}.zip`);
};

const summary = (path: string, { manifest, file, pausedMs }: BackupReport, tookMs: number): string => {
  const { databases, rabbitmq } = manifest;
  const rows = databases.flatMap(({ tables }) => tables).reduce((sum, table) => sum + table.rows, 0);
  const letters = rabbitmq?.deadLetters.reduce((sum, { count }) => sum + count, 0);
  return [
    `${path}: ${megabytes(file.sizeBytes)} in ${(tookMs / 1_000).toFixed(1)} s`,
    `  Moment         ${manifest.at}; what was acknowledged before is in the file`,
    `  Databases      ${databases.map(({ service }) => service).join(', ')}: ${rows} rows`,
    ...(letters === undefined ? [] : [`  Dead letters   ${letters}`]),
    `  Writes waited  ${Math.ceil(pausedMs)} ms at most`,
    `  SHA-256        ${file.sha256}`,
  ].join('\n');
};

const run = async (): Promise<string> => {
  const { values, positionals } = readArguments();
  if (values.help) return HELP;
  if (positionals.length > 1) throw new UsageError('Give one file.');
  const startedMs = performance.now();
  const source = await findSource(values.stack);
  try {
    const path = positionals[0] ?? fileFor(source.name);
    const report = await takeBackup(source, path, (line) => console.error(line));
    return summary(path, report, performance.now() - startedMs);
  } finally {
    await source.close();
  }
};

run().then(
  (text) => console.log(text),
  (error: unknown) => {
    console.error(`backup: ${(error as Error).message}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
