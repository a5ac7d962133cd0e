import * as z from 'zod/mini';
import { number, secret } from '../../broker/process/config.ts';

export const config = z.object({
  NODE_ENV: z._default(z.string(), 'development'),
  /** The card processor: Stripe's address, or the sandbox's. */
  PROCESSOR_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }),
  // There is no card form yet, so a live key could only charge test payment methods in earnest.
  STRIPE_SECRET_KEY: secret().check(
    z.regex(/^sk_test_/, {
      error: 'must start with sk_test_: live keys are refused until there is a card form',
    }),
  ),
  STRIPE_WEBHOOK_SECRET: secret().check(z.regex(/^whsec_/, { error: 'must start with whsec_' })),
  PROCESSOR_TIMEOUT_MS: number(5_000, 100, 60_000),
  /** The most that one payment may be, in minor units of its currency. */
  PAYMENTS_MAX_AMOUNT_MINOR: number(100_000_000, 1),
  PAYMENTS_POOL_SIZE: number(10, 1, 200),
  /** How many payments one process drives through the processor at once. */
  PAYMENTS_DRIVER_SLOTS: number(8, 0, 100),
});
