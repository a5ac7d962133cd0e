import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Pool } from 'pg';
import { openStack, startStack, type Stack, type UnitStatus } from '../../scripts/stack/client.ts';
import { readState } from '../../scripts/stack/folder.ts';
import { rabbitmqUrl } from '../../scripts/stack/servers/rabbitmq.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { SOCKET_CALL } from '../../shared/contracts/realtime.ts';
import { keepAcks, misbehaveAt, type Acks } from './acks.ts';
import { until } from './client.ts';

type Variables = Record<string, string>;
export type Database = 'auth' | 'payments' | 'profile' | 'realtime' | 'sandbox';
export type Overrides = Record<string, Variables>;

/** A running stack under test. */
export type System = Acks & {
  stack: Stack;
  /** Started for this run, with settings of ours. */
  isOurs: boolean;
  /** The gateways. */
  urls: readonly string[];
  /** Addresses and secrets, as an operator has them. */
  env: Variables;
  /** RabbitMQ's address as a service logs in. */
  loginOf(service: string): string;
  unit(name: string): Promise<UnitStatus>;
  /** Sends a signal to a process or server by its id; what it kills is started again by the stack itself. */
  signal(name: string, signal: NodeJS.Signals): Promise<number>;
  /** Resolves with the milliseconds until everything was ready. */
  ready(limitMs?: number): Promise<number>;
  /** A service's database, as that service; closed with the system. */
  database(service: Database): Pool;
  misbehave(fault: object | null): Promise<void>;
  /** Starts it again with other variables, on the same data. */
  again(more: Overrides): Promise<void>;
  close(): Promise<void>;
};

const READY_LIMIT_MS = 40_000;
const PROCESSOR_TIMEOUT_MS = '2000';

const limited = CONTRACTS.flatMap(({ actions }) => Object.values(actions))
  .filter(({ http }) => http)
  .map(({ name }) => name);

/** High enough never to be met, so that requests are counted in Redis all the same. */
const limits = JSON.stringify(
  Object.fromEntries(
    [...limited, SOCKET_CALL].map((name) => [
      name,
      { perAccountPerMinute: 10_000_000, perAddressPerMinute: 10_000_000 },
    ]),
  ),
);

const overrides: Overrides = {
  auth: { AUTH_LOCKOUT_OFF: 'true' },
  gateway: { GATEWAY_LIMITS: limits },
  // All our sockets come from one address.
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

export type SystemOptions = { name: string; port?: number; brokers?: 3; isOurs: boolean };

/**
 * A service that runs once cannot be killed without being missed; these run once by the stack's own default.
 */
const replicas = { auth: 2, profile: 2, realtime: 2 };

const open = ({ name, port, brokers, isOurs }: SystemOptions, more: Overrides): Promise<Stack> =>
  isOurs ? startStack({ name, port, brokers, replicas, env: merged(more) }) : openStack(name);

/** Starts a stack for faults, or takes a running one (`isOurs` false), which is left running. */
export const openSystem = async (options: SystemOptions): Promise<System> => {
  const place = mkdtempSync(join(tmpdir(), 'payloom-faults-'));
  const pools = new Map<string, Pool>();
  let stack = await open(options, {});

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
    ...keepAcks(join(place, 'acks'), process.env, ['--stack', options.name]),
    isOurs: options.isOurs,
    get stack() {
      return stack;
    },
    get urls() {
      return stack.gateways;
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
    ready: (limitMs = READY_LIMIT_MS) =>
      until('everything is ready', limitMs, async () =>
        (await stack.status()).units.every(({ state }) => state === 'ready'),
      ),
    database,
    misbehave: (fault) =>
      misbehaveAt(stack.env['PROCESSOR_URL'] ?? '', stack.env['STRIPE_SECRET_KEY'] ?? '', fault),
    again: async (more) => {
      if (!options.isOurs) throw new Error('a stack that is not ours is not started again');
      await endPools();
      await stack.down();
      stack = await open(options, more);
    },
    close: async () => {
      await endPools();
      if (options.isOurs) await stack.down({ delete: true });
      rmSync(place, { recursive: true, force: true });
    },
  };
};
