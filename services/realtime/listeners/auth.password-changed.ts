import { listen } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import { tell } from '../messages/tell.ts';
import type { RealtimeRoom } from '../realtime-room.ts';

export const onPasswordChanged = listen(
  auth.facts.passwordChanged,
  async (room: RealtimeRoom, { payload: { userId: to, at }, tx }) =>
    tell(room, tx, [], [{ to, kind: 'always', content: { type: 'password_changed' }, at }]),
);
