import { listen } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { noticesOfSessionEnd } from '../domain/notices.ts';
import { saying, tell } from '../messages/tell.ts';
import { dropTickets } from '../persistence/tickets.ts';
import type { RealtimeRoom } from '../realtime-room.ts';
import { revoke } from '../sockets/revoke.ts';

export const onSessionEnded = listen(auth.facts.sessionEnded, async (room: RealtimeRoom, { payload, tx }) => {
  const { userId, sessionId } = payload;
  await dropTickets(tx, { userId, sessionId });
  const messages = saying(realtime.messages.sessionsChanged, [userId], { sessionId });
  await tell(room, tx, messages, noticesOfSessionEnd(payload));
});

/** Every process closes the sockets that it has; the hint comes sooner, the fact comes for certain. */
export const onSessionEndedEverywhere = listen(
  auth.facts.sessionEnded,
  async (room: RealtimeRoom, { payload }) => revoke(room, { sessionIds: [payload.sessionId] }),
);
