import { listen } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { saying, tell } from '../messages/tell.ts';
import { readAdmins, savePerson } from '../persistence/people.ts';
import type { RealtimeRoom } from '../realtime-room.ts';

export const onUserChanged = listen(
  auth.facts.userChanged,
  async (room: RealtimeRoom, { payload: user, tx }) => {
    await savePerson(tx, user);
    const to = [user.id, ...(await readAdmins(tx))];
    await tell(room, tx, saying(realtime.messages.userChanged, to, { id: user.id, version: user.version }));
  },
  { latest: { key: ({ id }) => id, version: ({ version }) => version } },
);
