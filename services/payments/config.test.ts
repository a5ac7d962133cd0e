import { readConfig } from '../../broker/process/config.ts';
import { config } from './config.ts';

const [OLD, NEW] = ['whsec_old_0123456789', 'whsec_new_0123456789'];
const read = (env: Record<string, string>) =>
  readConfig(config, {
    PROCESSOR_URL: 'https://api.stripe.com',
    STRIPE_SECRET_KEY: 'sk_test_0123456789abcdef',
    STRIPE_WEBHOOK_SECRET: OLD,
    ...env,
  });

test.each([
  [OLD, [OLD]],
  [`${NEW}, ${OLD}`, [NEW, OLD]],
])('the webhook secrets %j are %j', (given, secrets) => {
  expect(read({ STRIPE_WEBHOOK_SECRET: given }).config?.STRIPE_WEBHOOK_SECRET).toEqual(secrets);
});

test.each(['', 'secret_0123456789abcdef', `${OLD},`, `${OLD} ${NEW}`, `${OLD},${NEW},${OLD}`])(
  'with the webhook secrets %j the service does not start',
  (given) => {
    const [problem = ''] = read({ STRIPE_WEBHOOK_SECRET: given }).problems;
    expect(problem).toMatch(/^STRIPE_WEBHOOK_SECRET must /);
    expect(problem).not.toContain('0123456789');
  },
);

test('a limit in minor units of all currencies is refused by name, not ignored', () => {
  const { problems } = read({ PAYMENTS_MAX_AMOUNT_MINOR: '500000' });
  expect(problems).toEqual([expect.stringMatching(/^PAYMENTS_MAX_AMOUNT_MINOR is gone: /)]);
});

test.each([
  ['production', 'https://api.stripe.com', true],
  ['production', 'http://127.0.0.1:3091', true],
  ['production', 'http://localhost:3091', true],
  ['production', 'http://processor.internal:3091', false],
  ['production', 'http://127.0.0.1.example.com', false],
  ['development', 'http://processor.internal:3091', true],
])('in %s the processor %s is accepted: %s', (NODE_ENV, PROCESSOR_URL, accepted) => {
  expect(read({ NODE_ENV, PROCESSOR_URL }).problems).toEqual(
    accepted ? [] : ['PROCESSOR_URL must be https in production, except to this machine'],
  );
});

test('a system for tests may reach its processor sandbox on another machine without https', () => {
  const env = { NODE_ENV: 'production', TEST_SYSTEM: 'true', PROCESSOR_URL: 'http://sandbox:3091' };
  expect(read(env).problems).toEqual([]);
});
