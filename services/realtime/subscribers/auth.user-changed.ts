import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { saying, tell } from '../messages/send.ts';
import { readAdmins, savePerson } from '../persistence/users.ts';
import type { RealtimeService } from '../realtime.ts';

export const onUserChanged = subscribe(
  auth.events.userChanged,
  async (service: RealtimeService, { payload: user, tx }) => {
    await savePerson(tx, user);
    const to = [user.id, ...(await readAdmins(tx))];
    await tell(
      service,
      tx,
      saying(realtime.messages.userChanged, to, { id: user.id, version: user.version }),
    );
  },
  { latest: { key: ({ id }) => id, version: ({ version }) => version } },
);
