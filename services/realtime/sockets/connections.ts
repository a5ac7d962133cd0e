import type { Socket } from 'socket.io';
import type { UserId } from '../../../shared/contracts/ids.ts';
import { SHARDS, shardOf } from '../messages/shards.ts';
import type { TicketHolder } from '../persistence/tickets.ts';

/** Who opened a socket, and for how long. */
export type Access = TicketHolder & {
  /** The version of the user's rights; null where a ticket says nothing of it. */
  version: number | null;
  expiresAtMs: number;
};

/** A socket that was let in. There are many, so it is small. */
export type Connection = Access & {
  socket: Socket;
  /** The newest message that it was sent; null until it was welcomed. */
  seq: number | null;
  /** Since when so much waits that it is sent nothing; on the process's own time. */
  cloggedSinceMs: number | null;
};

/** The sockets of this process, by user. */
export type Connections = {
  /** Answers all sockets of that user, oldest first. */
  add(connection: Connection): readonly Connection[];
  /** False where it was gone already. */
  remove(connection: Connection): boolean;
  ofShard(shard: number): ReadonlyMap<UserId, readonly Connection[]>;
  all(): Connection[];
};

export const openConnections = (): Connections => {
  const shards = Array.from({ length: SHARDS }, () => new Map<UserId, Connection[]>());
  const shardFor = (userId: UserId) => shards[shardOf(userId)]!;
  return {
    add: (connection) => {
      const users = shardFor(connection.userId);
      const mine = [...(users.get(connection.userId) ?? []), connection];
      users.set(connection.userId, mine);
      return mine;
    },
    remove: (connection) => {
      const users = shardFor(connection.userId);
      const mine = users.get(connection.userId) ?? [];
      const others = mine.filter((one) => one !== connection);
      if (others.length > 0) users.set(connection.userId, others);
      else users.delete(connection.userId);
      return others.length < mine.length;
    },
    ofShard: (shard) => shards[shard]!,
    all: () => shards.flatMap((users) => [...users.values()].flat()),
  };
};
