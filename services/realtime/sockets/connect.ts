import type { Socket } from 'socket.io';
import { resume } from '../domain/resume.ts';
import { namesOf } from '../messages/names.ts';
import { countSockets } from '../metrics.ts';
import { readEnds } from '../persistence/messages.ts';
import type { RealtimeService } from '../realtime.ts';
import type { Admitted } from './admit.ts';
import type { Connection } from './connections.ts';
import { closeConnection } from './close-connection.ts';
import { closeIfRevoked } from './revoke.ts';
import { say } from './emit.ts';

/** So many may one user have open at a process; the oldest goes. */
const SOCKETS_PER_USER = 20;
const AGAIN_MS = 1_000;

/** Says where the socket begins; what it missed and what comes is then brought to it in one stream. */
const welcome = async (
  service: RealtimeService,
  connection: Connection,
  after: number | null,
): Promise<void> => {
  const { userId, socket } = connection;
  const ends = await readEnds(service.db, userId);
  if (!socket.connected) return;
  const { from, reread } = resume(after, ends);
  say(socket, 'welcome', { userId, seq: ends.last, reread });
  connection.seq = from;
  // Also for what was committed since the ends were read, whose notification came too early for this socket.
  service.state.delivery.wake([userId]);
};

/** While the database is away a client waits here, rather than come back again and again. */
const begin = (service: RealtimeService, connection: Connection, after: number | null): void => {
  welcome(service, connection, after).catch((error: unknown) => {
    service.log.warn({ err: error }, 'a socket could not be welcomed yet');
    if (connection.socket.connected) setTimeout(begin, AGAIN_MS, service, connection, after).unref();
  });
};

/**
 * Events tell of administrators who change; one who was there before this service has to be asked for once.
 */
const learnOfAdmin = async (service: RealtimeService, { role, userId }: Connection): Promise<void> => {
  if (role === 'ADMIN') await namesOf(service, service.db, [userId]);
};

/** Takes in a socket that was admitted. What it is told is decided here, and by nothing that it says. */
export const connect = (service: RealtimeService, socket: Socket): void => {
  const { state, log } = service;
  const { access, after } = socket.data as Admitted;
  const connection: Connection = { ...access, socket, seq: null, cloggedSinceMs: null };
  socket.data = null;
  // Of the handshake nothing is needed any more.
  Object.assign(socket, { handshake: null });
  countSockets(1);
  socket.once('disconnect', () => {
    state.connections.remove(connection);
    countSockets(-1);
  });
  void socket.join([`user:${access.userId}`, `role:${access.role}`]);

  const [oldest, ...others] = state.connections.add(connection);
  if (oldest && others.length >= SOCKETS_PER_USER) closeConnection(service, oldest, 'replaced');
  closeIfRevoked(service, connection);
  begin(service, connection, after);
  learnOfAdmin(service, connection).catch((error: unknown) => {
    log.warn({ err: error }, 'an administrator is not known yet; events will tell');
  });
};
