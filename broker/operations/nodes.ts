import type { ServiceBroker } from 'moleculer';
import type * as z from 'zod/mini';
import { operations, type Operations } from '../../shared/contracts/operations.ts';
import { AppError, toAppError } from '../calls/errors.ts';

/** A process, as Moleculer's registry knows it. */
export type KnownNode = { nodeId: string; services: string[] };

/** A process that has left: by its own announcement, or without one. */
type LostNode = { nodeId: string; died: boolean };

/** All processes, for the service of administrators; a process obeys no other one. */
export type Nodes = {
  /** The processes that are there, this one included. */
  all(): KnownNode[];
  /** Calls back when a process leaves. */
  onLost(callback: (lost: LostNode) => void): void;
  /**
   * Asks one process about one of its services.
   * @throws AppError `unavailable` when the process is gone, `timeout` when it does not answer
   */
  ask<K extends keyof Operations>(
    operation: K,
    of: { nodeId: string; service: string },
    params: z.input<Operations[K]['params']>,
  ): Promise<z.output<Operations[K]['result']>>;
};

type Registered = { id: string; available: boolean; services?: { name: string }[] };
type Disconnected = { node: { id: string }; unexpected: boolean };

export const nodesOf = (broker: ServiceBroker): Nodes => ({
  all: () => {
    const listed: unknown = broker.registry.getNodeList({ onlyAvailable: true, withServices: true });
    return (listed as Registered[]).flatMap(({ id, services = [] }) => {
      const names = services.map(({ name }) => name).filter((name) => !name.startsWith('$'));
      return names.length === 0 ? [] : [{ nodeId: id, services: names.sort() }];
    });
  },
  onLost: (callback) => {
    broker.localBus.on('$node.disconnected', ({ node, unexpected }: Disconnected) =>
      callback({ nodeId: node.id, died: unexpected }),
    );
  },
  ask: async (operation, { nodeId, service }, params) => {
    const { key, result, timeoutMs } = operations[operation];
    try {
      const answer = await broker.call(`${service}.${key}`, params, { nodeID: nodeId, timeout: timeoutMs });
      const parsed = result.safeParse(answer);
      if (!parsed.success) throw new AppError('internal', {}, { cause: parsed.error });
      return parsed.data as never;
    } catch (error) {
      throw toAppError(error);
    }
  },
});
