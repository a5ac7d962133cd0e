import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { processEnv } from '../process/config.ts';
import { freePort } from '../postgres/embedded-folder.ts';

/** Configure, write, read: as regular expressions. */
export type Permissions = readonly [configure: string, write: string, read: string];

/** A RabbitMQ for tests. */
export type TestRabbit = {
  /** amqp:// address of the administrator `test`; there is no default user. */
  url: string;
  /** The same server for another user, whose password is its name (see `addUsers`). */
  urlOf(user: string): string;
  /** Runs rabbitmqctl and returns its output; takes a second or two. */
  ctl(...args: string[]): Promise<string>;
  /**
   * Adds users whose passwords are their names, or gives them these permissions from now on.
   * @param topics of users who may publish to the exchange `events`: the pattern of their routing keys
   */
  addUsers(
    users: Readonly<Record<string, Permissions>>,
    topics?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Stops the server; the shared one stops with its test run. */
  stop(): Promise<void>;
};

type Server = { folder: string; port: number; epmdPort: number; node: string; password: string };

const PROGRAMS = '/usr/lib/rabbitmq/bin';
const BOOT_LIMIT_MS = 60_000;
const SERVER_FILE = 'server.json';
const run = promisify(execFile);

/**
 * Runs the server until its owner has ended, in whatever way, then stops what it started and cleans up, last
 * of all the folder: a program of Erlang that starts without it crashes. A server that still boots may miss
 * SIGTERM, so one that has not ended after six seconds is killed. The server has a process group of its own,
 * so that none of its programs is left; dash takes `--` only after `-s KILL`. epmd would become a daemon and
 * outlive the run, so it is started here.
 */
const GUARD = `
trap '' INT HUP
stop=0
trap stop=1 TERM
epmd -port "$ERL_EPMD_PORT" -address 127.0.0.1 >/dev/null 2>&1 &
epmd=$!
detached=true setsid ${PROGRAMS}/rabbitmq-server >"$FOLDER/out.log" 2>&1 &
server=$!
while [ $stop = 0 ] && kill -0 "$OWNER" 2>/dev/null && kill -0 $server 2>/dev/null; do sleep 0.3; done
kill -TERM $server 2>/dev/null
left=20
while [ $left -gt 0 ] && kill -0 $server 2>/dev/null; do sleep 0.3; left=$((left - 1)); done
kill -s KILL -- -$server 2>/dev/null
wait $server
kill $epmd
rm -rf "$FOLDER"
`;

const configOf = ({ port, password }: Server): string =>
  [
    `listeners.tcp.local = 127.0.0.1:${port}`,
    'default_user = test',
    `default_pass = ${password}`,
    'default_user_tags.administrator = true',
    'log.console = false',
    'log.file.level = warning',
    // By default a new write-ahead log allocates 512 MB at boot.
    'raft.wal_max_size_bytes = 16777216',
    '',
  ].join('\n');

/** The programs' environment; HOME contains the cookie shared by rabbitmqctl and the server. */
const envOf = ({ folder, epmdPort, node }: Server, distPort: number): NodeJS.ProcessEnv => ({
  PATH: processEnv()['PATH'] ?? '',
  HOME: folder,
  FOLDER: folder,
  // Otherwise a program that crashes writes erl_crash.dump to the folder in which the tests run.
  ERL_CRASH_DUMP_SECONDS: '0',
  ERL_EPMD_PORT: String(epmdPort),
  ERL_EPMD_ADDRESS: '127.0.0.1',
  RABBITMQ_NODENAME: node,
  RABBITMQ_DIST_PORT: String(distPort),
  RABBITMQ_MNESIA_BASE: join(folder, 'data'),
  RABBITMQ_MNESIA_DIR: join(folder, 'data', 'node'),
  RABBITMQ_LOG_BASE: join(folder, 'log'),
  RABBITMQ_PID_FILE: join(folder, 'server.pid'),
  RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
  RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
  RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
  RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 2:2 +sbwt none',
});

/** RabbitMQ answers only after the protocol header. */
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port, timeout: 500 }, () =>
      socket.write(Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1])),
    );
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', () => end(true));
    for (const failure of ['error', 'timeout', 'close'] as const) socket.once(failure, () => end(false));
  });

const until = async (
  condition: () => Promise<boolean> | boolean,
  failure: () => string,
  limitMs = BOOT_LIMIT_MS,
): Promise<void> => {
  const endMs = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > endMs) throw new Error(failure());
    await sleep(50);
  }
};

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

const definitionsOf = (
  users: Readonly<Record<string, Permissions>>,
  topics: Readonly<Record<string, string>>,
) => ({
  // The administrator has a password of its own.
  users: Object.keys(users)
    .filter((name) => name !== 'test')
    .map((name) => ({ name, password: name, tags: '' })),
  permissions: Object.entries(users).map(([user, [configure, write, read]]) => ({
    user,
    vhost: '/',
    configure,
    write,
    read,
  })),
  topic_permissions: Object.entries(topics).map(([user, write]) => ({
    user,
    vhost: '/',
    exchange: 'events',
    write,
    read: '.*',
  })),
});

const serverAt = (server: Server, stop: () => Promise<void>): TestRabbit => {
  const { port, node, password } = server;
  const ctl = async (...args: string[]): Promise<string> => {
    const env = envOf(server, 0);
    const { stdout } = await run(`${PROGRAMS}/rabbitmqctl`, ['-q', '-n', node, ...args], { env });
    return stdout;
  };
  return {
    url: `amqp://test:${password}@127.0.0.1:${port}`,
    urlOf: (user) => `amqp://${encodeURIComponent(user)}:${encodeURIComponent(user)}@127.0.0.1:${port}`,
    ctl,
    addUsers: async (users, topics = {}) => {
      const file = join(server.folder, `definitions-${randomBytes(4).toString('hex')}.json`);
      writeFileSync(file, JSON.stringify(definitionsOf(users, topics)));
      // One call of rabbitmqctl, which takes more than a second.
      await ctl('import_definitions', file);
      rmSync(file);
    },
    stop,
  };
};

/**
 * Starts a RabbitMQ on free ports of 127.0.0.1.
 * @param options.folder is created, and deleted at the end
 * @param options.owner the process whose end stops the server; by default this one
 * @throws Error with its output when it does not start in time; it is stopped then
 */
export const startRabbit = async (
  options: { folder?: string; owner?: number; bootLimitMs?: number } = {},
): Promise<TestRabbit> => {
  const name = randomBytes(4).toString('hex');
  const folder = options.folder ?? join(tmpdir(), `payloom-rabbit-${name}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const [port, epmdPort, distPort] = [await freePort(), await freePort(), await freePort()];
  const server: Server = { folder, port, epmdPort, node: `test-${name}@localhost`, password: 'test' };
  writeFileSync(join(folder, 'rabbitmq.conf'), configOf(server));
  writeFileSync(join(folder, 'enabled_plugins'), '[].\n');
  writeFileSync(join(folder, '.erlang.cookie'), randomBytes(16).toString('hex'), { mode: 0o400 });
  const guard = spawn('sh', ['-c', GUARD], {
    env: { ...envOf(server, distPort), OWNER: String(options.owner ?? process.pid) },
    stdio: 'ignore',
    detached: true,
  });
  guard.unref();
  // The guard deletes the folder once nothing uses it any more.
  const stop = async () => {
    if (guard.exitCode === null) guard.kill('SIGTERM');
    await until(
      () => !existsSync(folder),
      () => `RabbitMQ in ${folder} did not end`,
    );
  };
  try {
    await until(
      () => guard.exitCode !== null || answers(port),
      () => `RabbitMQ did not start: ${textOf(join(folder, 'out.log'))}`,
      options.bootLimitMs,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  if (guard.exitCode !== null) throw new Error('RabbitMQ ended while it started');
  writeFileSync(join(folder, 'new'), JSON.stringify(server));
  renameSync(join(folder, 'new'), join(folder, SERVER_FILE));
  return serverAt(server, stop);
};

/** The Jest run of this test: Jest's workers are forked, with a channel to the run. */
const testRun = (): number => (typeof process.send === 'function' ? process.ppid : process.pid);

const nothing = async (): Promise<void> => undefined;

/** A server started elsewhere; rabbitmqctl cannot reach it. */
const givenServer = (url: string): TestRabbit => {
  const refuse = () => Promise.reject(new Error('RABBITMQ_TEST_URL is given: rabbitmqctl is not at hand'));
  const urlOf = (user: string) => {
    const other = new URL(url);
    [other.username, other.password] = [user, user];
    return other.href;
  };
  return { url, urlOf, ctl: refuse, addUsers: refuse, stop: nothing };
};

/**
 * The RabbitMQ of a Jest run, started by the first test that needs it and stopped after the run.
 * RABBITMQ_TEST_URL names another one.
 */
export const throwAwayRabbit = async (): Promise<TestRabbit> => {
  const given = processEnv()['RABBITMQ_TEST_URL'];
  if (given) return givenServer(given);
  const owner = testRun();
  const folder = join(tmpdir(), `payloom-rabbit-run-${owner}`);
  const serverFile = join(folder, SERVER_FILE);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await until(
      () => existsSync(serverFile),
      () => `RabbitMQ did not start: ${textOf(join(folder, 'out.log'))}`,
    );
    return serverAt(JSON.parse(readFileSync(serverFile, 'utf8')) as Server, nothing);
  }
  return { ...(await startRabbit({ folder, owner })), stop: nothing };
};

/** A new vhost on the RabbitMQ of a Jest run: its address for the administrator `test`. */
export const throwAwayVhost = async (name: string): Promise<string> => {
  const { url, ctl } = await throwAwayRabbit();
  await ctl('add_vhost', name);
  await ctl('set_permissions', '-p', name, 'test', '.*', '.*', '.*');
  return `${url}/${name}`;
};
