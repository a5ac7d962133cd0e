// npm run stack: the distributed system on this machine. See HELP.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { sendCommand, NotRunning } from './control.ts';
import { publicUrlOf } from './environment.ts';
import { folderOf, readState } from './folder.ts';
import { showLogs } from './logs.ts';
import { prometheusUrlOf } from './servers/prometheus.ts';
import { tableOf } from './table.ts';
import type { Status } from './unit.ts';
import { down, deleteStack, readOverrides, statusOf, up } from './up.ts';

const HELP = `npm run stack -- [COMMAND] [OPTIONS]     the distributed system on this machine, without Docker

  up                     starts it (the default)
  down [--delete]        stops it; --delete also deletes its data
  status [--json]        processes and servers with address, pid, memory and restarts
  logs NAME [--follow]   the output of a service, a process (payments-2) or a server (rabbitmq-1)
  restart NAME           a service (one process after the other), a process or a server
  scale SERVICE=N ...    sets the number of replicas of a service; remembered
  stop NAME [--kill]     stops a process, a service or a server until it is started (--kill: SIGKILL);
                         stop services: all processes of services
  start NAME [--no-wait] starts it again, and waits until it is ready

  --name NAME            one of several stacks (default: "default")
  --port BASE            gateways at BASE + 1 and 2, everything else above (3000, or free; remembered)
  --brokers 3            RabbitMQ as a cluster of three
  --observe              Prometheus beside it, with the metrics of all processes and the alerts
  --no-demo              no demo data
  --scale SERVICE=N      with up: the number of replicas of a service
  --env FILE             with up: JSON with variables by service, or for all ("*")

POSTGRES_URL (a login that may create databases), REDIS_URL and RABBITMQ_URL name servers to use
instead of the stack's own; they are remembered.`;

// A reader such as `head` may close the pipe early.
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
        observe: { type: 'boolean' },
        'no-demo': { type: 'boolean' },
        scale: { type: 'string', multiple: true, default: [] },
        env: { type: 'string' },
        delete: { type: 'boolean' },
        follow: { type: 'boolean', short: 'f' },
        kill: { type: 'boolean' },
        'no-wait': { type: 'boolean' },
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

const summary = ({ name: own }: Status): string => {
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
    ...(state.observe ? [`  Prometheus     ${prometheusUrlOf(state)}`] : []),
    `  Processor      secret key ${secrets['processor key']}, webhooks ${secrets['processor webhooks']}`,
    `  Stop with      npm run stack -- down${option}`,
  ].join('\n');
};

const runUp = async (): Promise<void> => {
  const startedMs = performance.now();
  let interrupted = false;
  process.once('SIGINT', () => {
    interrupted = true;
    say('stopping what has been started');
    void down(folder);
  });
  const options = {
    name,
    base: readPort(),
    brokers: readBrokers(),
    demo: values['no-demo'] ? false : undefined,
    observe: values.observe,
    overrides: values.env === undefined ? undefined : readOverrides(values.env),
    replicas: readCounts(values.scale),
  };
  const status = await up(options, say).catch((error: unknown) => {
    throw interrupted ? new Error('The start was interrupted.') : error;
  });
  say(`\n${tableOf(status)}\n\n${summary(status)}`);
  say(`  Took           ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
};

const runDown = async (): Promise<void> => {
  if (!existsSync(folder)) throw new Error(`There is no stack "${name}".`);
  const state = readState(folder);
  const was = await down(folder);
  const what = was ? `The stack "${name}" has stopped` : `The stack "${name}" was not running`;
  if (!values.delete) return say(`${what}; its data is in ${folder}.`);
  await deleteStack(folder);
  say(`${what}; its data is deleted.`);
  if (state?.given.postgres) say(`The databases payloom_${name}_* on the server of POSTGRES_URL stay.`);
};

const runStatus = async (): Promise<void> => {
  const status = await statusOf(folder);
  if (!status) throw new NotRunning();
  say(values.json ? JSON.stringify(status, null, 2) : tableOf(status));
};

/** Sends a command about a process, server or service to the supervisor, then prints the status. */
const control = async (verb: string, ...more: string[]): Promise<void> => {
  if (!args[0]) throw new Error(`Name what to ${verb}: npm run stack -- ${verb} payments`);
  await sendCommand(folder, verb, [args[0], ...more], say);
  await runStatus();
};

const runScale = async (): Promise<void> => {
  const counts = Object.entries(readCounts(args));
  if (counts.length === 0) throw new Error('Give a number of replicas: npm run stack -- scale payments=3');
  for (const [service, count] of counts) await sendCommand(folder, 'scale', [service, String(count)], say);
  await runStatus();
};

const commands: Readonly<Record<string, () => Promise<void> | void>> = {
  up: runUp,
  down: runDown,
  status: runStatus,
  logs: () => showLogs(folder, args[0], values.follow ?? false),
  restart: () => control('restart'),
  scale: runScale,
  stop: () => control('stop', ...(values.kill ? ['SIGKILL'] : [])),
  start: () => control('start', ...(values['no-wait'] ? ['at once'] : [])),
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
