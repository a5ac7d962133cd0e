import { onSignal } from '../../../broker/calls/signals.ts';
import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { GatewayService } from '../gateway.ts';

export const onRevoked = onSignal(auth.signals.revoked, ({ state }: GatewayService, list) =>
  state.revocations.add(list),
);

/** The signal arrives sooner; the event is certain to arrive. */
export const onSessionEnded = subscribe(
  auth.events.sessionEnded,
  async ({ state }: GatewayService, { payload }) => {
    state.revocations.add({ sessionIds: [payload.sessionId] });
  },
);

/** Access tokens with the former role are refused; the client refreshes them. */
export const onRoleChanged = subscribe(
  auth.events.roleChanged,
  async ({ state }: GatewayService, { payload: { userId, accessVersion: version } }) => {
    state.revocations.add({ staleVersions: [{ userId, version }] });
  },
);

export const onKeysRevoked = subscribe(
  auth.events.keysRevoked,
  async ({ state }: GatewayService, { payload: { keyIds } }) => {
    state.revocations.add({ keyIds });
  },
);
