import { defineService } from '../../broker/process/service.ts';
import { poc2Bridge } from '../../shared/contracts/poc2-bridge.ts';
import { config } from './config.ts';
import { purgeJobs } from './jobs/purge.ts';
import { bridgeState } from './poc2-bridge.ts';
import { startReceiver } from './redis/receiver.ts';
import { startSender } from './redis/sender.ts';
import type { Connections } from './redis/connections.ts';
import { adminSubscribers } from './subscribers/admin.ts';
import { authSubscribers } from './subscribers/auth.ts';
import { paymentsSubscribers } from './subscribers/payments.ts';
import { bridgeSubscribers } from './subscribers/poc2-bridge.ts';

export const service = defineService<typeof poc2Bridge, typeof config, Connections>({
  contract: poc2Bridge,
  onlyWith: 'POC2_BRIDGE_REDIS_URL',
  config,
  database: {
    env: 'POC2_BRIDGE_DATABASE_URL',
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: ({ POC2_BRIDGE_POOL_SIZE }) => POC2_BRIDGE_POOL_SIZE,
  },
  actions: {},
  calls: ['auth'],
  subscribers: [...authSubscribers, ...paymentsSubscribers, ...adminSubscribers, ...bridgeSubscribers],
  state: bridgeState,
  workers: (bridge) => [startReceiver(bridge), startSender(bridge)],
  jobs: purgeJobs,
  optionalChecks: ({ state }) => new Map([["POC-2's Redis", state.check]]),
  stopped: async ({ state }) => state.close(),
});
