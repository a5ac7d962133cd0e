import { LRUCache } from 'lru-cache';
import { tagOf } from '../../../broker/calls/instances.ts';
import type { Instance } from '../../../broker/process/service.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Clock } from '../../../broker/process/clock.ts';

/** How long a process that refused a connection is skipped, where there is another. */
const AVOIDED_MS = 5_000;
const AVOIDED_MAX = 100;

/** Chooses the process of the realtime service for a socket. */
export type Replicas = {
  /**
   * The process's address, `http://host:port`.
   * @param socketId the id of an open socket, which begins with the tag of its process; null for a new socket
   * @throws AppError `unavailable` when there is no process; `bad_request` when the socket's process has
   *   ended, so that the client opens a new socket
   */
  addressFor(socketId: string | null): string;
  /** Skips an address for 5 s when choosing for new sockets. */
  avoid(address: string): void;
};

/** Round robin for new sockets; by the tag in its id for an open socket. */
export const replicasOf = (instances: () => readonly Instance[], clock: Clock): Replicas => {
  const avoided = new LRUCache<string, true>({
    max: AVOIDED_MAX,
    ttl: AVOIDED_MS,
    ttlResolution: 0,
    perf: { now: clock.nowMs },
  });
  let turn = 0;

  const next = (): string => {
    // A process that was killed may be listed beside its successor at the same address.
    const all = [...new Set(instances().map(({ address }) => address))];
    const good = all.filter((address) => !avoided.has(address));
    const candidates = good.length > 0 ? good : all;
    const address = candidates[turn++ % candidates.length];
    if (address === undefined) throw new AppError('unavailable', { retryAfterS: 1 });
    return address;
  };

  return {
    addressFor: (socketId) => {
      if (socketId === null) return next();
      const tag = socketId.slice(0, socketId.indexOf('.'));
      const instance = instances().find(({ nodeId }) => tagOf(nodeId) === tag);
      if (!instance) throw new AppError('bad_request', { detail: 'This socket is closed. Open a new one.' });
      return instance.address;
    },
    avoid: (address) => void avoided.set(address, true),
  };
};
