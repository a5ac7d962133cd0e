import * as z from 'zod/mini';
import { instant } from '../fields.ts';
import { dependency, outboxLag, poolUse, queueDepth } from '../operations.ts';

/**
 * `up`: it answers · `silent`: it is connected and does not answer · `died`: its connection ended without
 * notice · `stopped`: it has left as a process does on a signal.
 */
export const processState = z.enum(['up', 'silent', 'died', 'stopped']);
export type ProcessState = z.output<typeof processState>;

/** A process, with what it last said of itself. */
export const systemProcess = z.object({
  /** The node's id, new at each start. */
  id: z.string(),
  services: z.array(z.string()),
  /** Its number among the processes of the same services. */
  replica: z.string(),
  state: processState,
  /** Since when it is in this state, as far as it was seen. */
  since: instant,
  /** Of Payloom. */
  version: z.nullable(z.string()),
  nodeVersion: z.nullable(z.string()),
  startedAt: z.nullable(instant),
  memoryBytes: z.nullable(z.int()),
  /** The share of one core that it used over the last second. */
  cpuShare: z.nullable(z.number()),
  /** Milliseconds until it answered. */
  answerMs: z.nullable(z.number()),
  dependencies: z.array(dependency),
});
export type SystemProcess = z.output<typeof systemProcess>;

/** A service, with the figures of its database as one of its processes reads them. */
export const systemService = z.object({
  name: z.string(),
  /** The process that has read the figures; null while none answers. */
  readBy: z.nullable(z.string()),
  outbox: z.nullable(outboxLag),
  queue: z.nullable(queueDepth),
  /** The connections of all its processes that answer. */
  pool: z.nullable(poolUse),
  /** The services that handle its events. */
  sendsTo: z.array(z.string()),
});
export type SystemService = z.output<typeof systemService>;

export const systemChange = z.object({
  at: instant,
  id: z.string(),
  services: z.array(z.string()),
  replica: z.string(),
  state: processState,
});

/** The figures of the whole system at one time. */
export const systemSample = z.object({
  at: instant,
  up: z.int(),
  /** Processes that are silent or have died and are not replaced. */
  down: z.int(),
  waiting: z.int(),
  retrying: z.int(),
  dead: z.int(),
  outboxRows: z.int(),
  outboxOldestS: z.number(),
});
export type SystemSample = z.output<typeof systemSample>;

export const systemSnapshot = z.object({
  /** When the processes were last asked. */
  at: instant,
  /** The process of the service admin that has asked them. */
  readBy: z.string(),
  /** RabbitMQ's version; null where all services share one process, with queues in their databases. */
  rabbitmq: z.nullable(z.string()),
  services: z.array(systemService),
  processes: z.array(systemProcess),
  deadLetters: z.int(),
});
export type SystemSnapshot = z.output<typeof systemSnapshot>;

/** Nobody's data; and the page must open also when the database that keeps records is down. */
export const systemActions = {
  system: {
    summary: 'The processes, services, databases and queues as they are now',
    http: { route: 'GET /api/admin/system' },
    permission: ['ADMIN'],
    params: z.strictObject({}),
    result: systemSnapshot,
    errors: [],
    idempotent: 'read',
    recorded: false,
  },
  systemHistory: {
    summary: 'The last hour: figures every ten seconds, and which process came and went when',
    http: { route: 'GET /api/admin/system/history' },
    permission: ['ADMIN'],
    params: z.strictObject({}),
    result: z.object({ samples: z.array(systemSample), changes: z.array(systemChange) }),
    errors: [],
    idempotent: 'read',
    recorded: false,
  },
} as const;

export const systemSignals = {
  systemChanged: {
    summary: 'A process, a queue or a dead letter has come or gone, or there is a new sample',
    payload: z.object({ at: instant }),
  },
} as const;
