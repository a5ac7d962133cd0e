import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { saying, tell } from '../messages/send.ts';
import { readAdmins } from '../persistence/users.ts';
import type { RealtimeService } from '../realtime.ts';

export const onLockoutLifted = subscribe(
  auth.events.lockoutLifted,
  async (service: RealtimeService, { payload: { subject }, tx }) =>
    tell(service, tx, saying(realtime.messages.lockoutsChanged, await readAdmins(tx), { subject })),
);
