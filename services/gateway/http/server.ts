import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connections } from '../../../broker/process/connections.ts';
import type { GatewayService } from '../gateway.ts';

const CLOSE_UNUSED_EVERY_MS = 50;
/** The time limit of most calls and a second; a process has 10 s to stop. */
const ANSWERS_LIMIT_MS = 6_000;
const SHORT_TURN_MS = 0.5;
const TURNS_MAX = 100;

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    // moleculer-web ends the process when the port is taken; here the start is rejected and ends in order.
    server.removeAllListeners('error').once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });

/**
 * Takes connections once the revoked sessions are loaded, so that no revoked token is accepted. When auth
 * does not answer within the time that `known` waits, the gateway serves pages and refuses calls with 503.
 */
export const startServing = async ({ state, config }: GatewayService): Promise<void> => {
  const loaded = state.revocations.load();
  await state.revocations.known()?.catch(() => undefined);
  await listen(state.server, config.port, config.host);
  await loaded;
};

/**
 * A new connection waits in the kernel's queue until a turn of the event loop, and is reset if the server
 * closes before that. A short turn means that the queue is empty or nearly so.
 */
const acceptWaiting = async (): Promise<void> => {
  for (let turn = 0; turn < TURNS_MAX; turn++) {
    const startedMs = performance.now();
    await new Promise(setImmediate);
    if (performance.now() - startedMs < SHORT_TURN_MS) return;
  }
};

/**
 * Takes no more connections and closes each open one with its next response. Other connections stay open for
 * the grace period, because a client may be writing its next request at this moment, and are closed after it:
 * idle, half-sent and upgraded ones. Requests without an answer have until the limit, counted from the start.
 */
export const closeServer = async (
  server: Server,
  connections: Connections,
  { graceMs, limitMs = ANSWERS_LIMIT_MS }: { graceMs: number; limitMs?: number },
): Promise<void> => {
  const endMs = performance.now() + limitMs;
  await acceptWaiting();
  let isClosed = false;
  // The close of HTTP servers would close idle connections at once.
  const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve())).then(
    () => void (isClosed = true),
  );
  await Promise.race([closed, sleep(graceMs)]);
  while (!isClosed && performance.now() < endMs) {
    connections.closeUnused();
    await Promise.race([closed, sleep(CLOSE_UNUSED_EVERY_MS)]);
  }
  connections.closeAll();
  await closed;
};
