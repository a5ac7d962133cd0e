import { defineRoom } from '../../broker/room.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { SESSIONS_ENDED_HINT } from '../../shared/contracts/auth.ts';
import { contract, type Contract } from '../../shared/contracts/contract.ts';
import { loadEndedSessions } from './authentication/load-ended-sessions.ts';
import { config } from './config.ts';
import { gatewayState, type GatewayRoom } from './gateway.ts';
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
    listeners: [onSessionEnded],
    hints: {
      [SESSIONS_ENDED_HINT]: (room: GatewayRoom, payload: { sessionIds: string[] }) =>
        room.state.ended.add(payload.sessionIds),
    },
    service: (room: GatewayRoom) => webService(contracts, room),
    started: loadEndedSessions,
    missedFacts: (room: GatewayRoom) => void loadEndedSessions(room),
    stopped: async ({ state }: GatewayRoom) => state.redis?.close(),
  });

export const room = gatewayOf(CONTRACTS);
