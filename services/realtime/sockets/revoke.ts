import type { Revoked, Verdict } from '../../../broker/calls/revocations.ts';
import type { RealtimeService } from '../realtime.ts';
import type { Connection } from './connections.ts';
import { closeConnection } from './close-connection.ts';

/** Closes the sockets of sessions that have ended, and of users whose rights have changed. */
export const revoke = (service: RealtimeService, list: Partial<Revoked>): void => {
  service.state.revocations.add(list);
  const ended = new Set(list.sessionIds);
  const versions = new Map(list.staleVersions?.map(({ userId, version }) => [userId as string, version]));
  for (const connection of service.state.connections.all()) {
    const { sessionId, userId, version } = connection;
    if (ended.has(sessionId)) closeConnection(service, connection, 'revoked');
    // A ticket does not say which version it was issued with: it may have been the former one.
    else if ((version ?? -1) < (versions.get(userId) ?? -1))
      closeConnection(service, connection, 'access_changed');
  }
};

/** What is known against somebody who opens a socket. A ticket was issued to the rights that held then. */
export const verdictOn = (
  { state }: RealtimeService,
  { userId, sessionId, version }: Omit<Connection, 'socket' | 'seq' | 'cloggedSinceMs'>,
): Verdict | Promise<Verdict> =>
  state.revocations.verdict({ userId, sessionId }, version ?? Number.MAX_SAFE_INTEGER);

const close = (service: RealtimeService, connection: Connection, verdict: Verdict): void => {
  if (verdict)
    closeConnection(service, connection, verdict === 'session_ended' ? 'revoked' : 'access_changed');
};

/** Closes a socket if it was revoked before it could be found among the others. */
export const closeIfRevoked = (service: RealtimeService, connection: Connection): void => {
  const verdict = verdictOn(service, connection);
  if (!(verdict instanceof Promise)) return close(service, connection, verdict);
  verdict
    .then((known) => close(service, connection, known))
    // Nothing can be heard at present; once it can, all sockets are looked at.
    .catch(() => undefined);
};

/** Asks auth anew, and closes what was revoked while nothing could be heard. */
export const onResubscribed = async (service: RealtimeService): Promise<void> => {
  const { revocations, connections } = service.state;
  await revocations.load();
  for (const connection of connections.all()) {
    const { userId, sessionId, version } = connection;
    const verdict = revocations.verdict({ userId, sessionId }, version ?? -1);
    // Deaf again: this is done anew when it hears again.
    if (verdict instanceof Promise) return verdict.then(() => undefined).catch(() => undefined);
    close(service, connection, verdict);
  }
};
