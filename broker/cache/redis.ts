import { Redis as Client } from 'ioredis';
import type { Logger } from '../process/logger.ts';

/** No request waits longer than this for Redis, and only the first ones of a pause do at all. */
export const COMMAND_LIMIT_MS = 50;
const PROBE_EVERY_MS = 250;
const CONNECT_LIMIT_MS = 1_000;
/** A connection that has said nothing for so long after a question is given up for a new one. */
const SILENCE_LIMIT_MS = 2_000;
const DISCONNECT_LIMIT_MS = 100;
const RECONNECT_MIN_MS = 100;
const RECONNECT_MAX_MS = 2_000;
/** A hiccup shorter than this is lived through without a word in the log. */
const TELL_AFTER_MS = 500;
const PROBE_KEY = 'payloom-probe';

/** Redis as the cache and the limits of one process share it. Whatever it holds may be lost at any time. */
export type Redis = {
  client: Client;
  /** Whether it is worth asking: false from the first question that it leaves open until a probe succeeds. */
  healthy(): boolean;
  /** Grows each time that Redis comes back: what it held or was told before then counts no longer. */
  session(): number;
  /** Ends this holder's use; the connection ends with its last holder. */
  close(): void;
};

/** Answers that mean "I serve nobody now", not "this one command is wrong". */
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

/** Milliseconds before the next try: random, so that processes do not come back all at once. */
const reconnectDelayMs = (tries: number): number => {
  const longest = Math.min(RECONNECT_MAX_MS, RECONNECT_MIN_MS * 2 ** Math.min(tries, 10));
  return RECONNECT_MIN_MS + Math.random() * (longest - RECONNECT_MIN_MS);
};

/** Calls `failed` with the error of every command, whoever sent it: packages keep theirs to themselves. */
const watchCommands = (client: Client, failed: (error: unknown) => void): void => {
  const send = client.sendCommand.bind(client);
  client.sendCommand = (command, stream) => {
    (command.promise as Promise<unknown>).then(undefined, failed);
    return send(command, stream);
  };
};

/** Follows whether a client is worth asking, and tells the log once when that changes for longer. */
const watchHealth = (client: Client, place: string, log: Logger) => {
  let healthy = false;
  let closed = false;
  let sessions = 0;
  let cause = 'has not answered yet';
  let told: 'nothing' | 'away' = 'nothing';
  let tellTimer: NodeJS.Timeout | null = null;
  let probeTimer: NodeJS.Timeout | null = null;

  const tell = () => {
    told = 'away';
    log.warn(`Redis at ${place} ${cause}: nothing is cached and limits are counted per process meanwhile`);
  };
  const probe = async (): Promise<void> => {
    probeTimer = null;
    if (closed || healthy || client.status !== 'ready') return;
    try {
      // A write, because a Redis that is full or a replica still answers a PING.
      await client.set(PROBE_KEY, '1', 'EX', 60);
    } catch (error) {
      trouble(error);
      return;
    }
    if (closed) return;
    healthy = true;
    sessions += 1;
    if (tellTimer) clearTimeout(tellTimer);
    tellTimer = null;
    if (told === 'away') log.info(`Redis at ${place} serves again`);
    told = 'nothing';
  };
  const probeIn = (delayMs: number) => {
    probeTimer ??= setTimeout(() => void probe(), delayMs).unref();
  };
  const trouble = (error: unknown) => {
    if (closed) return;
    cause = causeOf(error);
    // The first probe goes out at once: it may have been this process that was too busy to read the answer.
    probeIn(healthy ? 0 : PROBE_EVERY_MS);
    healthy = false;
    if (told === 'nothing') tellTimer ??= setTimeout(tell, TELL_AFTER_MS).unref();
  };

  watchCommands(client, (error) => {
    const { message = '' } = error as Error;
    if (message === 'Command timed out' || REFUSALS.test(message)) trouble(error);
  });
  // ioredis tells of every failed try; without a listener it would print them.
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
      for (const timer of [tellTimer, probeTimer]) if (timer) clearTimeout(timer);
    },
  };
};

const connect = (url: string, name: string, log: Logger): Redis => {
  const { host } = new URL(url);
  const client = new Client(url, {
    connectionName: name.replaceAll(/[^\x21-\x7e]/g, '-'),
    lazyConnect: true,
    // A command waits for nothing and is never sent twice: memory counts, the handler answers instead.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: COMMAND_LIMIT_MS,
    connectTimeout: CONNECT_LIMIT_MS,
    socketTimeout: SILENCE_LIMIT_MS,
    disconnectTimeout: DISCONNECT_LIMIT_MS,
    retryStrategy: reconnectDelayMs,
  });
  const health = watchHealth(client, host, log);
  client.connect().catch(() => undefined);
  return {
    client,
    healthy: health.healthy,
    session: health.session,
    close: () => {
      health.close();
      // QUIT would wait for a Redis that is paused.
      client.disconnect();
    },
  };
};

const open = new Map<string, { redis: Redis; holders: number }>();

/**
 * Opens this process's connection to a Redis, or shares the one that is open already. Never throws and never
 * waits: until Redis answers it is not `healthy`, and one sentence in the log says why.
 * @param options.name how Redis lists the connection (`CLIENT LIST`): the process's node id
 */
export const openRedis = ({ url, name, log }: { url: string; name: string; log: Logger }): Redis => {
  const shared = open.get(url) ?? { redis: connect(url, name, log), holders: 0 };
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
