import { listen } from '../../broker/events/inbox.ts';
import { PORT_OFFSETS } from '../../broker/ports.ts';
import { defineRoom } from '../../broker/room.ts';
import { auth } from '../../shared/contracts/auth.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { cancel } from './actions/cancel.ts';
import { create } from './actions/create.ts';
import { get } from './actions/get.ts';
import { list } from './actions/list.ts';
import { payees } from './actions/payees.ts';
import { processorEvent } from './actions/processor-event.ts';
import { story } from './actions/story.ts';
import { config } from './config.ts';
import { demo } from './demo.ts';
import { startForgettingKeys } from './forget-keys.ts';
import { onUserChanged } from './listeners/auth.user-changed.ts';
import type { PaymentsState } from './payments-room.ts';
import { partyModel } from './persistence/party-model.ts';
import { createProcessor } from './processor/client.ts';
import { startDriver } from './processor/driver.ts';

export const room = defineRoom<typeof payments, typeof config, PaymentsState>({
  contract: payments,
  config,
  development: ({ port, secret }) => ({
    PROCESSOR_URL: `http://127.0.0.1:${port + PORT_OFFSETS.sandbox}`,
    STRIPE_SECRET_KEY: secret('processor key', 'sk_test_'),
    STRIPE_WEBHOOK_SECRET: secret('processor webhooks', 'whsec_'),
  }),
  database: {
    env: 'PAYMENTS_DATABASE_URL',
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: ({ PAYMENTS_POOL_SIZE }) => PAYMENTS_POOL_SIZE,
    model: partyModel,
  },
  calls: ['auth'],
  actions: { create, list, get, cancel, payees, story, processorEvent },
  listeners: [listen(auth.facts.userChanged, onUserChanged)],
  state: ({ config: { PROCESSOR_URL, STRIPE_SECRET_KEY, PROCESSOR_TIMEOUT_MS } }) => ({
    processor: createProcessor({
      url: PROCESSOR_URL,
      secretKey: STRIPE_SECRET_KEY,
      timeoutMs: PROCESSOR_TIMEOUT_MS,
    }),
    driver: { wake: () => undefined, stop: async () => undefined },
    stopForgettingKeys: () => undefined,
  }),
  started: async (payments) => {
    payments.state.driver = startDriver(payments);
    payments.state.stopForgettingKeys = startForgettingKeys(payments);
  },
  stopped: async ({ state }) => {
    state.stopForgettingKeys();
    await state.driver.stop();
    state.processor.close();
  },
  demo,
});
