import { listen } from '../../../broker/events/inbox.ts';
import { auth } from '../../../shared/contracts/auth.ts';
import type { GatewayRoom } from '../gateway.ts';

/** Tokens that still name the former role are to be renewed before they open anything. */
export const onRoleChanged = listen(auth.facts.roleChanged, async (room: GatewayRoom, { payload }) => {
  const { userId, accessVersion: version } = payload;
  room.state.revocations.add({ outdated: [{ userId, version }] });
});
