import { readConfig } from '../../broker/process/config.ts';
import { config } from './config.ts';

const SECRETS = { SANDBOX_SECRET_KEY: 'sk_test_12345678', SANDBOX_WEBHOOK_SECRET: 'whsec_12345678' };

it.each([
  [{}, true],
  [{ SANDBOX_WEBHOOK_EVENTS: 'charge.refunded' }, false],
  [{ DEMO_RUN: 'true' }, false],
])('with %j a succeeded payment sends a webhook for a payment: %s', (env, isSent) => {
  const { config: read } = readConfig(config, { ...SECRETS, ...env });
  expect(read?.isWanted('payment_intent.succeeded')).toBe(isSent);
});
