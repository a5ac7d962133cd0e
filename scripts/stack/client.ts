import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { processEnv } from '../../broker/process/config.ts';
import { allServices } from '../../broker/process/find-services.ts';
import { sendCommand } from './control.ts';
import { operatorVariables, type Variables } from './environment.ts';
import { folderOf, readState, root, tlsFolder, type Overrides, type StackState } from './folder.ts';
import { portsOf } from './ports.ts';
import { replicasOf } from './processes.ts';
import { prometheusUrlOf } from './servers/prometheus.ts';
import { rabbitmqctl } from './servers/rabbitmq.ts';
import type { Status } from './unit.ts';
import { statusOf } from './up.ts';

export type { UnitStatus } from './unit.ts';

const run = promisify(execFile);

export type Stack = {
  name: string;
  /** http://127.0.0.1:3001 and so on. */
  gateways: string[];
  /** nginx in front of them: https://localhost:3010. */
  edge: string;
  /** Where Prometheus is, if the stack was started with it. */
  prometheus: string;
  /** The certificate of the authority that has signed nginx's. */
  authority: string;
  /** The variables of an operator: see `operatorEnv`. */
  env: Variables;
  /** The folder of its files; `logs/<process>.log` is the output of a process. */
  folder: string;
  status(): Promise<Status>;
  /** Stops a process or server until it is started again; SIGKILL stops it at once. */
  stop(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** Resolves when it is ready. */
  start(name: string): Promise<void>;
  restart(name: string): Promise<void>;
  scale(service: string, count: number): Promise<void>;
  rabbitmqctl(args: readonly string[], broker?: number): Promise<string>;
  down(options?: { delete?: boolean }): Promise<void>;
};

export type StackOptions = {
  name: string;
  port?: number;
  brokers?: 1 | 3;
  /** Variables by service that replace the stack's own; `*` stands for all services, `nginx` has limits. */
  env?: Overrides;
  replicas?: Readonly<Record<string, number>>;
  /** Without it the platform is empty. */
  demo?: boolean;
  /** With Prometheus beside it. */
  observe?: boolean;
};

const knownState = (name: string): StackState => {
  const state = readState(folderOf(name));
  if (state) return state;
  const option = name === 'default' ? '' : ` -- --name ${name}`;
  throw new Error(`There is no stack "${name}". Start it: npm run stack${option}`);
};

const gatewaysOf = (state: StackState): string[] =>
  Array.from(
    { length: replicasOf(state, 'gateway') },
    (_, at) => `http://127.0.0.1:${portsOf(state.base).gateway(at + 1)}`,
  );

/**
 * The environment of an operator of this stack: addresses of all databases with the logins of their services,
 * RABBITMQ_URL with the login `operator`, all SERVICE_KEY_*, REDIS_URL, the processor's address and secrets,
 * GATEWAY_URLS with commas between them.
 * @throws Error when there is no such stack
 */
export const operatorEnv = async (name: string): Promise<Variables> => {
  const state = knownState(name);
  const definitions = await allServices(processEnv());
  return { ...operatorVariables(definitions, state), GATEWAY_URLS: gatewaysOf(state).join(',') };
};

const command = async (...args: string[]): Promise<void> => {
  const script = join(import.meta.dirname, 'stack.ts');
  try {
    await run(process.execPath, [script, ...args], { cwd: root, maxBuffer: 10_000_000 });
  } catch (error) {
    const { stderr = '', stdout = '' } = error as { stderr?: string; stdout?: string };
    throw new Error(stderr.trim() || stdout.trim() || (error as Error).message, { cause: error });
  }
};

/** The running stack of this name. */
export const openStack = async (name = 'default'): Promise<Stack> => {
  const folder = folderOf(name);
  const env = await operatorEnv(name);
  if (!(await statusOf(folder))) throw new Error(`The stack "${name}" is not running.`);
  return {
    name,
    gateways: (env['GATEWAY_URLS'] ?? '').split(','),
    edge: env['PUBLIC_URL'] ?? '',
    prometheus: prometheusUrlOf(knownState(name)),
    authority: join(tlsFolder, 'ca.crt'),
    env,
    folder,
    status: () => sendCommand<Status>(folder, 'status'),
    stop: (unit, signal) => sendCommand(folder, 'stop', [unit, ...(signal ? [signal] : [])]),
    start: (unit) => sendCommand(folder, 'start', [unit]),
    restart: (unit) => sendCommand(folder, 'restart', [unit]),
    scale: (service, count) => sendCommand(folder, 'scale', [service, String(count)]),
    rabbitmqctl: (args, broker) => rabbitmqctl(folder, args, broker),
    down: (options) => command('down', '--name', name, ...(options?.delete ? ['--delete'] : [])),
  };
};

/** Starts a stack, or finds it running; resolves when all its processes are ready. */
export const startStack = async (options: StackOptions): Promise<Stack> => {
  const { name, port, brokers, env, replicas = {}, demo = true, observe } = options;
  const temporary = mkdtempSync(join(tmpdir(), 'payloom-stack-'));
  const envFile = join(temporary, 'env.json');
  try {
    writeFileSync(envFile, JSON.stringify(env ?? {}), { mode: 0o600 });
    await command(
      ...['up', '--name', name],
      ...(env ? ['--env', envFile] : []),
      ...(port ? ['--port', String(port)] : []),
      ...(brokers ? ['--brokers', String(brokers)] : []),
      ...(demo ? [] : ['--no-demo']),
      ...(observe ? ['--observe'] : []),
      ...Object.entries(replicas).flatMap(([service, count]) => ['--scale', `${service}=${count}`]),
    );
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return openStack(name);
};

/** As `startStack`, for a name that no other stack has: one that does not become ready is deleted. */
export const startOwnStack = async (options: StackOptions): Promise<Stack> => {
  try {
    return await startStack(options);
  } catch (error) {
    // What has started would go on running.
    const stack = await openStack(options.name).catch(() => null);
    await stack?.down({ delete: true });
    throw error;
  }
};
