import * as z from 'zod/mini';
import { isLoopback, number, secret, testSystem } from '../../broker/process/config.ts';

/** One secret, or two while a new one replaces the old: a webhook signed with either is accepted. */
const webhookSecrets = z.pipe(
  secret().check(
    z.regex(/^whsec_[^\s,]+(\s*,\s*whsec_[^\s,]+)?$/, {
      error: 'must be a secret that starts with whsec_, or two with a comma between them',
    }),
  ),
  z.transform((text) => text.split(',').map((part) => part.trim())),
);

const settings = z.object({
  ...testSystem,
  /** The card processor: Stripe's address, or the sandbox's. */
  PROCESSOR_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
  // There is no card form yet, so a live key could only charge test payment methods in earnest.
  STRIPE_SECRET_KEY: secret().check(
    z.regex(/^sk_test_/, {
      error: 'must start with sk_test_: live keys are refused until there is a card form',
    }),
  ),
  STRIPE_WEBHOOK_SECRET: webhookSecrets,
  PROCESSOR_TIMEOUT_MS: number(5_000, 100, 60_000),
  // A lower limit of before must not get lost in silence.
  PAYMENTS_MAX_AMOUNT_MINOR: z.optional(
    z.never({ error: 'is gone: each currency has limits, in shared/contracts/currencies.ts. Remove it' }),
  ),
  PAYMENTS_POOL_SIZE: number(10, 1, 200),
  /** How many payments one process drives through the processor at once. */
  PAYMENTS_DRIVER_SLOTS: number(8, 0, 100),
});

/**
 * Payments and their state travel over this connection, so in production it is encrypted or stays local. A
 * system for tests may reach the sandbox on another machine.
 */
export const config = settings.check(
  z.refine(
    ({ NODE_ENV, TEST_SYSTEM, PROCESSOR_URL: url }) =>
      NODE_ENV !== 'production' || TEST_SYSTEM || url.startsWith('https:') || isLoopback(url),
    { path: ['PROCESSOR_URL'], error: 'must be https in production, except to this machine' },
  ),
);
