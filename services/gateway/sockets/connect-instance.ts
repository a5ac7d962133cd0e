import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, isAppError } from '../../../broker/calls/errors.ts';
import type { Replicas } from './replicas.ts';

const CONNECT_LIMIT_MS = 1_000;
const RETRY_MS = 50;
/** The same time as for a call to a service that has no process. */
const LIMIT_MS = 2_500;

const takesConnections = (address: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(address);
    const socket = connect({ host: hostname.replace(/[[\]]/g, ''), port: Number(port) });
    socket.setTimeout(CONNECT_LIMIT_MS, () => socket.destroy());
    socket.once('error', () => undefined);
    socket.once('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.once('close', () => resolve(false));
  });

const addressOrNull = (replicas: Replicas): string | null => {
  try {
    return replicas.addressFor(null);
  } catch (error) {
    if (isAppError(error)) return null;
    throw error;
  }
};

/**
 * Finds a process of the realtime service that takes connections. A process that was killed stays on the
 * bus's list for a while; a client that is sent there fails and backs off longer each time.
 * @returns its address, `http://host:port`
 * @throws AppError `unavailable` when there is none for 2.5 s
 */
export const connectableInstance = async (replicas: Replicas): Promise<string> => {
  const endMs = performance.now() + LIMIT_MS;
  for (;;) {
    const address = addressOrNull(replicas);
    if (address !== null && (await takesConnections(address))) return address;
    if (address !== null) replicas.avoid(address);
    if (performance.now() > endMs) throw new AppError('unavailable', { retryAfterS: 1 });
    await sleep(RETRY_MS);
  }
};
