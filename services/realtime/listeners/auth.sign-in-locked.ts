import { listen } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { noticesOfLockout } from '../domain/notices.ts';
import { saying, tell } from '../messages/tell.ts';
import { readAdmins } from '../persistence/people.ts';
import type { RealtimeRoom } from '../realtime-room.ts';

export const onSignInLocked = listen(auth.facts.signInLocked, async (room: RealtimeRoom, { payload, tx }) => {
  const { subject } = payload;
  const messages = saying(realtime.messages.lockoutsChanged, await readAdmins(tx), { subject });
  await tell(room, tx, messages, noticesOfLockout(payload));
});
