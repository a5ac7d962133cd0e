import type { Socket } from 'node:net';
import { Client, type ClientBase } from 'pg';
import type { Logger } from '../process/logger.ts';

const LOOK_EVERY_MS = 400;
/** A longer statement triggers a probe of the server. */
const SUSPECT_AFTER_MS = 1_200;
/** A host that can be reached accepts a TCP connection within this time, however busy its server is. */
const REACH_MS = 800;
/** A server that runs answers within this time; a proxy may have accepted the connection in its place. */
const ANSWER_MS = 4_000;
/** A probe that is later than this says only that this process was busy. */
const LATE_MS = 200;

export type ConnectionProbe = {
  began(client: ClientBase): void;
  ended(client: ClientBase): void;
  stop(): void;
};

type WithSocket = { connection?: { stream?: Socket } };

/**
 * Whether the server can be reached and answers; an SQL error is an answer too. Where this process was too
 * busy to notice an answer, it counts as one.
 */
const answers = async (url: string): Promise<boolean> => {
  const client = new Client({
    connectionString: url,
    application_name: 'payloom probe',
    connectionTimeoutMillis: ANSWER_MS,
  }) as Client & WithSocket;
  client.on('error', () => undefined);
  const startedMs = performance.now();
  let limitMs = REACH_MS;
  const stream = client.connection?.stream;
  const unreachable = setTimeout(() => stream?.destroy(new Error('no TCP connection')), REACH_MS);
  stream?.once('connect', () => {
    clearTimeout(unreachable);
    limitMs = ANSWER_MS;
  });
  try {
    await client.connect();
    return true;
  } catch (error) {
    const isAnswer = /^[0-9A-Z]{5}$/.test((error as { code?: string }).code ?? '');
    return isAnswer || performance.now() - startedMs > limitMs + LATE_MS;
  } finally {
    clearTimeout(unreachable);
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
    try {
      if (await answers(url)) return;
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
