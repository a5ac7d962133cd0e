import { listen } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import type { GatewayRoom } from '../gateway.ts';

/** The hint comes sooner; the fact comes for certain. */
export const onSessionEnded = listen(auth.facts.sessionEnded, async (room: GatewayRoom, { payload }) => {
  room.state.revocations.add({ sessionIds: [payload.sessionId] });
});
