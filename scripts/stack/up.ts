import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { processEnv, type Env } from '../../broker/process/config.ts';
import { isPortFree } from '../../broker/postgres/embedded-folder.ts';
import { allServices } from '../../broker/process/find-services.ts';
import { sendCommand, NotRunning, type Say } from './control.ts';
import {
  folderOf,
  logFileOf,
  makeFolder,
  readState,
  listStacks,
  writeState,
  type Overrides,
  type StackState,
} from './folder.ts';
import { checkPrograms } from './programs.ts';
import { lockStart, stopOrphans } from './orphans.ts';
import { DEFAULT_BASE, portsOf, PORTS_OF_A_STACK } from './ports.ts';
import { checkReplicas, replicasOf } from './processes.ts';
import { EDGE } from './servers/nginx.ts';
import { PROMETHEUS } from './servers/prometheus.ts';
import { lastOutputOf, sizeOf } from './spawn-unit.ts';
import type { Status } from './unit.ts';

export type UpOptions = {
  name: string;
  base?: number;
  brokers?: 1 | 3;
  demo?: boolean;
  /** Starts Prometheus beside the stack. */
  observe?: boolean;
  /** Starts no process and leaves the databases empty. */
  serversOnly?: boolean;
  overrides?: Overrides;
  replicas?: Readonly<Record<string, number>>;
};

const DEFAULT_NAME = 'default';
const BASES_TRIED = 40;
const SOCKET_LIMIT_MS = 10_000;

/** The ports that every start uses. */
const fixedPorts = (base: number): number[] => {
  const ports = portsOf(base);
  const brokers = [1, 2, 3].flatMap((broker) => [ports.rabbitmq(broker), ports.distribution(broker)]);
  return [
    ports.edge,
    ports.plain,
    ports.prometheus,
    ports.gateway(1),
    ports.gateway(2),
    ports.epmd,
    ports.postgres,
    ports.redis,
    ports.sandbox,
    ...brokers,
  ];
};

const firstTaken = async (base: number): Promise<number | null> => {
  for (const port of fixedPorts(base)) if (!(await isPortFree(port))) return port;
  return null;
};

/** A base port that no other stack of this folder has and where nothing listens now. */
const freeBase = async (name: string): Promise<number> => {
  if (name === DEFAULT_NAME) return DEFAULT_BASE;
  const others = listStacks().flatMap((other) => readState(folderOf(other))?.base ?? []);
  const isApart = (base: number) => others.every((other) => Math.abs(other - base) >= PORTS_OF_A_STACK);
  for (let tries = 0; tries < BASES_TRIED; tries++) {
    const base = DEFAULT_BASE + PORTS_OF_A_STACK * randomInt(10, 200);
    if (isApart(base) && (await firstTaken(base)) === null) return base;
  }
  throw new Error('No free range of ports was found. Name one: --port 4000');
};

const givenServers = (env: Env, known: StackState['given']): StackState['given'] => ({
  postgres: env['POSTGRES_URL'] || known.postgres,
  redis: env['REDIS_URL'] || known.redis,
  rabbitmq: env['RABBITMQ_URL'] || known.rabbitmq,
});

/** @throws Error when an option differs from what was chosen at the first start */
const checkAgainst = ({ name, base, brokers }: StackState, wanted: UpOptions): void => {
  const instead = 'use down --delete, or another --name';
  if (wanted.base && wanted.base !== base)
    throw new Error(`The stack "${name}" has port ${base}. To change it, ${instead}.`);
  if (wanted.brokers && wanted.brokers !== brokers)
    throw new Error(`The stack "${name}" has ${brokers} brokers. To change that, ${instead}.`);
};

/** The state of the stack from now on: the stored one, changed by the options. */
const plan = async (options: UpOptions, known: StackState | null): Promise<StackState> => {
  const { name, base, brokers, demo, observe, serversOnly, overrides, replicas = {} } = options;
  for (const [service, count] of Object.entries(replicas)) checkReplicas(service, count);
  return {
    name,
    base: known?.base ?? base ?? (await freeBase(name)),
    brokers: known?.brokers ?? brokers ?? 1,
    demo: demo ?? known?.demo ?? true,
    observe,
    serversOnly,
    given: givenServers(processEnv(), known?.given ?? {}),
    secrets: known?.secrets ?? {},
    replicas: { ...known?.replicas, ...replicas },
    metricsPorts: known?.metricsPorts ?? {},
    databases: known?.databases ?? {},
    overrides: overrides ?? {},
  };
};

const sayGivenServers = ({ given }: StackState, say: Say): void => {
  if (given.postgres) say('using PostgreSQL of POSTGRES_URL; each service gets a database and a role there');
  if (given.redis) say('using Redis of REDIS_URL');
  if (given.rabbitmq) {
    say('using RabbitMQ of RABBITMQ_URL; all services share that login and its vhost');
  }
};

const startSupervisor = async (folder: string): Promise<void> => {
  const logFile = logFileOf(folder, 'supervisor');
  const offset = sizeOf(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const script = join(import.meta.dirname, 'supervisor.ts');
  const child = spawn(process.execPath, [script, folder], { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  child.unref();
  const endMs = performance.now() + SOCKET_LIMIT_MS;
  while (performance.now() < endMs) {
    if (child.exitCode !== null) throw new Error(`The stack did not start: ${lastOutputOf(logFile, offset)}`);
    try {
      await sendCommand<Status>(folder, 'status');
      return;
    } catch (error) {
      if (!(error instanceof NotRunning)) throw error;
    }
    await sleep(20);
  }
  throw new Error(`The supervisor does not answer; see ${logFile}.`);
};

/** The state of a running stack, or null. */
export const statusOf = async (folder: string): Promise<Status | null> => {
  try {
    return await sendCommand<Status>(folder, 'status');
  } catch (error) {
    if (error instanceof NotRunning) return null;
    throw error;
  }
};

/** Starts a stack that is not running. */
const start = async (
  folder: string,
  services: readonly string[],
  options: UpOptions,
  say: Say,
): Promise<Status> => {
  const left = await stopOrphans(folder);
  if (left > 0) say(`stopped ${left} programs of a supervisor that was killed`);
  const state = await plan(options, readState(folder));
  const { given } = state;
  checkPrograms({ redis: !given.redis, rabbitmq: !given.rabbitmq, prometheus: state.observe ?? false });
  const taken = await firstTaken(state.base);
  if (taken !== null) {
    throw new Error(
      `Port ${taken} is in use. Stop what uses it, or start another stack: --name other --port 4000`,
    );
  }
  writeState(folder, state);
  sayGivenServers(state, say);
  const wanted = services.map((service) => `${replicasOf(state, service)} ${service}`).join(', ');
  say(state.serversOnly ? 'starting servers' : `starting servers, then processes: ${wanted}`);
  await startSupervisor(folder);
  try {
    await sendCommand(folder, 'follow', [], say);
  } catch (error) {
    // Without servers a stack is useless. With them it stays up, so that a failing process can be examined.
    const { units } = await sendCommand<Status>(folder, 'status');
    if (units.every(({ kind }) => kind === 'server')) await down(folder);
    else say('the other processes stay up: `npm run stack -- status`, `npm run stack -- down`');
    throw error;
  }
  return sendCommand<Status>(folder, 'status');
};

/**
 * Starts a stack that is not running.
 * @param say receives progress reports
 * @returns its status once everything is ready
 * @throws Error when something does not come up
 */
export const up = async (options: UpOptions, say: Say): Promise<Status> => {
  const folder = folderOf(options.name);
  const known = readState(folder);
  if (known) checkAgainst(known, options);
  const running = await statusOf(folder);
  if (running) {
    if (options.overrides || Object.keys(options.replicas ?? {}).length > 0)
      throw new Error(
        `The stack "${options.name}" is already running; --env and --scale take effect at a start.`,
      );
    say(`the stack "${options.name}" is running`);
    return running;
  }
  const services = (await allServices(processEnv())).map(({ contract }) => contract.service);
  const unknown = Object.keys({ ...options.replicas, ...options.overrides }).filter(
    (name) => !['*', EDGE, PROMETHEUS, ...services].includes(name),
  );
  if (unknown.length > 0)
    throw new Error(`There is no service ${unknown[0]}; there are ${services.join(', ')}.`);
  makeFolder(folder);
  const release = lockStart(folder);
  try {
    return await start(folder, services, options, say);
  } finally {
    release();
  }
};

/** Stops a stack, also one whose supervisor was killed; its data stays. @returns whether it was running */
export const down = async (folder: string): Promise<boolean> => {
  try {
    await sendCommand(folder, 'down');
    return true;
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
    return (await stopOrphans(folder)) > 0;
  }
};

export const readOverrides = (file: string): Overrides => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Overrides;
  } catch (error) {
    throw new Error(`--env ${file} must be JSON with variables by service (${(error as Error).message})`, {
      cause: error,
    });
  }
};

/** Deletes the data of a stack that is down. PostgreSQL's may lie outside its folder. */
export const deleteStack = async (folder: string): Promise<void> => {
  const { removeEmbeddedPostgres } = await import('../../broker/postgres/embedded.ts');
  const { postgresFolderOf } = await import('./servers/postgres.ts');
  await removeEmbeddedPostgres(postgresFolderOf(folder));
  rmSync(folder, { recursive: true, force: true });
};
