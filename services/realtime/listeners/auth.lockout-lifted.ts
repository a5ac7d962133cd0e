import { listen } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { saying, tell } from '../messages/tell.ts';
import { readAdmins } from '../persistence/people.ts';
import type { RealtimeRoom } from '../realtime-room.ts';

export const onLockoutLifted = listen(
  auth.facts.lockoutLifted,
  async (room: RealtimeRoom, { payload: { subject }, tx }) =>
    tell(room, tx, saying(realtime.messages.lockoutsChanged, await readAdmins(tx), { subject })),
);
