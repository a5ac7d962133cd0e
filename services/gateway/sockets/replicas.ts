import { tagOf } from '../../../broker/calls/instances.ts';
import type { Instance } from '../../../broker/process/service.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Clock } from '../../../broker/process/clock.ts';

/** How long a process that does not take connections is passed over, where there is another. */
const AVOIDED_MS = 5_000;

/** Which process of the realtime service a socket belongs to. */
export type Replicas = {
  /**
   * The address to go to.
   * @param socketId of a socket that is open already: its process, which the id names
   * @throws AppError `unavailable` when there is none; `bad_request` when its process is gone, so that the
   *   client opens a new socket
   */
  addressFor(socketId: string | null): string;
  /** Passes over an address for a while. */
  avoid(address: string): void;
};

/** In turn, for new sockets; by the tag in its id for one that is open. */
export const replicasOf = (instances: () => readonly Instance[], clock: Clock): Replicas => {
  const avoidedUntilMs = new Map<string, number>();
  let turn = 0;

  const next = (): string => {
    // A process that was killed may be listed beside the one that took its place.
    const all = [...new Set(instances().map(({ address }) => address))];
    const good = all.filter((address) => (avoidedUntilMs.get(address) ?? 0) < clock.nowMs());
    const candidates = good.length > 0 ? good : all;
    const address = candidates[turn++ % candidates.length];
    if (address === undefined) throw new AppError('unavailable', { retryAfterS: 1 });
    return address;
  };

  return {
    addressFor: (socketId) => {
      if (socketId === null) return next();
      const tag = socketId.slice(0, socketId.indexOf('.'));
      const place = instances().find(({ nodeId }) => tagOf(nodeId) === tag);
      if (!place) throw new AppError('bad_request', { detail: 'This socket is closed. Open a new one.' });
      return place.address;
    },
    avoid: (address) => {
      avoidedUntilMs.set(address, clock.nowMs() + AVOIDED_MS);
    },
  };
};
