import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { noticesOfLockout } from '../domain/notices.ts';
import { saying, tell } from '../messages/send.ts';
import { readAdmins } from '../persistence/users.ts';
import type { RealtimeService } from '../realtime.ts';

export const onSignInLocked = subscribe(
  auth.events.signInLocked,
  async (service: RealtimeService, { payload, tx }) => {
    const { subject } = payload;
    const messages = saying(realtime.messages.lockoutsChanged, await readAdmins(tx), { subject });
    await tell(service, tx, messages, noticesOfLockout(payload));
  },
);
