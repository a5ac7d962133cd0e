import type { Redis } from 'ioredis';
import { backoffMs, type Backoff } from '../../../broker/process/backoff.ts';
import type { Logger } from '../../../broker/process/logger.ts';

const RECONNECT: Backoff = { firstMs: 100, maxMs: 2_000 };
const SUBSCRIBE_AGAIN: Backoff = { firstMs: 250, maxMs: 10_000 };
const COMMAND_LIMIT_MS = 2_000;
/** A connection that is silent for so long gets a question, and is replaced if there is no answer. */
const KEEP_ALIVE_MS = 10_000;

/** The connections to POC-2's Redis. */
export type Connections = {
  /** Receives messages. */
  subscriber: Redis;
  publisher: Redis;
  /** Subscribes now, and again after each loss and refusal. */
  subscribe(patterns: readonly string[]): void;
  /** Rejects unless both are connected, and messages received. */
  check(): Promise<void>;
  close(): void;
};

/** Opens both; never waits for Redis. Loaded only here, because few processes need it. */
export const connectPoc2 = async (url: string, name: string, log: Logger): Promise<Connections> => {
  const { Redis: Client } = await import('ioredis');
  const { host } = new URL(url);
  const open = (purpose: string, options: object): Redis => {
    const client = new Client(url, {
      connectionName: `${name}-${purpose}`.replaceAll(/[^\x21-\x7e]/g, '-'),
      retryStrategy: (tries) => backoffMs(RECONNECT, tries),
      keepAlive: KEEP_ALIVE_MS,
      ...options,
    });
    let isLost = false;
    client.on('error', (error: Error) => {
      if (!isLost) log.warn({ err: error, purpose }, `POC-2's Redis at ${host} cannot be used`);
      isLost = true;
    });
    client.on('close', () => {
      if (!isLost) log.warn({ purpose }, `POC-2's Redis at ${host} has closed the connection`);
      isLost = true;
    });
    client.on('ready', () => {
      if (isLost) log.info({ purpose }, `POC-2's Redis at ${host} serves again`);
      isLost = false;
    });
    return client;
  };
  const subscriber = open('from-poc2', { maxRetriesPerRequest: null, autoResubscribe: false });
  // A message that was not sent waits in the database, not in memory.
  const publisher = open('to-poc2', {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: COMMAND_LIMIT_MS,
  });
  let isSubscribed = false;
  const subscribe = (patterns: readonly string[]): void => {
    let tries = 0;
    const attempt = async (): Promise<void> => {
      // Its return subscribes.
      if (subscriber.status !== 'ready') return;
      try {
        await subscriber.psubscribe(...patterns);
        isSubscribed = true;
        tries = 0;
      } catch (error) {
        if (tries === 0) log.error({ err: error }, `POC-2's Redis at ${host} refuses the subscription`);
        setTimeout(attempt, backoffMs(SUBSCRIBE_AGAIN, tries++)).unref();
      }
    };
    subscriber.on('ready', attempt);
    subscriber.on('close', () => (isSubscribed = false));
    void attempt();
  };
  return {
    subscribe,
    subscriber,
    publisher,
    check: async () => {
      if (subscriber.status !== 'ready' || publisher.status !== 'ready') throw new Error('is not connected');
      if (!isSubscribed) throw new Error('is not subscribed');
    },
    close: () => {
      subscriber.disconnect();
      publisher.disconnect();
    },
  };
};
