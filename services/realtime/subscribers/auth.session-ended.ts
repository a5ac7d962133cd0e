import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { noticesOfSessionEnd } from '../domain/notices.ts';
import { saying, tell } from '../messages/send.ts';
import { dropTickets } from '../persistence/tickets.ts';
import type { RealtimeService } from '../realtime.ts';
import { revoke } from '../sockets/revoke.ts';

export const onSessionEnded = subscribe(
  auth.events.sessionEnded,
  async (service: RealtimeService, { payload, tx }) => {
    const { userId, sessionId } = payload;
    await dropTickets(tx, { userId, sessionId });
    const messages = saying(realtime.messages.sessionsChanged, [userId], { sessionId });
    await tell(service, tx, messages, noticesOfSessionEnd(payload));
  },
);

/** Every process closes the sockets that it has; the signal comes sooner, the event comes for certain. */
export const onSessionEndedBroadcast = subscribe(
  auth.events.sessionEnded,
  async (service: RealtimeService, { payload }) => revoke(service, { sessionIds: [payload.sessionId] }),
);
