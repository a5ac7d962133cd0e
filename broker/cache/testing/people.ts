import { ServiceBroker } from 'moleculer';
import { pino } from 'pino';
import * as z from 'zod/mini';
import { contract } from '../../../shared/contracts/contract.ts';
import { eventually } from '../../testing/eventually.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { createActionCache, type ActionCache, type CacheOutcome } from '../action-cache.ts';
import { cacherOf } from '../cachers.ts';
import { redisLocks } from '../one-computation.ts';
import { openRedis, type Redis } from '../redis.ts';

export const EVENT = 'people.changed';
export const PAID = 'people.paid';
const read = { summary: 'x', permission: 'signed-in', errors: [], idempotent: 'read' } as const;
export const people = contract('people', {
  actions: {
    search: {
      ...read,
      params: z.strictObject({ q: z.string(), page: z.optional(z.nullable(z.int())) }),
      result: z.object({ names: z.array(z.string()) }),
      cache: { keys: ['q', 'page'], lifetimeS: 60, clearedBy: [EVENT] },
    },
    mine: {
      ...read,
      params: z.strictObject({}),
      result: z.object({ names: z.array(z.string()) }),
      cache: { keys: ['caller'], lifetimeS: 1, clearedBy: [EVENT] },
    },
    balance: {
      ...read,
      params: z.strictObject({}),
      result: z.object({ names: z.array(z.string()) }),
      cache: { keys: ['caller'], lifetimeS: 60, clearedBy: [{ event: PAID, callers: ['to'] }] },
    },
    plain: { ...read, params: z.strictObject({}), result: z.object({ names: z.array(z.string()) }) },
  },
  events: {
    changed: { summary: 'x', version: 1, payload: z.object({}) },
    paid: { summary: 'x', version: 1, payload: z.object({ to: z.string() }) },
  },
});
const log = pino({ level: 'silent' });

/** One process of the service. */
export type Process = {
  cache: ActionCache;
  redis: Redis | null;
  outcomes: CacheOutcome[];
  /** Loses the connection to RabbitMQ, or has it again. */
  connect(isConnected: boolean): void;
  find(q?: string, as?: string | null, page?: number | null): Promise<string>;
  stop(): Promise<void>;
};
/** A customer with this id. */
export const callerOf = (userId: string | null) =>
  userId === null ? null : ({ userId: userId as UserId, role: 'CUSTOMER' } as const);
/** What the database holds, and how often it was read. */
export const table = { row: 'Ada', runs: 0 };
export const fromDatabase = async () => {
  table.runs += 1;
  return { names: [table.row] };
};
const running: Process[] = [];

/** Longer than the product's limit, which a busy machine may exceed. */
const COMMAND_LIMIT_MS = 1_000;
const QUIET_MS = 50;

/** @param url that of a Redis; null for a cache in memory */
export const startProcess = async (url: string | null): Promise<Process> => {
  const redis = url === null ? null : openRedis({ url, name: 'test', log, commandLimitMs: COMMAND_LIMIT_MS });
  const broker = new ServiceBroker({ logger: false, cacher: cacherOf(redis) });
  await broker.start();
  const outcomes: CacheOutcome[] = [];
  let isOpen = true;
  let opened = () => undefined as void;
  const cache = createActionCache({
    actions: Object.values(people.actions),
    eventNames: [EVENT, PAID],
    store: broker.cacher as never,
    redis,
    locks: redis && redisLocks(redis),
    events: { isOpen: () => isOpen, onOpen: (callback) => (opened = callback) },
    quietMs: QUIET_MS,
    count: (_action, outcome) => outcomes.push(outcome),
  });
  const process: Process = {
    cache,
    redis,
    outcomes,
    find: async (q = 'a', as = 'usr_1', page) =>
      (await cache.around(people.actions.search, callerOf(as), { q, page }, fromDatabase)).names.join(),
    connect: (isConnected) => {
      isOpen = isConnected;
      if (isConnected) opened();
    },
    stop: async () => {
      await broker.stop();
      redis?.close();
    },
  };
  running.push(process);
  if (redis) await eventually(() => redis.healthy());
  return process;
};

/** Stops all processes, and begins again with Ada in the database. */
export const stopProcesses = async (): Promise<void> => {
  for (const process of running.splice(0)) await process.stop();
  Object.assign(table, { row: 'Ada', runs: 0 });
};
