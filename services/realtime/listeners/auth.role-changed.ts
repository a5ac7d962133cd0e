import { listen } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import { tell } from '../messages/tell.ts';
import { dropTickets } from '../persistence/tickets.ts';
import type { RealtimeRoom } from '../realtime-room.ts';
import { revoke } from '../sockets/revoke.ts';

export const onRoleChanged = listen(
  auth.facts.roleChanged,
  async (room: RealtimeRoom, { payload: { userId, role, at }, tx }) => {
    await dropTickets(tx, { userId });
    await tell(room, tx, [], [{ to: userId, kind: 'always', content: { type: 'role_changed', role }, at }]);
  },
);

/** Sockets that were opened with the former rights are to be opened again with the new ones. */
export const onRoleChangedEverywhere = listen(
  auth.facts.roleChanged,
  async (room: RealtimeRoom, { payload: { userId, accessVersion } }) =>
    revoke(room, { outdated: [{ userId, version: accessVersion }] }),
);
