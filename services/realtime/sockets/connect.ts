import type { Socket } from 'socket.io';
import { resume } from '../domain/resume.ts';
import { userNames } from '../messages/user-names.ts';
import { countSockets } from '../metrics.ts';
import { readEnds } from '../persistence/messages.ts';
import type { RealtimeService } from '../realtime.ts';
import type { Authenticated } from './authenticate.ts';
import { closeConnection } from './close-connection.ts';
import type { Connection } from './connections.ts';
import { emitTo } from './emit.ts';
import { noticeSettings } from './notice.ts';
import { closeIfRevoked } from './revoke.ts';

/** The limit for one user at one process; a further socket closes the oldest. */
const SOCKETS_PER_USER = 20;
const RETRY_MS = 1_000;

/**
 * Sends `welcome` with the socket's position; from then on delivery sends missed and new messages in order.
 */
const welcome = async (
  service: RealtimeService,
  connection: Connection,
  after: number | null,
): Promise<void> => {
  const { userId, socket } = connection;
  const ends = await readEnds(service.db, userId);
  if (!socket.connected) return;
  const { from, reread } = resume(after, ends);
  emitTo(socket, 'welcome', { userId, seq: ends.last, reread });
  connection.seq = from;
  // A notice that was sent meanwhile is not kept for a client that comes back.
  if (after !== null) noticeSettings(service, [connection]);
  // Also for messages committed since the read, whose notification came before this socket had a position.
  service.state.delivery.wake([userId]);
};

/**
 * While the database is unavailable the socket waits here, so that its client does not reconnect repeatedly.
 */
const welcomeWithRetry = (service: RealtimeService, connection: Connection, after: number | null): void => {
  welcome(service, connection, after).catch((error: unknown) => {
    service.log.warn({ err: error }, 'stream position of a new socket could not be read; retrying');
    if (connection.socket.connected)
      setTimeout(welcomeWithRetry, RETRY_MS, service, connection, after).unref();
  });
};

/** Saves an administrator of whom no event has arrived since this service was added. */
const saveAdmin = async (service: RealtimeService, { role, userId }: Connection): Promise<void> => {
  if (role === 'ADMIN') await userNames(service, service.db, [userId]);
};

/** Registers an authenticated socket. Its messages follow from its user and role, not from its client. */
export const connect = (service: RealtimeService, socket: Socket): void => {
  const { state, log } = service;
  const { access, after } = socket.data as Authenticated;
  const connection: Connection = { ...access, socket, seq: null, fullSinceMs: null };
  // The data and the handshake are not needed any more and take memory.
  socket.data = null;
  Object.assign(socket, { handshake: null });
  countSockets(1);
  socket.once('disconnect', () => {
    state.connections.remove(connection);
    countSockets(-1);
  });
  void socket.join([`user:${access.userId}`, `role:${access.role}`]);

  const [oldest, ...others] = state.connections.add(connection);
  if (oldest && others.length >= SOCKETS_PER_USER) closeConnection(state.connections, oldest, 'replaced');
  closeIfRevoked(state, connection);
  welcomeWithRetry(service, connection, after);
  saveAdmin(service, connection).catch((error: unknown) => {
    log.warn({ err: error }, 'administrator could not be fetched from auth');
  });
};
