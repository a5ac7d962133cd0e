import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { Pool } from 'pg';
import { openStack, startOwnStack, type Stack, type UnitStatus } from '../../scripts/stack/client.ts';
import { readState } from '../../scripts/stack/folder.ts';
import { rabbitmqUrl } from '../../scripts/stack/servers/rabbitmq.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { SOCKET_CALL } from '../../shared/contracts/realtime.ts';
import { until } from '../system/timing.ts';
import { injectFaultAt, keepAcks, type Acks } from './acks.ts';

type Variables = Record<string, string>;
export type Database = 'auth' | 'payments' | 'profile' | 'realtime' | 'sandbox';
export type Overrides = Record<string, Variables>;

/** A running stack under test. */
export type System = Acks & {
  stack: Stack;
  /** Started by this run, with the settings below. */
  isOurs: boolean;
  /** Where clients send requests: the gateways, or nginx alone while a fault is run through it. */
  urls: readonly string[];
  /** Sends all requests through nginx from now on, or to the gateways. */
  goThrough(edge: boolean): void;
  /** Addresses and secrets of an operator. */
  env: Variables;
  /** RabbitMQ's URL with the login of a service. */
  loginOf(service: string): string;
  unit(name: string): Promise<UnitStatus>;
  /** Sends a signal to a process or server; the stack restarts what is killed. @returns its pid */
  signal(name: string, signal: NodeJS.Signals): Promise<number>;
  /** Waits until every process is ready. @returns milliseconds */
  ready(limitMs?: number): Promise<number>;
  /** A service's database with that service's login; closed with the system. */
  database(service: Database): Pool;
  /** Makes the processor sandbox fail in some way; null ends that. */
  injectFault(fault: object | null): Promise<void>;
  /** Restarts the stack with additional variables, on the same data. */
  restartWith(more: Overrides): Promise<void>;
  close(): Promise<void>;
};

/** What a system's clients and checks need, however it runs. */
export type Platform = Pick<System, 'urls' | 'env' | 'database'>;

const READY_LIMIT_MS = 40_000;
const PROCESSOR_TIMEOUT_MS = '2000';

const limited = CONTRACTS.flatMap(({ actions }) => Object.values(actions))
  .filter(({ http }) => http)
  .map(({ name }) => name);

/** So high that none is reached; requests are still counted in Redis. */
export const limits = JSON.stringify(
  Object.fromEntries(
    [...limited, SOCKET_CALL].map((name) => [
      name,
      { perAccountPerMinute: 10_000_000, perAddressPerMinute: 10_000_000 },
    ]),
  ),
);

const overrides: Overrides = {
  auth: { AUTH_LOCKOUT_OFF: 'true', TEST_SYSTEM: 'true' },
  gateway: { GATEWAY_LIMITS: limits },
  nginx: { REQUESTS_PER_SECOND: '100000', SIGN_INS_PER_SECOND: '100000' },
  // All sockets of these tests come from one address.
  realtime: { REALTIME_SOCKETS_PER_ADDRESS: '10000' },
  payments: { PROCESSOR_TIMEOUT_MS, PAYMENTS_DRIVER_SLOTS: '16' },
  'processor-sandbox': { SANDBOX_PENDING_MS: '1500' },
};

const merged = (more: Overrides): Overrides =>
  Object.fromEntries(
    [...new Set([...Object.keys(overrides), ...Object.keys(more)])].map((service) => [
      service,
      { ...overrides[service], ...more[service] },
    ]),
  );

/** What a fault's stack has beside, or instead of, what those of other faults have. */
export type StackNeeds = {
  env: Overrides;
  replicas: Readonly<Record<string, number>>;
  /** With Prometheus. */
  observe: boolean;
};

type SystemOptions = {
  name: string;
  port?: number;
  brokers?: 3;
  isOurs: boolean;
  needs?: StackNeeds;
};

/** By default one process each; killing the only process of a service would be an outage. */
const replicas = { auth: 2, profile: 2, realtime: 2 };

const open = async (options: SystemOptions, more: Overrides): Promise<Stack> => {
  const { name, port, brokers, isOurs, needs } = options;
  if (!isOurs) return openStack(name);
  const own = { replicas, ...needs };
  return startOwnStack({ name, port, brokers, ...own, env: merged({ ...needs?.env, ...more }) });
};

/** Starts a stack for faults, or opens a running one (`isOurs` false), which is left running. */
export const openSystem = async (options: SystemOptions): Promise<System> => {
  const folder = mkdtempSync(join(tmpdir(), 'payloom-faults-'));
  const pools = new Map<string, Pool>();
  let stack = await open(options, {});
  let isThroughEdge = false;
  setDefaultCACertificates([...getCACertificates('default'), readFileSync(stack.authority, 'utf8')]);

  const unit = async (name: string): Promise<UnitStatus> => {
    const { units } = await stack.status();
    const found = units.find((one) => one.name === name);
    if (!found) throw new Error(`the stack has no ${name}`);
    return found;
  };

  const database: System['database'] = (service) => {
    const known = pools.get(service);
    if (known) return known;
    const connectionString = stack.env[`${service.toUpperCase()}_DATABASE_URL`];
    const pool = new Pool({ connectionString, max: 4, connectionTimeoutMillis: 3_000 });
    pool.on('error', () => undefined);
    pools.set(service, pool);
    return pool;
  };

  const endPools = async () => {
    const all = [...pools.values()];
    pools.clear();
    await Promise.all(all.map((pool) => pool.end().catch(() => undefined)));
  };

  return {
    ...keepAcks(join(folder, 'acks'), process.env, ['--stack', options.name]),
    isOurs: options.isOurs,
    get stack() {
      return stack;
    },
    get urls() {
      return isThroughEdge ? [stack.edge] : stack.gateways;
    },
    goThrough: (edge) => {
      isThroughEdge = edge;
    },
    get env() {
      return stack.env;
    },
    loginOf: (service) => {
      const state = readState(stack.folder);
      if (!state) throw new Error(`there is no stack in ${stack.folder}`);
      return rabbitmqUrl(state, service).split(',')[0] ?? '';
    },
    unit,
    signal: async (name, signal) => {
      const { pid } = await unit(name);
      if (pid === null) throw new Error(`${name} is not running`);
      process.kill(pid, signal);
      return pid;
    },
    ready: (limitMs = READY_LIMIT_MS) => {
      let waiting: readonly string[] = [];
      const what = () => `everything is ready (${waiting.join(', ')})`;
      return until(what, limitMs, async () => {
        const { units } = await stack.status();
        waiting = units.filter(({ state }) => state !== 'ready').map((one) => `${one.name} is ${one.state}`);
        return waiting.length === 0;
      });
    },
    database,
    injectFault: (fault) =>
      injectFaultAt(stack.env['PROCESSOR_URL'] ?? '', stack.env['STRIPE_SECRET_KEY'] ?? '', fault),
    restartWith: async (more) => {
      if (!options.isOurs) throw new Error('only a stack of this run can be restarted');
      await endPools();
      await stack.down();
      stack = await open(options, more);
    },
    close: async () => {
      await endPools();
      if (options.isOurs) await stack.down({ delete: true });
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
