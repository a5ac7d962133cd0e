import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { noticesOfSignIn } from '../domain/notices.ts';
import { saying, tell } from '../messages/send.ts';
import type { RealtimeService } from '../realtime.ts';

export const onSessionStarted = subscribe(
  auth.events.sessionStarted,
  async (service: RealtimeService, { payload, tx }) => {
    const { userId, sessionId } = payload;
    const messages = saying(realtime.messages.sessionsChanged, [userId], { sessionId });
    await tell(service, tx, messages, noticesOfSignIn(payload));
  },
);
