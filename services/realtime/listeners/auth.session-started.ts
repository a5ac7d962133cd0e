import { listen } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { noticesOfSignIn } from '../domain/notices.ts';
import { saying, tell } from '../messages/tell.ts';
import type { RealtimeRoom } from '../realtime-room.ts';

export const onSessionStarted = listen(
  auth.facts.sessionStarted,
  async (room: RealtimeRoom, { payload, tx }) => {
    const { userId, sessionId } = payload;
    const messages = saying(realtime.messages.sessionsChanged, [userId], { sessionId });
    await tell(room, tx, messages, noticesOfSignIn(payload));
  },
);
