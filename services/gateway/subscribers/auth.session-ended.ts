import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { GatewayService } from '../gateway.ts';

/** The signal comes sooner; the event comes for certain. */
export const onSessionEnded = subscribe(
  auth.events.sessionEnded,
  async (service: GatewayService, { payload }) => {
    service.state.revocations.add({ sessionIds: [payload.sessionId] });
  },
);
