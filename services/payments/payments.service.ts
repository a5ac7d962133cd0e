import { defineService } from '../../broker/process/service.ts';
import { payments } from '../../shared/contracts/payments.ts';
import { cancel } from './actions/cancel.ts';
import { create } from './actions/create.ts';
import { get } from './actions/get.ts';
import { list } from './actions/list.ts';
import { listPage } from './actions/list-page.ts';
import { paymentsOf } from './actions/payments-of.ts';
import { payees } from './actions/payees.ts';
import { recentPayees } from './actions/recent-payees.ts';
import { processorWebhook } from './actions/processor-webhook.ts';
import { exportReport } from './actions/export-report.ts';
import { inspect } from './actions/inspect.ts';
import { records } from './actions/records.ts';
import { report } from './actions/report.ts';
import { timelines } from './actions/timelines.ts';
import { config } from './config.ts';
import { demo } from './demo.ts';
import { purgeJobs } from './jobs/purge.ts';
import { reportJobs } from './jobs/report-totals.ts';
import { onSettingChanged, settingsCopy } from './subscribers/admin.ts';
import { onUserChanged, userCopy } from './subscribers/auth.ts';
import { paymentsState, type PaymentsState } from './payments.ts';
import { partyModel } from './persistence/party-model.ts';
import { startDriver } from './processor/driver.ts';

const owned = { create, list, listPage, get, cancel, payees, recentPayees, report, exportReport };

export const service = defineService<typeof payments, typeof config, PaymentsState>({
  contract: payments,
  config,
  development: ({ portOf, secret }) => ({
    PROCESSOR_URL: `http://127.0.0.1:${portOf('processor-sandbox')}`,
    STRIPE_SECRET_KEY: secret('processor key', 'sk_test_'),
    STRIPE_WEBHOOK_SECRET: secret('processor webhooks', 'whsec_'),
  }),
  database: {
    env: 'PAYMENTS_DATABASE_URL',
    migrations: new URL('./migrations/', import.meta.url),
    poolSize: ({ PAYMENTS_POOL_SIZE }) => PAYMENTS_POOL_SIZE,
    model: partyModel,
  },
  calls: ['admin', 'auth'],
  copies: [userCopy, settingsCopy],
  actions: { ...owned, timelines, paymentsOf, records, inspect, processorWebhook },
  subscribers: [onUserChanged, onSettingChanged],
  jobs: [...purgeJobs, ...reportJobs],
  state: paymentsState,
  workers: (payments) => [startDriver(payments)],
  stopped: async ({ state }) => state.processor.close(),
  demo,
});
