// npm run stack: the distributed system on this machine. See HELP.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ask, NotRunning } from './control.ts';
import { publicUrlOf } from './environment.ts';
import { folderOf, readState } from './folder.ts';
import { showLogs } from './logs.ts';
import { tableOf } from './table.ts';
import type { Status } from './unit.ts';
import { down, forget, readOverrides, statusOf, up } from './up.ts';

const HELP = `npm run stack -- [COMMAND] [OPTIONS]     the distributed system on this machine, without Docker

  up                     starts it (what is said when no command is)
  down [--delete]        ends it; --delete forgets its data as well
  status [--json]        what runs where
  logs NAME [--follow]   the output of a service, a process (payments-2) or a server (rabbitmq-1)
  restart NAME           a service one process after the other, or one process, or a server
  scale SERVICE=N ...       runs a service so many times; remembered
  stop NAME [--kill]     keeps a process or a server down (--kill: as a power cut would)
  start NAME             until it is started again

  --name NAME            several stacks live side by side; this is "default" without it
  --port BASE            gateways at BASE + 1 and 2, everything else above (3000, or free; remembered)
  --brokers 3            RabbitMQ as a cluster of three
  --no-demo              an empty platform
  --scale SERVICE=N         with up: how many processes of a service
  --env FILE             with up: JSON that gives services (or "*") variables of their own

POSTGRES_URL (of somebody who may make databases), REDIS_URL and RABBITMQ_URL name servers to use
instead of own ones; they are remembered.`;

// A reader such as `head` may leave early.
process.stdout.on('error', () => process.exit(0));
const say = (text: string): void => void process.stdout.write(`${text}\n`);

const parsed = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        name: { type: 'string', default: 'default' },
        port: { type: 'string' },
        brokers: { type: 'string' },
        'no-demo': { type: 'boolean' },
        scale: { type: 'string', multiple: true, default: [] },
        env: { type: 'string' },
        delete: { type: 'boolean' },
        follow: { type: 'boolean', short: 'f' },
        kill: { type: 'boolean' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    process.stderr.write(`stack: ${(error as Error).message}\n`);
    process.exit(1);
  }
})();
const { values, positionals } = parsed;
const [command = 'up', ...args] = positionals;
const { name } = values;
const folder = folderOf(name);

const readCounts = (texts: readonly string[]): Record<string, number> =>
  Object.fromEntries(
    texts.map((text) => {
      const [, service, count] = /^([a-z][a-z-]*)=(\d{1,2})$/.exec(text) ?? [];
      if (!service) throw new Error(`"${text}" is not of the form payments=3.`);
      return [service, Number(count)];
    }),
  );

const readPort = (): number | undefined => {
  if (values.port === undefined) return undefined;
  const port = Number(values.port);
  if (Number.isInteger(port) && port >= 1024 && port <= 65_400) return port;
  throw new Error('--port takes a number from 1024 to 65400.');
};

const readBrokers = (): 1 | 3 | undefined => {
  if (values.brokers === undefined) return undefined;
  if (values.brokers === '1' || values.brokers === '3') return Number(values.brokers) as 1 | 3;
  throw new Error('--brokers takes 1 or 3.');
};

const signals = ({ name: own }: Status): string => {
  const state = readState(folderOf(own));
  if (!state) return '';
  const url = publicUrlOf(state);
  const { secrets } = state;
  const option = own === 'default' ? '' : ` --name ${own}`;
  const demo = [
    '  Sign in as     customer@example.com, vendor@example.com or admin@example.com',
    '  Password       TestPassword123!',
  ];
  return [
    `Payloom is ready at ${url}`,
    ...(state.demo ? demo : []),
    `  API docs       ${url}/api/docs`,
    `  Processor      secret key ${secrets['processor key']}, webhooks ${secrets['processor webhooks']}`,
    `  Ends with      npm run stack -- down${option}`,
  ].join('\n');
};

const runUp = async (): Promise<void> => {
  const startedMs = performance.now();
  let interrupted = false;
  process.once('SIGINT', () => {
    interrupted = true;
    say('ending what has been started');
    void down(folder);
  });
  const options = {
    name,
    base: readPort(),
    brokers: readBrokers(),
    demo: values['no-demo'] ? false : undefined,
    overrides: values.env === undefined ? undefined : readOverrides(values.env),
    replicas: readCounts(values.scale),
  };
  const status = await up(options, say).catch((error: unknown) => {
    throw interrupted ? new Error('The start was interrupted.') : error;
  });
  say(`\n${tableOf(status)}\n\n${signals(status)}`);
  say(`  Took           ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
};

const runDown = async (): Promise<void> => {
  if (!existsSync(folder)) throw new Error(`There is no stack "${name}".`);
  const state = readState(folder);
  const was = await down(folder);
  const what = was ? `The stack "${name}" has ended` : `The stack "${name}" was not running`;
  if (!values.delete) return say(`${what}; its data is in ${folder}.`);
  await forget(folder);
  say(`${what}; its data is deleted.`);
  if (state?.given.postgres) say(`The databases payloom_${name}_* on the server of POSTGRES_URL stay.`);
};

const runStatus = async (): Promise<void> => {
  const status = await statusOf(folder);
  if (!status) throw new NotRunning();
  say(values.json ? JSON.stringify(status, null, 2) : tableOf(status));
};

/** Asks the supervisor to do something to a thing by its name. */
const tell = async (verb: string, ...more: string[]): Promise<void> => {
  if (!args[0]) throw new Error(`Say what to ${verb}: npm run stack -- ${verb} payments`);
  await ask(folder, verb, [args[0], ...more], say);
  await runStatus();
};

const runScale = async (): Promise<void> => {
  const counts = Object.entries(readCounts(args));
  if (counts.length === 0) throw new Error('Say how many: npm run stack -- scale payments=3');
  for (const [service, count] of counts) await ask(folder, 'scale', [service, String(count)], say);
  await runStatus();
};

const commands: Readonly<Record<string, () => Promise<void> | void>> = {
  up: runUp,
  down: runDown,
  status: runStatus,
  logs: () => showLogs(folder, args[0], values.follow ?? false),
  restart: () => tell('restart'),
  scale: runScale,
  stop: () => tell('stop', ...(values.kill ? ['SIGKILL'] : [])),
  start: () => tell('start'),
  help: () => say(HELP),
};

const run = commands[values.help ? 'help' : command];
try {
  if (!run) throw new Error(`There is no command "${command}". npm run stack -- help lists them.`);
  if (!/^[a-z][a-z0-9-]{0,20}$/.test(name))
    throw new Error('--name takes small letters, digits and hyphens.');
  await run();
} catch (error) {
  const absent = `The stack "${name}" is not running; npm run stack starts it.`;
  process.stderr.write(`stack: ${error instanceof NotRunning ? absent : (error as Error).message}\n`);
  process.exitCode = 1;
}
