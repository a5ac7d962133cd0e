import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { tell } from '../messages/send.ts';
import { dropTickets } from '../persistence/tickets.ts';
import type { RealtimeService } from '../realtime.ts';
import { revoke } from '../sockets/revoke.ts';

export const onRoleChanged = subscribe(
  auth.events.roleChanged,
  async (service: RealtimeService, { payload: { userId, role, at }, tx }) => {
    await dropTickets(tx, { userId });
    await tell(
      service,
      tx,
      [],
      [{ to: userId, kind: 'always', content: { type: 'role_changed', role }, at }],
    );
  },
);

/** Sockets that were opened with the former rights are to be opened again with the new ones. */
export const onRoleChangedBroadcast = subscribe(
  auth.events.roleChanged,
  async (service: RealtimeService, { payload: { userId, accessVersion } }) =>
    revoke(service, { staleVersions: [{ userId, version: accessVersion }] }),
);
