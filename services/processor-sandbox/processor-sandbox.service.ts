import { defineRoom } from '../../broker/room.ts';
import { processorSandbox } from '../../shared/contracts/processor-sandbox.ts';
import { config } from './config.ts';
import { startSandbox, type RunningSandbox } from './start.ts';

export const room = defineRoom<typeof processorSandbox, typeof config, RunningSandbox>({
  contract: processorSandbox,
  config,
  database: {
    env: 'SANDBOX_DATABASE_URL',
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: () => 10,
  },
  development: ({ secret }) => ({
    SANDBOX_SECRET_KEY: secret('processor key', 'sk_test_'),
    SANDBOX_WEBHOOK_SECRET: secret('processor webhooks', 'whsec_'),
  }),
  state: (opened) => startSandbox(opened),
  stopped: ({ state }) => state.stop(),
  actions: {},
});
