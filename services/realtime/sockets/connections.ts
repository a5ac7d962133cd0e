import type { Socket } from 'socket.io';
import type { UserId } from '../../../shared/contracts/ids.ts';
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
      const mine = [...of(connection.userId), connection];
      users.set(connection.userId, mine);
      return mine;
    },
    remove: (connection) => {
      const mine = of(connection.userId);
      const others = mine.filter((one) => one !== connection);
      if (others.length > 0) users.set(connection.userId, others);
      else users.delete(connection.userId);
      return others.length < mine.length;
    },
    users: () => [...users.keys()],
    all: () => [...users.values()].flat(),
  };
};
