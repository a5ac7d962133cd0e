import { subscribe } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { GatewayService } from '../gateway.ts';

/** Tokens that still name the former role are to be renewed before they open anything. */
export const onRoleChanged = subscribe(
  auth.events.roleChanged,
  async (service: GatewayService, { payload }) => {
    const { userId, accessVersion: version } = payload;
    service.state.revocations.add({ staleVersions: [{ userId, version }] });
  },
);
