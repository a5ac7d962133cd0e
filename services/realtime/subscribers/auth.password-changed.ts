import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { tell } from '../messages/send.ts';
import type { RealtimeService } from '../realtime.ts';

export const onPasswordChanged = subscribe(
  auth.events.passwordChanged,
  async (service: RealtimeService, { payload: { userId: to, at }, tx }) =>
    tell(service, tx, [], [{ to, kind: 'always', content: { type: 'password_changed' }, at }]),
);
