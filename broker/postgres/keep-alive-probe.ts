import { Client, type ClientBase } from 'pg';
import type { Logger } from '../process/logger.ts';

const LOOK_EVERY_MS = 400;
/** A longer statement triggers a probe of the server. */
const SUSPECT_AFTER_MS = 1_200;
const PROBE_LIMIT_MS = 800;
/** A probe that is later than this says only that this process was busy. */
const LATE_MS = 200;

export type ConnectionProbe = {
  began(client: ClientBase): void;
  ended(client: ClientBase): void;
  stop(): void;
};

type WithSocket = { connection?: { stream?: { destroy(error: Error): void } } };

/** Whether the server answers; an SQL error is an answer too. */
const answers = async (url: string): Promise<boolean> => {
  const client = new Client({
    connectionString: url,
    application_name: 'payloom probe',
    connectionTimeoutMillis: PROBE_LIMIT_MS,
    query_timeout: PROBE_LIMIT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    return /^[0-9A-Z]{5}$/.test((error as { code?: string }).code ?? '');
  } finally {
    client.end().catch(() => undefined);
  }
};

/**
 * Closes connections on which the network drops all packets: TCP would retry for minutes, and after recovery
 * wait for its next retry. A slow statement or a lock is distinguished by a new connection, which the server
 * accepts.
 */
export const probeConnection = (url: string, log: Logger): ConnectionProbe => {
  const since = new Map<ClientBase, number>();
  let looking = false;

  const look = async (): Promise<void> => {
    const suspects = () =>
      [...since].filter(([, startedMs]) => performance.now() - startedMs > SUSPECT_AFTER_MS);
    if (looking || suspects().length === 0) return;
    looking = true;
    const startedMs = performance.now();
    try {
      if ((await answers(url)) || performance.now() - startedMs > PROBE_LIMIT_MS + LATE_MS) return;
      log.warn(
        { connections: suspects().length },
        'PostgreSQL cannot be reached; its connections are given up',
      );
      for (const [client] of suspects()) {
        const error = Object.assign(new Error('PostgreSQL cannot be reached'), { code: 'ETIMEDOUT' });
        (client as WithSocket).connection?.stream?.destroy(error);
      }
    } finally {
      looking = false;
    }
  };

  const timer = setInterval(() => void look(), LOOK_EVERY_MS).unref();
  return {
    began: (client) => void since.set(client, performance.now()),
    ended: (client) => void since.delete(client),
    stop: () => clearInterval(timer),
  };
};
