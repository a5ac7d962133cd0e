import { defineService } from '../../broker/process/service.ts';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { auth } from '../../shared/contracts/auth/auth.ts';
import { contract, type Contract } from '../../shared/contracts/contract.ts';
import { configFor } from './config.ts';
import { gatewayState, type GatewayService } from './gateway.ts';
import { startServing } from './http/server.ts';
import { webService } from './http/web-service.ts';
import { onKeysRevoked, onRevoked, onRoleChanged, onSessionEnded } from './subscribers/auth.ts';

/** The gateway has no actions on the bus; it only calls those of other services. */
const gateway = contract('gateway', { actions: {}, events: {} });

/** A gateway that serves the routes of these contracts. */
export const gatewayOf = (contracts: readonly Contract[]) =>
  defineService({
    contract: gateway,
    config: configFor(contracts),
    actions: {},
    calls: ['auth', ...contracts.map(({ service }) => service)],
    state: gatewayState,
    broadcast: [onSessionEnded, onRoleChanged, onKeysRevoked],
    signals: [onRevoked],
    disconnected: ({ state }: GatewayService) => state.revocations.disconnected(),
    resubscribed: ({ state }: GatewayService) => void state.revocations.load(),
    optionalChecks: ({ state }: GatewayService) =>
      new Map([
        ...[...state.upstreams].map(([prefix, probe]) => [`upstream of ${prefix}`, probe] as const),
        ...(state.redis ? [['Redis', state.redis.check] as const] : []),
      ]),
    time: async ({ call }: GatewayService) => (await call(auth.actions.time, {})).nowMs,
    moleculer: (service: GatewayService) => webService(contracts, service),
    started: startServing,
    stopped: async ({ state }: GatewayService) => {
      state.unwatch();
      state.redis?.close();
    },
  });

export const service = gatewayOf(CONTRACTS);
