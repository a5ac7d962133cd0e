import type { Redis } from 'ioredis';
import { backoffMs, type Backoff } from '../../../broker/process/backoff.ts';
import type { Logger } from '../../../broker/process/logger.ts';

const RECONNECT: Backoff = { firstMs: 100, maxMs: 2_000 };
const COMMAND_LIMIT_MS = 2_000;
/** A connection that is silent for so long gets a question, and is replaced if there is no answer. */
const KEEP_ALIVE_MS = 10_000;

/** The connections to POC-2's Redis. */
export type Connections = {
  /** Receives messages; subscribes again by itself after each loss. */
  subscriber: Redis;
  publisher: Redis;
  /** Rejects unless both are connected. */
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
  const subscriber = open('from-poc2', { maxRetriesPerRequest: null });
  // A message that was not sent waits in the database, not in memory.
  const publisher = open('to-poc2', {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: COMMAND_LIMIT_MS,
  });
  return {
    subscriber,
    publisher,
    check: async () => {
      if (subscriber.status !== 'ready' || publisher.status !== 'ready') throw new Error('is not connected');
    },
    close: () => {
      subscriber.disconnect();
      publisher.disconnect();
    },
  };
};
