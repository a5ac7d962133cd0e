import type { Revoked } from '../../broker/calls/revocations.ts';
import { defineService } from '../../broker/process/service.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { REVOKED_SIGNAL } from '../../shared/contracts/auth/fields.ts';
import { contract, type Contract } from '../../shared/contracts/contract.ts';
import { config } from './config.ts';
import { gatewayState, startServing, type GatewayService } from './gateway.ts';
import { onRoleChanged } from './subscribers/auth.role-changed.ts';
import { onSessionEnded } from './subscribers/auth.session-ended.ts';
import { webService } from './web-service.ts';

/** The gateway answers nobody on the bus; it only calls. */
const gateway = contract('gateway', { actions: {}, events: {} });

/** The gateway of these contracts. */
export const gatewayOf = (contracts: readonly Contract[]) =>
  defineService({
    contract: gateway,
    config,
    actions: {},
    calls: ['auth', ...contracts.map(({ service }) => service)],
    state: gatewayState,
    broadcast: [onSessionEnded, onRoleChanged],
    signals: {
      [REVOKED_SIGNAL]: ({ state }: GatewayService, revoked: Revoked) => state.revocations.add(revoked),
    },
    disconnected: ({ state }: GatewayService) => state.revocations.disconnected(),
    resubscribed: ({ state }: GatewayService) => void state.revocations.load(),
    time: async ({ call }: GatewayService) => (await call(auth.actions.time, {})).nowMs,
    moleculer: (service: GatewayService) => webService(contracts, service),
    started: startServing,
    stopped: async ({ state }: GatewayService) => state.redis?.close(),
  });

export const service = gatewayOf(CONTRACTS);
