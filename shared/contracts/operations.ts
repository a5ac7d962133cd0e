import * as z from 'zod/mini';

/** The service through which administrators see and change every process; no other is obeyed. */
export const OPERATIONS_SERVICE = 'admin';

/** The operator's commands, as a process on the bus: only they change what a process logs. */
export const OPERATOR = 'operator';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;

/** A level of log lines, and for how long. */
export const logLevelChange = z.strictObject({
  level: z.enum(LOG_LEVELS),
  minutes: z.int().check(z.gte(1), z.lte(1_440)),
});
export type LogLevelChange = z.output<typeof logLevelChange>;

/** A dependency of a process, asked for just now. */
export const dependency = z.object({
  name: z.string(),
  ok: z.boolean(),
  /** The process works without it. */
  optional: z.boolean(),
  /** Why it is not available. */
  reason: z.nullable(z.string()),
  /** Milliseconds until it answered. */
  ms: z.number(),
});

export const queueDepth = z.object({
  waiting: z.int(),
  /** Between two attempts. */
  retrying: z.int(),
  dead: z.int(),
  /** Processes that take from the queue; null without RabbitMQ. */
  consumers: z.nullable(z.int()),
});

/** Events that wait in an outbox, and the age of the oldest in seconds. */
export const outboxLag = z.object({ rows: z.int(), oldestS: z.number() });

/** Connections of a service's pool in one process. */
export const poolUse = z.object({ max: z.int(), open: z.int(), busy: z.int(), waiting: z.int() });

const serviceReport = z.object({
  name: z.string(),
  /** Null for a service without a database, or while it does not answer. */
  outbox: z.nullable(outboxLag),
  pool: z.nullable(poolUse),
  /** Null for a service that handles no events, or while its queue cannot be read. */
  queue: z.nullable(queueDepth),
});
export type ServiceReport = z.output<typeof serviceReport>;

/** What a process says of itself. */
const nodeReport = z.object({
  /** Of Payloom. */
  version: z.string(),
  nodeVersion: z.string(),
  startedAt: z.string(),
  memoryBytes: z.int(),
  /** The share of one core that it has used since the report before. */
  cpuShare: z.number(),
  /** What carries calls and events: RabbitMQ with its version, or null where all services share a process. */
  rabbitmq: z.nullable(z.string()),
  dependencies: z.array(dependency),
  services: z.array(serviceReport),
});
export type NodeReport = z.output<typeof nodeReport>;

/** An event that a service could not handle, without its payload. */
export const letterSummary = z.object({
  service: z.string(),
  id: z.string(),
  event: z.string(),
  version: z.nullable(z.int()),
  cause: z.string(),
  attempts: z.nullable(z.int()),
  firstFailureAt: z.nullable(z.string()),
  lastFailureAt: z.nullable(z.string()),
  requestId: z.nullable(z.string()),
  traceId: z.nullable(z.string()),
  sizeBytes: z.int(),
});
export type LetterSummary = z.output<typeof letterSummary>;

/** The most dead letters of a service that are listed. */
export const LETTERS_MAX = 1_000;
/** The most that are changed by one call. */
export const CHANGED_MAX = 100;

/**
 * What each service answers to the service of administrators, beside its contract. RabbitMQ vouches for the
 * sender; these calls carry no caller and need no key of the called service.
 */
export const operations = {
  /** Of the whole process. */
  report: { key: '$report', params: z.strictObject({}), result: nodeReport, timeoutMs: 1_000 },
  /** The oldest dead letters of the called service. */
  deadLetters: {
    key: '$deadLetters',
    params: z.strictObject({}),
    result: z.object({ items: z.array(letterSummary), total: z.int() }),
    timeoutMs: 4_000,
  },
  deadLetter: {
    key: '$deadLetter',
    params: z.strictObject({ id: z.string() }),
    /** The payload as it arrived. */
    result: z.nullable(z.extend(letterSummary, { payload: z.string() })),
    timeoutMs: 4_000,
  },
  /** Gives dead letters back to their service, or deletes them; answers with the ids that were there. */
  changeDeadLetters: {
    key: '$changeDeadLetters',
    params: z.strictObject({
      change: z.enum(['replay', 'discard']),
      ids: z.array(z.string()).check(z.maxLength(CHANGED_MAX)),
    }),
    result: z.object({ changed: z.array(z.string()) }),
    timeoutMs: 10_000,
  },
  /** Of the called service in one process; for the operator alone. */
  changeLogLevel: {
    key: '$changeLogLevel',
    params: logLevelChange,
    result: z.object({}),
    timeoutMs: 2_000,
  },
} as const;
export type Operations = typeof operations;
