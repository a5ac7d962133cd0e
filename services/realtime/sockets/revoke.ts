import type { Revoked, Verdict } from '../../../broker/revocations.ts';
import type { RealtimeRoom } from '../realtime-room.ts';
import type { Connection } from './connections.ts';
import { goodbye } from './goodbye.ts';

/** Closes the sockets of sessions that have ended, and of users whose rights have changed. */
export const revoke = (room: RealtimeRoom, list: Partial<Revoked>): void => {
  room.state.revocations.add(list);
  const ended = new Set(list.sessionIds);
  const versions = new Map(list.outdated?.map(({ userId, version }) => [userId as string, version]));
  for (const connection of room.state.connections.all()) {
    const { sessionId, userId, version } = connection;
    if (ended.has(sessionId)) goodbye(room, connection, 'revoked');
    // A ticket does not say which version it was issued with: it may have been the former one.
    else if ((version ?? -1) < (versions.get(userId) ?? -1)) goodbye(room, connection, 'outdated');
  }
};

/** What is known against somebody who opens a socket. A ticket was issued to the rights that held then. */
export const verdictOn = (
  { state }: RealtimeRoom,
  { userId, sessionId, version }: Omit<Connection, 'socket' | 'seq' | 'cloggedSinceMs'>,
): Verdict | Promise<Verdict> =>
  state.revocations.verdict({ userId, sessionId }, version ?? Number.MAX_SAFE_INTEGER);

const close = (room: RealtimeRoom, connection: Connection, verdict: Verdict): void => {
  if (verdict) goodbye(room, connection, verdict === 'session_ended' ? 'revoked' : 'outdated');
};

/** Closes a socket if it was revoked before it could be found among the others. */
export const closeIfRevoked = (room: RealtimeRoom, connection: Connection): void => {
  const verdict = verdictOn(room, connection);
  if (!(verdict instanceof Promise)) return close(room, connection, verdict);
  verdict
    .then((known) => close(room, connection, known))
    // Nothing can be heard at present; once it can, all sockets are looked at.
    .catch(() => undefined);
};

/** Asks auth anew, and closes what was revoked while nothing could be heard. */
export const hearAgain = async (room: RealtimeRoom): Promise<void> => {
  const { revocations, connections } = room.state;
  await revocations.load();
  for (const connection of connections.all()) {
    const { userId, sessionId, version } = connection;
    const verdict = revocations.verdict({ userId, sessionId }, version ?? -1);
    // Deaf again: this is done anew when it hears again.
    if (verdict instanceof Promise) return verdict.then(() => undefined).catch(() => undefined);
    close(room, connection, verdict);
  }
};
