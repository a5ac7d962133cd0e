import type { Revoked, Verdict } from '../../../broker/calls/revocations.ts';
import type { RealtimeState } from '../realtime.ts';
import { closeConnection } from './close-connection.ts';
import type { Access, Connection } from './connections.ts';

type State = Pick<RealtimeState, 'revocations' | 'connections'>;

/** Closes the sockets of ended sessions, of users whose rights have changed, and of revoked keys. */
export const revoke = ({ revocations, connections }: State, list: Partial<Revoked>, at?: string): void => {
  revocations.add(list, at);
  const ended = new Set(list.sessionIds);
  const versions = new Map(list.staleVersions?.map(({ userId, version }) => [userId as string, version]));
  const keys = new Set(list.keyIds);
  for (const connection of connections.all()) {
    const { sessionId, userId, version, keyId } = connection;
    if (ended.has(sessionId)) closeConnection(connections, connection, 'revoked');
    // A ticket has no version and no key: its token may have had the former rights or a revoked key.
    else if (
      (version ?? -1) < (versions.get(userId) ?? -1) ||
      (keys.size > 0 && (keyId === null || keys.has(keyId)))
    )
      closeConnection(connections, connection, 'access_changed');
  }
};

/**
 * Why a socket may not be opened, or null. A ticket is deleted when its user's rights change, so it has the
 * newest version; all tickets are deleted when keys are revoked.
 */
export const verdictOn = (
  { revocations }: State,
  { userId, sessionId, version, keyId }: Access,
): Verdict | Promise<Verdict> =>
  revocations.verdict({ userId, sessionId, version: version ?? Number.MAX_SAFE_INTEGER, keyId });

const closeBy = (verdict: Verdict, { connections }: State, connection: Connection): void => {
  if (!verdict) return;
  closeConnection(connections, connection, verdict === 'session_ended' ? 'revoked' : 'access_changed');
};

/** Closes a socket that was revoked between its authentication and its registration. */
export const closeIfRevoked = (state: State, connection: Connection): void => {
  const verdict = verdictOn(state, connection);
  if (!(verdict instanceof Promise)) return closeBy(verdict, state, connection);
  verdict
    .then((known) => closeBy(known, state, connection))
    // The list of revocations cannot be loaded; once it is, `closeRevoked` checks all sockets.
    .catch(() => undefined);
};

/**
 * Loads the revocations from auth and closes the sockets that were revoked while the bus was disconnected.
 */
export const closeRevoked = async (state: State): Promise<void> => {
  const { revocations, connections } = state;
  await revocations.load();
  for (const connection of connections.all()) {
    const { userId, sessionId, version, keyId } = connection;
    const verdict = revocations.verdict({ userId, sessionId, version: version ?? -1, keyId });
    // Disconnected again: this runs again after the next reconnect.
    if (verdict instanceof Promise) return verdict.then(() => undefined).catch(() => undefined);
    closeBy(verdict, state, connection);
  }
};
