import { onSignal } from '../../../broker/calls/signals.ts';
import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { GatewayService, GatewayState } from '../gateway.ts';

const revokeKeys = (
  { revocations, signingKeys, upstreamTokens }: GatewayState,
  keyIds: readonly string[],
  at: string | undefined,
): void => {
  if (keyIds.length === 0) return;
  revocations.add({ keyIds }, at);
  signingKeys.invalidate();
  upstreamTokens.clear();
};

export const onRevoked = onSignal(
  auth.signals.revoked,
  ({ state }: GatewayService, { keyIds, at, ...list }) => {
    state.revocations.add(list, at);
    revokeKeys(state, keyIds, at);
  },
);

/** The signal arrives sooner; the event is certain to arrive. */
export const onSessionEnded = subscribe(
  auth.events.sessionEnded,
  async ({ state }: GatewayService, { payload }) => {
    state.revocations.add({ sessionIds: [payload.sessionId] }, payload.at);
  },
);

/** Access tokens with the former role are refused; the client refreshes them. */
export const onRoleChanged = subscribe(
  auth.events.roleChanged,
  async ({ state }: GatewayService, { payload: { userId, accessVersion: version, at } }) => {
    state.revocations.add({ staleVersions: [{ userId, version }] }, at);
  },
);

export const onKeysRevoked = subscribe(
  auth.events.keysRevoked,
  async ({ state }: GatewayService, { payload: { keyIds, at } }) => {
    revokeKeys(state, keyIds, at);
  },
);
