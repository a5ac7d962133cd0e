import { defineService } from '../../broker/process/service.ts';
import { processorSandbox } from '../../shared/contracts/processor-sandbox.ts';
import { config } from './config.ts';
import { purgeJobs } from './jobs/purge.ts';
import { startSandbox, type RunningSandbox } from './http/start.ts';

export const service = defineService<typeof processorSandbox, typeof config, RunningSandbox>({
  contract: processorSandbox,
  config,
  database: {
    env: 'SANDBOX_DATABASE_URL',
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: () => 10,
  },
  portOffset: 91,
  development: ({ portOf, secret }) => ({
    SANDBOX_PORT: String(portOf('processor-sandbox')),
    SANDBOX_SECRET_KEY: secret('processor key', 'sk_test_'),
    SANDBOX_WEBHOOK_SECRET: secret('processor webhooks', 'whsec_'),
  }),
  state: (opened) => startSandbox(opened),
  stopped: ({ state }) => state.stop(),
  jobs: purgeJobs,
  banner: ({ SANDBOX_PORT, SANDBOX_SECRET_KEY, SANDBOX_WEBHOOK_SECRET }) => [
    `  Processor      http://127.0.0.1:${SANDBOX_PORT}`,
    `    secret key   ${SANDBOX_SECRET_KEY}`,
    `    webhooks     ${SANDBOX_WEBHOOK_SECRET}`,
  ],
  actions: {},
});
