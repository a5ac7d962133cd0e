// `npm run restore`: fills an empty system from a file of `npm run backup`. See HELP.
import { parseArgs } from 'node:util';
import { processEnv, type Env } from '../../broker/process/config.ts';
import { allServices } from '../../broker/process/find-services.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { ensureDatabase, ensureLogin } from '../ensure-database.ts';
import { UsageError } from '../events/system.ts';
import { operatorEnv } from '../stack/client.ts';
import { folderOf } from '../stack/folder.ts';
import { down, statusOf, up } from '../stack/up.ts';
import { openBackup } from './read-file.ts';
import { everyTwoSeconds } from './progress.ts';
import { restoreBackup, type RestoreReport } from './restore-backup.ts';
import { givenEnv, openInstance, openSource, placesOf, type Source } from './systems.ts';

const HELP = `npm run restore -- FILE [--stack NAME [--port BASE]]
Fills an empty system from a file of npm run backup: databases, dead letters, and the events that had not
reached their subscribers. All of the file is checked first. No process of Payloom may run on the system.
  --stack NAME   a stack (npm run stack), which is made if there is none of this name
  --port BASE    its ports, as npm run stack takes it
Without --stack: the servers of RABBITMQ_URL and the services' database variables, or else the instance on
PORT. POSTGRES_URL, a login that may create databases and roles, makes those that are missing.
Set AUTH_KEY_SEAL to that of the backed up system, and access tokens stay valid; with another one the signing
keys are left out, auth makes new ones, and sessions go on.
Exit code 0: restored. 1: it did not finish, and the system must be deleted. 2: refused, nothing changed.`;

const say = (line: string): void => console.error(line);

const readArguments = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        stack: { type: 'string' },
        port: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split('. ')[0]}.`);
  }
};

/** Starts the servers of a stack without its processes, until `close`. */
const openStackServers = async (name: string, port: string | undefined): Promise<Source> => {
  const folder = folderOf(name);
  if (await statusOf(folder))
    throw new UsageError(`The stack "${name}" is running: stop it, or restore under another name.`);
  await up(
    { name, base: port === undefined ? undefined : Number(port), demo: false, serversOnly: true },
    say,
  );
  const stop = async () => void (await down(folder));
  return openSource(name, await operatorEnv(name), stop);
};

/** Makes the databases and roles that are missing, with the login of POSTGRES_URL. */
const makeDatabases = async (definitions: readonly AnyServiceDefinition[], env: Env): Promise<void> => {
  const owner = env['POSTGRES_URL'];
  for (const { url, login } of owner ? placesOf(definitions, env) : []) {
    await ensureDatabase(owner ?? '', url);
    if (login) await ensureLogin(owner ?? '', login.url);
  }
};

const openTarget = async (stack: string | undefined, port: string | undefined): Promise<Source> => {
  if (stack !== undefined) return openStackServers(stack, port);
  const definitions = await allServices(processEnv());
  const given = givenEnv(definitions);
  if (!given) return openInstance(false);
  await makeDatabases(definitions, given);
  return openSource('system', given);
};

const summary = (
  { manifest, sent, deadLetters, signingKeys }: RestoreReport,
  stack: string | undefined,
  tookMs: number,
): string => {
  const rows = manifest.databases.flatMap(({ tables }) => tables).reduce((sum, table) => sum + table.rows, 0);
  const waiting = manifest.databases
    .flatMap(({ tables }) => tables.filter(({ name }) => name === 'outbox'))
    .reduce((sum, table) => sum + table.rows, 0);
  const queues = Object.entries(sent).map(([service, count]) => `${count} for ${service}`);
  return [
    `Restored ${manifest.system} as it was at ${manifest.at}, in ${(tookMs / 1_000).toFixed(1)} s`,
    `  Rows           ${rows}`,
    `  Events         ${waiting} in outboxes${queues.length > 0 ? `; in queues: ${queues.join(', ')}` : ''}`,
    `  Dead letters   ${deadLetters}`,
    `  Signing keys   ${signingKeys}`,
    ...(stack === undefined ? [] : [`  Start it with  npm run stack -- --name ${stack}`]),
  ].join('\n');
};

const run = async (): Promise<string> => {
  const { values, positionals } = readArguments();
  if (values.help) return HELP;
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0)
    throw new UsageError('Name one file: npm run restore -- FILE --stack NAME');
  const startedMs = performance.now();
  const file = await openBackup(path, everyTwoSeconds(say));
  try {
    const target = await openTarget(values.stack, values.port);
    try {
      const report = await restoreBackup(target, file, say);
      return summary(report, values.stack, performance.now() - startedMs);
    } finally {
      await target.close();
    }
  } finally {
    file.close();
  }
};

run().then(
  (text) => console.log(text),
  (error: unknown) => {
    console.error(`restore: ${(error as Error).message}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
