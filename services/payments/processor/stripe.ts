import { createRequire } from 'node:module';
import type { Stripe } from 'stripe';

export type { Stripe };

/** Stripe's package as CommonJS: as 218 ECMAScript modules it takes 10 MB and a tenth of a second more. */
export const StripeClient = createRequire(import.meta.url)('stripe') as typeof Stripe;
