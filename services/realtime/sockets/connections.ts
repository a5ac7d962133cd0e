import type { Socket } from 'socket.io';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { TicketHolder } from '../persistence/tickets.ts';

/** The user and session of a socket, and when its access ends. */
export type Access = TicketHolder & {
  /** The version of the user's rights; null for a socket that was opened by a ticket. */
  version: number | null;
  /** The key that signed the access token; null for a socket that was opened by a ticket. */
  keyId: string | null;
  expiresAtMs: number;
};

/** An authenticated socket. There are many, so it is small. */
export type Connection = Access & {
  socket: Socket;
  /** The number of the newest message that was sent; null before `welcome`. */
  seq: number | null;
  /** Since when its write buffer has been full, by `performance.now()`; null while it has space. */
  fullSinceMs: number | null;
};

/** The sockets of this process, by user. */
export type Connections = {
  /** Returns all sockets of the connection's user, oldest first. */
  add(connection: Connection): readonly Connection[];
  /** Returns false when it was removed before. */
  remove(connection: Connection): boolean;
  of(userId: UserId): readonly Connection[];
  users(): UserId[];
  all(): Connection[];
};

export const openConnections = (): Connections => {
  const users = new Map<UserId, readonly Connection[]>();
  const of = (userId: UserId) => users.get(userId) ?? [];
  return {
    of,
    add: (connection) => {
      const own = [...of(connection.userId), connection];
      users.set(connection.userId, own);
      return own;
    },
    remove: (connection) => {
      const own = of(connection.userId);
      const others = own.filter((one) => one !== connection);
      if (others.length > 0) users.set(connection.userId, others);
      else users.delete(connection.userId);
      return others.length < own.length;
    },
    users: () => [...users.keys()],
    all: () => [...users.values()].flat(),
  };
};
