import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { processEnv } from '../../../broker/process/config.ts';
import { definitions } from '../definitions.ts';
import { logFileOf, readState, secretOf, type StackState } from '../folder.ts';
import { findProgram, PROGRAMS } from '../programs.ts';
import { portsOf } from '../ports.ts';
import { portAnswers, spawnUnit } from '../spawn-unit.ts';
import type { Unit } from '../unit.ts';

const AMQP_HEADER = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);
const HOST = 'localhost';
/** The name of the unit that registers Erlang's nodes. */
export const REGISTER = 'epmd';
const run = promisify(execFile);

const homeOf = (folder: string): string => join(folder, 'rabbitmq');
const nodeOf = (name: string, broker: number): string => `payloom-${name}-${broker}@${HOST}`;

const brokersOf = ({ brokers }: StackState): number[] => Array.from({ length: brokers }, (_, at) => at + 1);

const passwordOf = (state: StackState, user: string): string =>
  secretOf(state, `rabbitmq password of ${user}`);

/** Addresses of all brokers for one user, with commas between them. */
export const rabbitmqUrl = (state: StackState, user: string): string =>
  state.given.rabbitmq ??
  brokersOf(state)
    .map(
      (broker) =>
        `amqp://${user}:${passwordOf(state, user)}@127.0.0.1:${portsOf(state.base).rabbitmq(broker)}`,
    )
    .join(',');

const configOf = (state: StackState, broker: number): string => {
  const cluster = brokersOf(state).map(
    (other) => `cluster_formation.classic_config.nodes.${other} = ${nodeOf(state.name, other)}`,
  );
  return [
    `listeners.tcp.local = 127.0.0.1:${portsOf(state.base).rabbitmq(broker)}`,
    'num_acceptors.tcp = 2',
    // In the working directory: a # in the path would begin a comment.
    'load_definitions = definitions.json',
    'log.console = true',
    'log.console.level = warning',
    'log.file = false',
    // The default of 512 MB is allocated at each start.
    'raft.wal_max_size_bytes = 67108864',
    ...(cluster.length > 1
      ? [
          'cluster_formation.peer_discovery_backend = classic_config',
          'cluster_partition_handling = pause_minority',
          ...cluster,
        ]
      : []),
    '',
  ].join('\n');
};

/** All files are in the stack's folder; HOME holds the cookie with which Erlang's nodes authenticate. */
const envOf = (folder: string, state: StackState, broker: number): Record<string, string> => {
  const home = homeOf(folder);
  const ports = portsOf(state.base);
  const data = join(home, `node-${broker}`);
  return {
    PATH: processEnv()['PATH'] ?? '/usr/bin:/bin',
    LC_ALL: 'C.UTF-8',
    HOME: home,
    // Otherwise in the folder in which the program was started.
    ERL_CRASH_DUMP: join(home, 'erl_crash.dump'),
    ERL_EPMD_PORT: String(ports.epmd),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: nodeOf(state.name, broker),
    RABBITMQ_DIST_PORT: String(ports.distribution(broker)),
    RABBITMQ_MNESIA_BASE: data,
    RABBITMQ_MNESIA_DIR: join(data, 'data'),
    RABBITMQ_LOG_BASE: join(data, 'log'),
    RABBITMQ_PID_FILE: join(data, 'pid'),
    RABBITMQ_CONF_ENV_FILE: join(home, 'no-env-file'),
    RABBITMQ_CONFIG_FILE: join(home, `rabbitmq-${broker}.conf`),
    RABBITMQ_ADVANCED_CONFIG_FILE: join(home, 'no-advanced-config'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(home, 'enabled_plugins'),
    RABBITMQ_CTL_DIST_PORT_MIN: String(ports.control.from),
    RABBITMQ_CTL_DIST_PORT_MAX: String(ports.control.to),
  };
};

/** Writes the files that a broker reads at its start. */
const prepare = (folder: string, state: StackState, services: readonly string[]): void => {
  const home = homeOf(folder);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const write = (name: string, text: string, mode = 0o600) => {
    if (!existsSync(join(home, name)) || mode === 0o600) writeFileSync(join(home, name), text, { mode });
  };
  const users = services.map((name) => ({ name, password: passwordOf(state, name) }));
  write('definitions.json', JSON.stringify(definitions(users, passwordOf(state, 'operator')), null, 2));
  write('enabled_plugins', '[].\n');
  write('.erlang.cookie', secretOf(state, 'erlang cookie'), 0o400);
  for (const broker of brokersOf(state)) write(`rabbitmq-${broker}.conf`, configOf(state, broker));
};

/** Erlang's register of nodes. A node would start one itself, as a daemon that survives the stack. */
const epmdUnit = (folder: string, state: StackState): Unit => {
  const { epmd } = portsOf(state.base);
  const logFile = logFileOf(folder, 'epmd');
  return {
    name: REGISTER,
    kind: 'server',
    what: "register of RabbitMQ's nodes",
    address: `127.0.0.1:${epmd}`,
    logFile,
    stopSignal: 'SIGTERM',
    launch: () =>
      spawnUnit({
        file: findProgram('epmd') ?? 'epmd',
        args: ['-port', String(epmd), '-address', '127.0.0.1'],
        env: {},
        cwd: folder,
        logFile,
      }),
    isReady: () => portAnswers(epmd, null, null),
  };
};

const brokerUnit = (folder: string, state: StackState, broker: number): Unit => {
  const name = `rabbitmq-${broker}`;
  const port = portsOf(state.base).rabbitmq(broker);
  const logFile = logFileOf(folder, name);
  const file = findProgram(PROGRAMS.rabbitmq) ?? PROGRAMS.rabbitmq;
  return {
    name,
    kind: 'server',
    what: 'calls and events',
    address: `127.0.0.1:${port}`,
    logFile,
    stopSignal: 'SIGTERM',
    launch: () =>
      spawnUnit({
        file,
        args: [],
        env: {
          ...envOf(folder, state, broker),
          // The script then execs the server, so that signals reach the server.
          detached: 'true',
          // Few schedulers, without busy waiting: the CPU is for the services.
          RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS:
            '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
        },
        cwd: homeOf(folder),
        logFile,
      }),
    isReady: () => portAnswers(port, AMQP_HEADER, null),
  };
};

/** The brokers of a stack and their register of nodes, which starts first. */
export const rabbitmqUnits = (
  folder: string,
  state: StackState,
  services: readonly string[],
): { register: Unit; brokers: Unit[] } => {
  prepare(folder, state, services);
  return {
    register: epmdUnit(folder, state),
    brokers: brokersOf(state).map((broker) => brokerUnit(folder, state, broker)),
  };
};

/** Runs rabbitmqctl on a broker of a stack; takes a second or two. */
export const rabbitmqctl = async (folder: string, args: readonly string[], broker = 1): Promise<string> => {
  const state = readState(folder);
  const server = findProgram(PROGRAMS.rabbitmq);
  if (!state || !server) throw new Error(`There is no RabbitMQ in ${folder}.`);
  const env = envOf(folder, state, broker);
  const file = join(dirname(server), 'rabbitmqctl');
  const { stdout } = await run(file, ['-q', '-n', nodeOf(state.name, broker), ...args], { env });
  return stdout;
};
