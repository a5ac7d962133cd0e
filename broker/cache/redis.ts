import type { Socket } from 'node:net';
import { Redis as Client } from 'ioredis';
import { backoffMs, type Backoff } from '../process/backoff.ts';
import type { Logger } from '../process/logger.ts';
import { writeTogether } from '../process/write-together.ts';

/** Time limit of a command; only the first commands of a pause wait for it. */
const COMMAND_LIMIT_MS = 50;
const PROBE_EVERY_MS = 250;
const CONNECT_LIMIT_MS = 1_000;
/** A connection without a reply for this long is replaced. */
const SILENCE_LIMIT_MS = 2_000;
const DISCONNECT_LIMIT_MS = 100;
const RECONNECT: Backoff = { firstMs: 100, maxMs: 2_000 };
/** Shorter outages are not logged. */
const LOG_AFTER_MS = 500;
const PROBE_KEY = 'payloom-probe';

/** The Redis that cache and limits of one process share. Its contents may be lost at any time. */
export type Redis = {
  client: Client;
  /** Whether commands are sent: false from the first command without a reply until a probe succeeds. */
  healthy(): boolean;
  /** Rejects unless it is healthy. */
  check(): Promise<void>;
  /** Incremented each time that Redis returns: its former contents no longer count. */
  session(): number;
  /** Releases the connection; it closes with its last holder. */
  close(): void;
};

/** Replies that mean "not serving", as opposed to an error of one command. */
const REFUSALS = /^(READONLY|OOM|MISCONF|LOADING|MASTERDOWN|BUSY|NOPERM|NOAUTH|WRONGPASS|CLUSTERDOWN)\b/;

const causeOf = (error: unknown): string => {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  if (/^(WRONGPASS|NOAUTH)|invalid (username|password)|AUTH <password>/i.test(message))
    return 'refuses the user or password of REDIS_URL';
  if (code === 'ECONNREFUSED') return 'refuses connections';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'cannot be found by this name';
  if (/^(Protocol error|Unknown RESP type)/i.test(message)) return 'does not speak the protocol of Redis';
  if (REFUSALS.test(message)) return `refuses to serve (${message.slice(0, 100)})`;
  if (/timed out|timeout|ETIMEDOUT/i.test(`${code} ${message}`)) return 'does not answer in time';
  return 'has closed the connection';
};

/** Calls `failed` with the error of every command, because packages hide theirs. */
const watchCommands = (client: Client, failed: (error: unknown) => void): void => {
  const send = client.sendCommand.bind(client);
  client.sendCommand = (command, stream) => {
    (command.promise as Promise<unknown>).then(undefined, failed);
    return send(command, stream);
  };
};

/** Tracks a client's health, and logs a change once if it lasts. */
const watchHealth = (client: Client, address: string, log: Logger) => {
  let healthy = false;
  let closed = false;
  let sessions = 0;
  let cause = 'has not answered yet';
  let logged: 'nothing' | 'outage' = 'nothing';
  let logTimer: NodeJS.Timeout | null = null;
  let probeTimer: NodeJS.Timeout | null = null;

  const logOutage = () => {
    logged = 'outage';
    log.warn(`Redis at ${address} ${cause}: nothing is cached and limits are counted per process meanwhile`);
  };
  const probe = async (): Promise<void> => {
    probeTimer = null;
    if (closed || healthy || client.status !== 'ready') return;
    try {
      // A write, because a full Redis or a replica still answers PING.
      await client.set(PROBE_KEY, '1', 'EX', 60);
    } catch (error) {
      trouble(error);
      return;
    }
    if (closed) return;
    healthy = true;
    sessions += 1;
    if (logTimer) clearTimeout(logTimer);
    logTimer = null;
    if (logged === 'outage') log.info(`Redis at ${address} serves again`);
    logged = 'nothing';
  };
  const probeIn = (delayMs: number) => {
    probeTimer ??= setTimeout(() => void probe(), delayMs).unref();
  };
  const trouble = (error: unknown) => {
    if (closed) return;
    cause = causeOf(error);
    // The first probe is sent at once: this process may have been too busy to read the reply.
    probeIn(healthy ? 0 : PROBE_EVERY_MS);
    healthy = false;
    if (logged === 'nothing') logTimer ??= setTimeout(logOutage, LOG_AFTER_MS).unref();
  };

  watchCommands(client, (error) => {
    const { message = '' } = error as Error;
    if (message === 'Command timed out' || REFUSALS.test(message)) trouble(error);
  });
  // ioredis emits an error for every failed attempt and prints it without a handler.
  client.on('error', trouble);
  client.on('close', () => {
    if (healthy) trouble(new Error('closed'));
  });
  client.on('ready', () => void probe());
  return {
    healthy: () => healthy,
    session: () => sessions,
    close: () => {
      closed = true;
      healthy = false;
      for (const timer of [logTimer, probeTimer]) if (timer) clearTimeout(timer);
    },
  };
};

type RedisOptions = { url: string; name: string; log: Logger; commandLimitMs?: number };

const connect = ({ url, name, log, commandLimitMs = COMMAND_LIMIT_MS }: RedisOptions): Redis => {
  const { host } = new URL(url);
  const client = new Client(url, {
    connectionName: name.replaceAll(/[^\x21-\x7e]/g, '-'),
    lazyConnect: true,
    // A command is neither queued nor repeated: memory counts, and the handler answers instead.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: commandLimitMs,
    connectTimeout: CONNECT_LIMIT_MS,
    socketTimeout: SILENCE_LIMIT_MS,
    disconnectTimeout: DISCONNECT_LIMIT_MS,
    retryStrategy: (tries) => backoffMs(RECONNECT, tries),
  });
  client.on('connect', () => writeTogether(client.stream as Socket));
  const health = watchHealth(client, host, log);
  client.connect().catch(() => undefined);
  return {
    client,
    healthy: health.healthy,
    check: async () => {
      if (!health.healthy()) throw new Error('does not serve commands');
    },
    session: health.session,
    close: () => {
      health.close();
      // QUIT would wait for a paused Redis.
      client.disconnect();
    },
  };
};

const open = new Map<string, { redis: Redis; holders: number }>();

/**
 * Opens the process's connection to a Redis, or shares an open one. Never throws or waits: until Redis
 * answers it is not `healthy`, and one log line gives the reason.
 * @param options.name the connection's name in `CLIENT LIST`: the process's node id
 * @param options.commandLimitMs how long a command waits for its reply before Redis counts as unavailable
 */
export const openRedis = (options: RedisOptions): Redis => {
  const { url } = options;
  const shared = open.get(url) ?? { redis: connect(options), holders: 0 };
  shared.holders += 1;
  open.set(url, shared);
  let held = true;
  return {
    ...shared.redis,
    close: () => {
      if (!held) return;
      held = false;
      shared.holders -= 1;
      if (shared.holders > 0) return;
      open.delete(url);
      shared.redis.close();
    },
  };
};
