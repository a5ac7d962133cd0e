import type { Revoked } from '../../broker/revocations.ts';
import { defineRoom } from '../../broker/room.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { auth } from '../../shared/contracts/auth.ts';
import { REVOKED_HINT } from '../../shared/contracts/auth-fields.ts';
import { contract, type Contract } from '../../shared/contracts/contract.ts';
import { config } from './config.ts';
import { gatewayState, startServing, type GatewayRoom } from './gateway.ts';
import { onRoleChanged } from './listeners/auth.role-changed.ts';
import { onSessionEnded } from './listeners/auth.session-ended.ts';
import { webService } from './web-service.ts';

/** The gateway answers nobody on the bus; it only calls. */
const gateway = contract('gateway', { actions: {}, facts: {} });

/** The gateway of these contracts. */
export const gatewayOf = (contracts: readonly Contract[]) =>
  defineRoom({
    contract: gateway,
    config,
    actions: {},
    calls: ['auth', ...contracts.map(({ room }) => room)],
    state: gatewayState,
    everywhere: [onSessionEnded, onRoleChanged],
    hints: {
      [REVOKED_HINT]: ({ state }: GatewayRoom, revoked: Revoked) => state.revocations.add(revoked),
    },
    deaf: ({ state }: GatewayRoom) => state.revocations.deaf(),
    hearsAgain: ({ state }: GatewayRoom) => void state.revocations.load(),
    time: async ({ call }: GatewayRoom) => (await call(auth.actions.time, {})).nowMs,
    service: (room: GatewayRoom) => webService(contracts, room),
    started: startServing,
    stopped: async ({ state }: GatewayRoom) => state.redis?.close(),
  });

export const room = gatewayOf(CONTRACTS);
